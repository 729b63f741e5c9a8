"""The running numbers of a room: what `Feedback` tells the candidate while they speak."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.delivery import Speech, SpokenTurn
from scoring.fillers import find_fillers
from scoring.model import FillerSpan, Measure
from scoring.speech import SpeechTally, Totals, speaking_ms
from scoring.words import count_words
from sessions.facts import AnswerHeard, AnswerMeasured, Fact, Timing, Word
from sessions.protocol import Feedback


class LiveScore:
    """A fold over the room's facts. An interim costs only what the running turn holds."""

    def __init__(self) -> None:
        self._tally = SpeechTally()
        self._answer: AnswerHeard | None = None

    def receive(self, fact: Fact) -> None:
        self._tally.receive(fact)
        if isinstance(fact, AnswerHeard):
            self._answer = fact

    def feedback(self) -> Feedback:
        """Over the finished turns, and of the last of them. A number that is not fully measured
        is None, its note says why; `filler_total` then is a lower bound. Filler rates come from
        10 s of speech on, pace from turns of 10 s or more.
        """
        turn = None if self._answer is None else self._tally.turn(self._answer.turn)
        return _feedback(self._tally.totals, turn or Totals())

    def answer(self, at_ms: int) -> AnswerMeasured | None:
        """The last finished turn, with the fillers heard in it; None of a typed one, and before
        the first. Costs a few ms for minutes of speech: once an answer, not once an interim.
        """
        if self._answer is None:
            return None
        totals = self._tally.turn(self._answer.turn)
        return None if totals is None else _measured(self._answer, totals, at_ms)

    def preview(
        self,
        text: str,
        words: Sequence[Word],
        started_ms: int,
        now_ms: int,
        timing: Timing,
        *,
        fillers: Sequence[FillerSpan] | None = None,
        recogniser: str = "",
    ) -> Feedback:
        """With the running turn added as it stands now; nothing of it is kept.

        `started_ms` is when the turn began, `now_ms` when its last words were heard. `fillers` are
        those of the text, where they are known already: finding them is most of the work.
        `recogniser` is who hears it, if that is known.
        """
        if timing is Timing.NONE or not text.strip():
            return self.feedback()
        totals = self._tally.totals
        if fillers is None:
            fillers = find_fillers(
                text, words=words if timing is Timing.WORD else (), language=totals.language
            )
        running = Totals.of_turn(
            words=count_words(text),
            speaking_ms=speaking_ms(words, timing, started_ms=started_ms, ended_ms=now_ms),
            dropped_by=self._tally.dropped_by(recogniser),
            language=totals.language,
        )
        running = running.plus_fillers(
            [span.filler for span in fillers], is_paced=running.paced_ms > 0
        )
        return _feedback(totals.plus(running), running)


def _measured(answer: AnswerHeard, totals: Totals, at_ms: int) -> AnswerMeasured:
    speech = Speech([SpokenTurn(answer, totals)], totals)
    found: dict[str, Measure] = {
        "filler_total": totals.filler_total(),
        "fillers_per_minute": totals.fillers_per_minute(),
        "pace_wpm": totals.pace(),
        "articulation_rate": speech.articulation_rate(),
        "pauses": speech.pauses(),
        "pauses_inside_clauses": speech.pauses_inside_clauses(),
        "long_pauses": speech.long_pauses(),
        "longest_pause_s": speech.longest_pause(),
        "pause_ratio": speech.pause_ratio(),
        "hedges_per_100_words": speech.hedges(),
        "repetitions_per_100_words": speech.repetitions(),
        "self_repairs_per_100_words": speech.self_repairs(),
    }
    values = {name: measure.value for name, measure in found.items()}

    def count(name: str) -> int | None:
        value = values[name]
        return None if value is None else int(value)

    return AnswerMeasured(
        at_ms=at_ms,
        turn=answer.turn,
        words=totals.plain_words,
        speaking_ms=totals.speaking_ms,
        response_ms=answer.response_ms,
        filler_total=count("filler_total"),
        filler_counts=dict(sorted(totals.filler_counts.items())),
        fillers_per_minute=values["fillers_per_minute"],
        pace_wpm=values["pace_wpm"],
        articulation_rate=values["articulation_rate"],
        pauses=count("pauses"),
        pauses_inside_clauses=count("pauses_inside_clauses"),
        long_pauses=count("long_pauses"),
        longest_pause_s=values["longest_pause_s"],
        pause_ratio=values["pause_ratio"],
        hedges_per_100_words=values["hedges_per_100_words"],
        repetitions_per_100_words=values["repetitions_per_100_words"],
        self_repairs_per_100_words=values["self_repairs_per_100_words"],
        notes={name: measure.note for name, measure in found.items() if measure.note},
    )


def _feedback(totals: Totals, answer: Totals) -> Feedback:
    per_minute, pace, answer_pace = totals.fillers_per_minute(), totals.pace(), answer.pace()
    return Feedback(
        fillers=dict(totals.filler_counts),
        filler_total=totals.fillers,
        fillers_per_minute=per_minute.value,
        fillers_note=totals.filler_total().note or per_minute.note,
        pace_wpm=pace.value,
        pace_note=pace.note,
        speaking_ms=totals.speaking_ms,
        answer_fillers=answer.fillers,
        answer_fillers_per_minute=answer.fillers_per_minute().value,
        answer_words=answer.plain_words,
        answer_pace_wpm=answer_pace.value,
        answer_pace_note=answer_pace.note,
        answer_speaking_ms=answer.speaking_ms,
    )
