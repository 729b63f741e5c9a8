"""What the page is shown of an interview: the messages made from its state."""

from __future__ import annotations

from collections.abc import Sequence

from agent.hearing import Heard
from scoring.fillers import find_fillers
from scoring.model import FillerSpan
from sessions.facts import Speaker, Timing
from sessions.interview import Interview
from sessions.lifecycle import Status
from sessions.protocol import Caption, FillerMark, Notice, Progress, QuestionShown, Recogniser


def show_question(interview: Interview) -> QuestionShown | None:
    """The question in writing, with the follow-up being asked; None before the first."""
    question = interview.question
    if question is None:
        return None
    probe = question.key_point(interview.probe).follow_up if interview.probe else ""
    return QuestionShown(
        index=interview.index, total=len(interview.questions), text=question.text, probe=probe
    )


def show_progress(interview: Interview, now_ms: int) -> Progress:
    return Progress(
        index=max(interview.index, 0),
        total=len(interview.questions),
        elapsed_ms=interview.elapsed_ms(now_ms),
        remaining_ms=max(interview.remaining_ms(now_ms), 0),
        is_running=interview.status is Status.IN_PROGRESS,
    )


def fillers_in(heard: Heard, language: str) -> Sequence[FillerSpan]:
    """None are in typed words."""
    if heard.timing is Timing.NONE:
        return ()
    words = heard.words if heard.timing is Timing.WORD else ()
    return find_fillers(heard.text, words=words, language=language)


def show_heard(
    heard: Heard, spans: Sequence[FillerSpan], *, turn: int, is_final: bool, is_typed: bool = False
) -> Caption:
    """The candidate's words with the fillers among them marked."""
    return Caption(
        speaker=Speaker.CANDIDATE,
        id=turn,
        text=heard.text,
        final=is_final,
        fillers=tuple(
            FillerMark(filler=span.filler, start=span.start, end=span.end) for span in spans
        ),
        typed=is_typed,
    )


_FAILURES = {
    "tts": "The interviewer's voice failed for a moment. Nothing is lost: read the question on "
    "the screen and go on.",
    "recording": "The recording broke off; the interview goes on. What was recorded until "
    "now is kept.",
    "stt": "Speech recognition stopped. Everything so far is saved. Type your answer in the box "
    "to go on.",
}


def show_failure(component: str) -> Notice:
    """What a failed provider means to the candidate: what happened, what is safe, what to do."""
    return Notice(level="caution", code=f"{component}_failed", text=_FAILURES[component])


_SAVING = {
    True: "What you say cannot be saved just now. It is kept for the moment, and saved as soon as "
    "that is possible: go on, and leave this page open.",
    False: "Everything you said is saved again.",
}


def show_saving(*, is_away: bool) -> Notice:
    """The journal is away, or there again."""
    return Notice(
        level="caution" if is_away else "info", code="journal_away", text=_SAVING[is_away]
    )


_STT_NOW = {
    Recogniser.SERVER: "Speech recognition works again: speak, or go on typing, as you like.",
    Recogniser.BROWSER: "Speech recognition was handed to your browser. Everything so far is "
    "saved; if your last words are missing, say them again.",
}


_STT_CHANGED = (
    "Speech recognition was handed to another service. Go on speaking: what you said is kept."
)


def show_switch(component: str, before: str, to: str, recogniser: Recogniser) -> Notice | None:
    """What another provider means to the candidate; None when it means nothing to them."""
    if component == "stt" and recogniser is Recogniser.NONE:
        return show_failure("stt")
    if component == "stt":
        is_change = bool(before) and recogniser is Recogniser.SERVER  # it never stopped for them
        text = _STT_CHANGED if is_change else _STT_NOW[recogniser]
        return Notice(level="info", code="stt_switched", text=text)
    if component == "tts" and to:
        text = "The interviewer sounds different from now on: its voice was changed. Go on."
        return Notice(level="info", code="tts_switched", text=text)
    return None
