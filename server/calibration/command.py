"""`vivavoce calibrate`: the labelled answers, ratings out of a file, the comparison, reruns."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.exc import OperationalError, ProgrammingError

from scoring.agreement import Agreement, Statistic
from scoring.calibration import Label, load_labelled, load_questions
from scoring.calibration_ratings import parse_ratings
from server.calibration.errors import RatingsUnreadable
from server.calibration.labelled import judge_labelled
from server.calibration.options import CalibrateOptions
from server.calibration.reruns import Reruns, rerun
from server.calibration.schemas import ComparedView, ComparisonView, LabelledView
from server.calibration.service import Calibrations
from server.kit.bodies import AnswerBody
from server.reports.judging import open_model_judge
from sessions.errors import InputInvalid, StartupFailed
from sessions.infra.db import Database
from sessions.plan import Question
from sessions.ports import Clock
from sessions.settings import Settings

MAX_FILE_BYTES = 10_000_000
NO_JUDGE = (
    "No model judges interviews, so there is nothing to run again: reports.judge is empty. "
    "Name an endpoint with an llm_model there, in config.yaml; see docs/judges.md."
)
WRONG_USAGE = 2

Number = Callable[[float], str]


def run_labelled(*, as_json: bool, bank: Iterable[Question] | None = None) -> int:
    """Judges the labelled answers, writes what came out to standard output, and gives the exit
    code: 0 when every order holds, 1 when not. `bank`: the questions; None: the bank's own files.
    """
    found = judge_labelled(bank)
    _write(_as_json(found) if as_json else labelled_table(found))
    return 0 if found.holds else 1


async def run_stored(database: Database, clock: Clock, options: CalibrateOptions) -> int:
    """What needs the database. Raises StartupFailed when it was not migrated."""
    calibrations = Calibrations(database, clock)
    try:
        if options.ratings is not None:
            return await run_import(
                calibrations, options.ratings, is_blind=options.is_blind, as_json=options.as_json
            )
        return await run_comparison(calibrations, as_json=options.as_json)
    except (OperationalError, ProgrammingError) as exc:
        raise StartupFailed(
            f"The stored ratings cannot be used: {exc.orig}.",
            hint="Run `vivavoce migrate`, then try again.",
        ) from exc


async def run_import(
    calibrations: Calibrations, file: Path, *, is_blind: bool, as_json: bool
) -> int:
    """Raises RatingsUnreadable, InputInvalid; of several faulty lines each is on standard error by
    then."""
    text = await asyncio.to_thread(_read, file)
    try:
        ratings = await asyncio.to_thread(parse_ratings, text)
        taken = await calibrations.take(ratings, is_blind=is_blind)
    except InputInvalid as exc:
        if len(exc.fields) > 1:  # one alone is in the error's own sentence
            sys.stderr.writelines(f"{line}: {fault}\n" for line, fault in exc.fields.items())
        raise
    compared = await calibrations.compare_all()
    if as_json:
        counts = {"added": taken.added, "unchanged": taken.unchanged}
        _write(_as_json(compared.model_copy(update=counts)))
        return 0
    _write(f"Ratings: {taken.added} added, {taken.unchanged} unchanged.\n\n")
    _write(comparison_table(compared))
    return 0


async def run_comparison(calibrations: Calibrations, *, as_json: bool) -> int:
    compared = await calibrations.compare_all()
    _write(_as_json(compared) if as_json else comparison_table(compared))
    return 0


async def run_reruns(settings: Settings, runs: int, *, as_json: bool) -> int:
    """2 when no model is configured. Raises SettingsInvalid, CalibrationInvalid."""
    reports = settings.reports
    judge = open_model_judge(
        reports.judge,
        reports.judge_raters,
        settings.endpoints,
        timeout_s=reports.judge_timeout_s,
        key="reports.judge",
    )
    if judge is None:
        sys.stderr.write(f"{NO_JUDGE}\n")
        return WRONG_USAGE
    labelled = await asyncio.to_thread(load_labelled)
    bank = await asyncio.to_thread(load_questions, labelled)
    try:
        found = await rerun(judge, labelled, bank, runs=runs)
    finally:
        await judge.aclose()
    _write(json.dumps(asdict(found), indent=2) + "\n" if as_json else reruns_text(found))
    return 0 if found.answers else 1


def labelled_table(found: LabelledView) -> str:
    """`-` where an answer got no score."""
    width = max((len(one.id) for one in found.questions), default=0)
    labels = [label.value.replace("_", "-") for label in Label]
    lines = [" ".join(("question".ljust(width), *(f"{name:>9}" for name in labels), " order"))]
    for one in found.questions:
        values = [one.scores[label].value for label in Label]
        cells = ["-" if value is None else f"{value:.1f}" for value in values]
        order = " holds" if one.holds else " BROKEN"
        lines.append(" ".join((one.id.ljust(width), *(f"{cell:>9}" for cell in cells), order)))
        lines.extend(f"  {fault}" for fault in one.faults)
    lines.append(
        f"The order holds for {found.held} of {len(found.questions)} questions ({found.judge})."
    )
    return "\n".join(lines) + "\n"


def comparison_table(found: ComparedView) -> str:
    parts = [
        _table("Rated before the report was read", found.blind),
        _table("Rated with the report read, or not known", found.others),
    ]
    return "\n".join(parts)


def _table(title: str, found: ComparisonView) -> str:
    """`-` where a number is not defined; why is said below, by the name of the row."""
    rows = [("all", found.overall)]
    rows += [(f"competency {name}", one) for name, one in found.by_competency.items()]
    rows += [(f"rater {name}", one) for name, one in found.by_rater.items()]
    width = max(len(name) for name, _ in rows)
    lines = [
        title,
        f"{'':<{width}} {'n':>6} {'kappa':>7} {'exact':>7} {'adjacent':>9} {'mean diff':>10}",
    ]
    for name, one in rows:
        lines.append(
            f"{name:<{width}} {one.n:>6} {_said(one.kappa, _plain):>7} "
            f"{_said(one.exact, _per_cent):>7} {_said(one.adjacent, _per_cent):>9} "
            f"{_said(one.mean_difference, _signed):>10}"
        )
    lines += [f"  {name}: {reason}" for name, reason in _reasons(rows)]
    if found.unrated:
        lines.append(f"  Without a rating of the machine, and left out: {found.unrated}.")
    if found.withheld:
        lines.append(f"  Not enough to go by, as people found: {found.withheld}.")
    return "\n".join(lines) + "\n"


def _reasons(rows: Sequence[tuple[str, Agreement]]) -> list[tuple[str, str]]:
    return [(name, one.kappa.reason) for name, one in rows if one.kappa.reason]


def reruns_text(found: Reruns) -> str:
    stability = found.stability
    lines = [
        f"Model: {', '.join(found.models) or 'none answered'}; {found.requests} requests answered.",
        f"Answers judged {stability.runs} times: {found.answers}; ratings: {stability.n}.",
        f"The same in all runs: {_told(stability.identical, _per_cent)}",
        f"Kappa between runs: {_told(stability.kappa, _plain)}",
    ]
    if found.left_out:
        lines.append(f"Left out, because a request failed: {found.left_out} answers.")
    return "\n".join(lines) + "\n"


def _said(found: Statistic, number: Number) -> str:
    return "-" if found.value is None else number(found.value)


def _told(found: Statistic, number: Number) -> str:
    return f"not known. {found.reason}" if found.value is None else number(found.value)


def _plain(value: float) -> str:
    return f"{value:.2f}"


def _signed(value: float) -> str:
    return f"{value:+.2f}"


def _per_cent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _as_json(found: AnswerBody) -> str:
    return found.model_dump_json(indent=2) + "\n"


def _write(text: str) -> None:
    sys.stdout.write(text)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise RatingsUnreadable(file=file.name, reason="it has more than 10 MB")
        return content.decode("utf-8-sig")
    except OSError as exc:
        raise RatingsUnreadable(file=file.name, reason=str(exc.strerror)) from exc
    except UnicodeDecodeError as exc:
        raise RatingsUnreadable(file=file.name, reason="it is not UTF-8") from exc
