"""The interviewer that needs no model: every move has its sentences, varied by turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from agent.interviewer.personas import disclosing, find_persona
from agent.interviewer.port import Interviewer, Scene
from sessions.facts import Move, SkipReason
from sessions.interview import Say
from sessions.plan import InterviewType, Phase
from sessions.settings import InterviewSettings

_PASSED_OVER = {
    SkipReason.CANDIDATE: "All right, we leave that one.",
    SkipReason.SILENCE: "Let us leave that one and go on.",
    SkipReason.TIME_OVER: "Let us go on.",
}

_THANKS = "Thank you for talking with me. Your report is being put together and opens in a moment."

_LINES: dict[Move, tuple[str, ...]] = {
    Move.WAIT: ("Of course. Take your time.", "Sure, take a moment. I am listening."),
    Move.PROMPT: (
        "Take your time. Start wherever you like.",
        "No hurry. Tell me the first thing that comes to mind.",
    ),
    Move.OFFER_TYPING: (
        "If speaking does not work just now, you can type your answer in the box. "
        "Or say skip, and we move on.",
    ),
    Move.RESUME: ("Welcome back. Let us go on.", "You are back. We go on where we were."),
    Move.WRAP_UP: (
        "We have time left. Is there anything you would like to add to one of your answers? "
        "If not, just say no.",
    ),
    Move.CLOSE: (f"That was my last question. {_THANKS}",),
}

_TIME_OVER = "I have to stop here, because our time is over."

_PHASES = {
    Phase.REQUIREMENTS: "Before you go on, a word on what is asked for.",
    Phase.APPROACH: "Now to your approach.",
    Phase.DEEP_DIVE: "Let us go into one part of it.",
    Phase.TRADE_OFFS: "Now to what it costs.",
}
"""Said as a long answer is led from one phase to the next."""

_TYPES = {
    InterviewType.JAVASCRIPT: "JavaScript",
    InterviewType.MACHINE_CODING: "machine coding",
    InterviewType.DSA: "data structures and algorithms",
    InterviewType.SYSTEM_DESIGN: "system design",
    InterviewType.BEHAVIORAL: "behavioural",
    InterviewType.TECHNICAL: "technical",
    InterviewType.HR: "HR",
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class ScriptedInterviewer(Interviewer):
    name = "scripted"

    def __init__(self, settings: InterviewSettings) -> None:
        """Raises SettingsInvalid for a persona that is not known, or cannot be spoken."""
        self.persona = find_persona(settings)

    def dressed(self, scene: Scene) -> Scene:
        """The scene with the persona of the settings in it."""
        return replace(scene, persona=self.persona)

    async def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
        yield script(say, self.dressed(scene))


def script(say: Say, scene: Scene) -> str:
    """The words for a move. Also what is used when a model is slow, wrong or away."""
    match say.move:
        case Move.GREET:
            return _greeting(scene)
        case Move.ASK if say.question:
            return f"{_lead_in(scene)} {say.question.spoken}".strip()
        case Move.PROBE if say.question and say.key_point_id:
            return f"{_transition(say, scene)} {_follow_up(say)}"
        case Move.REPEAT if say.question:
            return _follow_up(say) if say.key_point_id else say.question.spoken
        case Move.CLARIFY | Move.REPHRASE if say.question:
            lead = "Let me put it another way." if say.move is Move.REPHRASE else "Of course."
            if say.key_point_id is None:
                return f"{lead} {say.question.rephrase}"
            return (
                f"{lead} The question was: {say.question.rephrase} And I asked: {_follow_up(say)}"
            )
        case Move.ENCOURAGE:
            return _varied(scene.persona.encouragements, scene)
        case Move.CLOSE if say.is_time_over:
            return f"{_TIME_OVER} {_THANKS}"
        case move:
            return _varied(_LINES[move], scene)


def _greeting(scene: Scene) -> str:
    questions = "question" if scene.total == 1 else "questions"
    count = _NUMBERS[scene.total] if scene.total < len(_NUMBERS) else scene.total
    return (
        f"{disclosing(scene.persona.greeting)} This is a {_TYPES[scene.request.type]} interview: "
        f"{count} {questions}, about {scene.planned_minutes} minutes. "
        "You can ask me to repeat, to wait, or to skip."
    )


def _lead_in(scene: Scene) -> str:
    if scene.index == 0:
        return "Here is the first question."
    said = (
        _PASSED_OVER[scene.skipped]
        if scene.skipped
        else _varied(scene.persona.acknowledgements, scene)
    )
    if scene.index == scene.total - 1:
        return f"{said} Now the last question."
    return f"{said} {_varied(scene.persona.transitions, scene)}"


def _transition(say: Say, scene: Scene) -> str:
    if say.question is None or say.key_point_id is None:
        return ""
    phase = say.question.key_point(say.key_point_id).phase
    acknowledged = _varied(scene.persona.acknowledgements, scene)
    return f"{acknowledged} {_PHASES[phase]}" if phase else acknowledged


def _follow_up(say: Say) -> str:
    if say.question is None or say.key_point_id is None:
        return ""
    return say.question.key_point(say.key_point_id).follow_up


def _varied(lines: tuple[str, ...], scene: Scene) -> str:
    return lines[scene.utterance % len(lines)]
