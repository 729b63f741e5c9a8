"""Rubrics: the files Vivavoce comes with, how strictly a file is read, and its hash."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoring.rubric import (
    RUBRICS_FOLDER,
    Dimension,
    RubricInvalid,
    load_rubrics,
    rubric_for,
)
from sessions.plan import Difficulty, InterviewType
from tests.scoring.bank import bank_files, load_bank

EVERY = [(type, level) for type in InterviewType for level in Difficulty]

UNFAIR = re.compile(
    r"\b(?:accents?|fluen\w+|confiden\w+|enthusias\w+|energ\w+|charism\w+|passion\w*|smil\w+|"
    r"tone|voice|nervous\w*|hesita\w+|personalit\w+|attitude|polite\w*|friendl\w+|cultur\w+|"
    r"native|grammar|pronunciation|emotion\w*|humou?r|calm\w*|age|gender)\b",
    re.IGNORECASE,
)
"""Of delivery, emotion, origin and personality no rating may speak."""


@pytest.mark.parametrize(("type", "level"), EVERY)
def test_every_type_has_a_rubric_at_every_level(type: InterviewType, level: Difficulty) -> None:
    rubric = rubric_for(type, level)

    assert (rubric.type, rubric.level) == (type, level)
    assert 4 <= len(rubric.competencies) <= 6
    assert sum(one.weight for one in rubric.competencies) == 100
    assert all(list(one.anchors) == [1, 2, 3, 4, 5] for one in rubric.competencies)
    assert Dimension.COMMUNICATION in {one.dimension for one in rubric.competencies}


def test_what_is_expected_differs_from_level_to_level() -> None:
    for type in InterviewType:
        rubrics = [rubric_for(type, level) for level in Difficulty]
        for same in zip(*(rubric.competencies for rubric in rubrics), strict=True):
            assert len({one.id for one in same}) == 1
            assert len({one.expected for one in same}) == len(Difficulty)
        assert len({rubric.sha256 for rubric in rubrics}) == len(Difficulty)


def test_every_competency_of_the_bank_counts_in_its_type() -> None:
    unknown = {
        (question.type.value, slug)
        for path in bank_files()
        for question in load_bank(path)
        for slug in question.competencies
        if not any(
            slug in one.counts for one in rubric_for(question.type, Difficulty.EASY).competencies
        )
    }

    assert unknown == set()


def test_no_anchor_speaks_of_delivery_or_of_the_person() -> None:
    for type in InterviewType:
        for one in rubric_for(type, Difficulty.EASY).competencies:
            for text in (one.name, one.definition, *one.anchors.values()):
                assert not UNFAIR.search(text), (type, one.id, text)
    for type, level in EVERY:
        for one in rubric_for(type, level).competencies:
            assert not UNFAIR.search(one.expected), (type, level, one.id)


def test_every_anchor_is_written_once() -> None:
    texts = [
        text
        for type in InterviewType
        for one in rubric_for(type, Difficulty.EASY).competencies
        for text in one.anchors.values()
    ]

    assert len(texts) == len(set(texts))


def test_the_anchor_of_a_rating_between_two_is_the_lower() -> None:
    one = rubric_for(InterviewType.DSA, Difficulty.HARD).competencies[0]

    assert one.anchor_near(3.9) == one.anchors[3]
    assert one.anchor_near(1.0) == one.anchors[1]
    assert one.anchor_near(5.0) == one.anchors[5]


# -- the hash --------------------------------------------------------------------------------------


def test_the_hash_is_the_same_however_the_file_is_laid_out(tmp_path: Path) -> None:
    data = _data()
    _write(tmp_path, data)
    laid_out = load_rubrics(tmp_path)[(InterviewType.DSA, Difficulty.HARD)]

    assert laid_out.sha256 == rubric_for(InterviewType.DSA, Difficulty.HARD).sha256
    assert re.fullmatch(r"[0-9a-f]{64}", laid_out.sha256)


@pytest.mark.parametrize("part", ["definition", "name", "expected", "anchor", "weight", "version"])
def test_the_hash_changes_with_any_word(tmp_path: Path, part: str) -> None:
    data = _data()
    first, second = data["competencies"][:2]
    match part:
        case "expected":
            first["expected"]["hard"] += " More."
        case "anchor":
            first["anchors"][4] += " More."
        case "weight":
            first["weight"] += 1
            second["weight"] -= 1
        case "version":
            data["version"] += 1
        case _:
            first[part] += " More."
    _write(tmp_path, data)
    changed = load_rubrics(tmp_path)[(InterviewType.DSA, Difficulty.HARD)]

    assert changed.sha256 != rubric_for(InterviewType.DSA, Difficulty.HARD).sha256


def test_a_word_for_another_level_does_not_change_the_hash(tmp_path: Path) -> None:
    data = _data()
    data["competencies"][0]["expected"]["easy"] += " More."
    _write(tmp_path, data)
    rubrics = load_rubrics(tmp_path)

    changed = {
        level
        for level in Difficulty
        if rubrics[(InterviewType.DSA, level)].sha256 != rubric_for(InterviewType.DSA, level).sha256
    }
    assert changed == {Difficulty.EASY}


# -- files that are wrong --------------------------------------------------------------------------


Raw = dict[str, Any]


def _break_weights(data: Raw) -> None:
    data["competencies"][0]["weight"] += 1


def _drop_anchor(data: Raw) -> None:
    del data["competencies"][0]["anchors"][3]


def _repeat_anchor(data: Raw) -> None:
    anchors = data["competencies"][0]["anchors"]
    anchors[3] = anchors[4]


def _add_anchor(data: Raw) -> None:
    data["competencies"][0]["anchors"][6] = "More than anybody has ever said about it."


def _drop_level(data: Raw) -> None:
    del data["competencies"][0]["expected"]["hard"]


def _repeat_expected(data: Raw) -> None:
    expected = data["competencies"][0]["expected"]
    expected["hard"] = expected["easy"]


def _repeat_id(data: Raw) -> None:
    data["competencies"][1]["id"] = data["competencies"][0]["id"]


def _misspell(data: Raw) -> None:
    data["competencies"][0]["defnition"] = data["competencies"][0].pop("definition")


def _rename_dimension(data: Raw) -> None:
    data["competencies"][0]["dimension"] = "charm"


def _rename_type(data: Raw) -> None:
    data["type"] = "javascript"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_break_weights, "101"),
        (_drop_anchor, "1 to 5"),
        (_repeat_anchor, "own words"),
        (_add_anchor, "anchors.6"),
        (_drop_level, "expected"),
        (_repeat_expected, "same for two levels"),
        (_repeat_id, "same id"),
        (_misspell, "definition"),
        (_rename_dimension, "dimension"),
        (_rename_type, "javascript"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_reason(
    tmp_path: Path, damage: Callable[[Raw], None], reason: str
) -> None:
    data = _data()
    damage(data)
    _write(tmp_path, data)

    with pytest.raises(RubricInvalid, match=reason) as caught:
        load_rubrics(tmp_path)
    assert caught.value.file == "dsa.yaml"


@pytest.mark.parametrize("content", [b"", b"- a list", b"version: [", b"\xff\xfe\x00"])
def test_a_file_that_is_no_rubric_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "dsa.yaml").write_bytes(content)

    with pytest.raises(RubricInvalid):
        load_rubrics(tmp_path)


def test_a_folder_without_files_has_no_rubrics(tmp_path: Path) -> None:
    assert load_rubrics(tmp_path) == {}


def _data() -> Raw:
    return yaml.safe_load((RUBRICS_FOLDER / "dsa.yaml").read_text(encoding="utf-8"))


def _write(folder: Path, data: Raw) -> None:
    text = yaml.safe_dump(data, width=40, sort_keys=True, allow_unicode=True)
    (folder / "dsa.yaml").write_text(text, encoding="utf-8")
