"""Real speech into a real browser: espeak-ng speaks two answers into Chromium's fake microphone,
pocketsphinx hears them on the server, and the page shows what was said.

The microphone's file begins to play when the page opens the microphone, so the answers are placed
in it by how long the interviewer's own sentences take to speak.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sessions.facts import AnswerHeard
from sessions.ids import InterviewId
from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_facts, read_plan
from tests.e2e.spoken import (
    END_OF_TURN_S,
    REACTION_S,
    expect_lines,
    speakable,
    speaking_time,
)
from tests.support.process import Running, run_to_end
from tests.support.speech import speak_wav

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

PAUSE_S = 1.5


async def test_two_spoken_answers_with_fillers_and_a_thinking_pause(
    listening: Running, open_browser: OpenBrowser, lines: Path, tmp_path: Path
) -> None:
    microphone = tmp_path / "answers.wav"
    async with open_browser(microphone) as context:
        person = Person(await context.new_page(), listening.url)
        await person.sign_up()
        interview_id = await person.set_up()
        plan = await read_plan(listening.data_dir, interview_id)
        first, second = plan.questions
        one, two = speakable(first.key_points[0].phrasings)[:2]
        three, four = speakable(first.key_points[1].phrasings)[:2]

        greeting_s, probe_s = await speaking_time(plan, first)
        begin, middle = f"when i was new on the team {one}", f"{two} and that was a hard week"
        end = f"{three} and {four} in the end"
        expect_lines(lines, f"um {begin} um | you know {middle}", f"um {end}")
        parts = speak_wav(
            microphone,
            [
                greeting_s + REACTION_S,
                f"um, {begin}, um,",
                PAUSE_S,  # a thinking pause: the answer is not over
                f"you know, {middle}.",
                END_OF_TURN_S + probe_s + REACTION_S,
                f"um, {end}.",
                0.6,
            ],
        )

        await person.see("start-mic").click()
        await person.agree()
        await person.wait_for_question(first.text)
        await person.wait_for_text("filler-list", "you know")
        await person.photograph("room-listening", full_page=False)
        await person.wait_for_text("probe", first.key_points[1].follow_up, limit_s=60)
        await person.wait_for_question(second.text, limit_s=60)

        spoken = " ".join(await person.captions("candidate")).lower()
        for words in (begin, middle, end):
            assert words in spoken
        assert await person.see("filler-total").inner_text() == "4"
        fillers = " ".join((await person.see("filler-list").inner_text()).split())
        assert "um 3" in fillers
        await person.photograph("room-spoken", full_page=False)
        await assert_sounded_well(person)

        report = await skip_to_report(person)
        assert "1 of 2" in report
        for words in (one, three):
            assert words in report.lower()  # quoted under the key point it covers
        assert await person.page.locator("mark").count() >= 4
        await person.photograph("report-spoken")
        assert person.errors == []

    answers = await answers_of(listening, interview_id)
    assert len(answers) == 2, "the thinking pause was taken for the end of the answer"
    # The words' times are those of the file: nothing was lost, doubled or stretched on the way.
    lasted_s = (answers[0].ended_ms - answers[0].started_ms) / 1000
    assert lasted_s == pytest.approx(parts[1].end_s - parts[0].start_s, abs=0.5)
    between_s = (answers[1].started_ms - answers[0].started_ms) / 1000
    assert between_s == pytest.approx(parts[2].start_s - parts[0].start_s, abs=0.5)


def test_the_terminal_client_speaks_a_whole_interview(
    listening: Running, lines: Path, tmp_path: Path
) -> None:
    """`vivavoce talk --say`: the same audio path, without a browser."""
    expect_lines(lines, "um i would like to skip this question")
    wav = tmp_path / "skip.wav"
    speak_wav(wav, ["um, i would like to skip this question.", 0.3], rate=16_000)
    ended = run_to_end(
        ["talk", "--server", listening.url, "--json", "--say", str(wav), "--say", str(wav)],
        tmp_path / "client",
    )
    assert ended.returncode == 0, ended.stderr
    messages = [json.loads(line) for line in ended.stdout.splitlines()]
    said = [m["text"] for m in messages if m["type"] == "caption" and m["speaker"] == "candidate"]
    assert "um i would like to skip this question" in said
    assert messages[-1]["type"] == "report"
    assert messages[-1]["url"].endswith("/report")


async def assert_sounded_well(person: Person) -> None:
    """Opus both ways, and the interviewer's voice without a gap."""
    sound = await person.sound()
    assert (sound["uplink"], sound["downlink"]) == ("opus", "opus")
    assert sound["playbackUnderruns"] == "0", sound


async def skip_to_report(person: Person) -> str:
    await person.wait_for_state("listening")
    await person.see("skip").click()
    await person.page.wait_for_url("**/report", timeout=30_000)
    return await person.page.locator("main").inner_text()


async def answers_of(running: Running, interview_id: InterviewId) -> list[AnswerHeard]:
    facts = await read_facts(running.data_dir, interview_id)
    return [fact for fact in facts if isinstance(fact, AnswerHeard)]
