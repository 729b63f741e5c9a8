"""What both sides of a spoken interview say, and how long the interviewer takes to say it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pocketsphinx

from agent.interviewer.port import Scene
from agent.interviewer.scripted import script
from agent.providers.trial import try_voice
from agent.providers.tts.espeak import EspeakTTS
from sessions.facts import InterviewPlanned, Move
from sessions.interview import Say
from sessions.plan import Question, planned_minutes
from sessions.settings import SpeechSettings

SPEECH = SpeechSettings(words_per_minute=450)  # a quick interviewer makes a short test
REACTION_S = 4.0
"""From the end of a question to the answer: more than the page and the playhead may lag."""
END_OF_TURN_S = 2.5
"""From the last word to the interviewer's reply: the recogniser's and the session's silence."""


def expect_lines(path: Path, *lines: str) -> None:
    """What the test recogniser may hear; `|` marks a pause."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def speakable(phrasings: Iterable[str]) -> list[str]:
    """The phrasings whose words the test recogniser knows, the longest first."""
    known = {
        line.split()[0]
        for line in Path(str(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")))  # pyright: ignore[reportUnknownArgumentType] -- it has no types
        .read_text(encoding="utf-8")
        .splitlines()
    }
    fitting = [
        phrasing
        for phrasing in phrasings
        if all(word in known for word in phrasing.split()) and len(phrasing.split()) > 1
    ]
    return sorted(fitting, key=len, reverse=True)


async def speaking_time(plan: InterviewPlanned, question: Question) -> tuple[float, float]:
    """Seconds the interviewer needs for the greeting with the first question, and for the probe."""
    scene = Scene(
        request=plan.request,
        index=0,
        total=len(plan.questions),
        planned_minutes=planned_minutes(plan.questions),
        skipped=None,
        utterance=1,
    )
    probe = Say(Move.PROBE, question, question.key_points[1].id)
    greeting_s = await spoken_s(script(Say(Move.GREET), scene))
    asking_s = await spoken_s(script(Say(Move.ASK, question), scene))
    return greeting_s + asking_s, await spoken_s(script(probe, scene))


async def spoken_s(text: str) -> float:
    return await try_voice(EspeakTTS(SPEECH), text, timeout_s=30) / 1000
