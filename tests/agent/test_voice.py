"""Words to audio: whole sentences out of pieces, one retry, and writing when there is no voice.

Who speaks when there are several: `providers/test_tts_chain.py`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from livekit.agents import APIConnectionError, APIError

from agent.pipeline.voice import Voice
from agent.providers.health import Health
from agent.providers.tts.chain import Member, VoiceChain
from agent.utterance import Utterance
from sessions.facts import Move
from sessions.interview import Say
from tests.support.clock import FakeClock
from tests.support.fake_speech import MS_PER_CHARACTER, SilentTTS, StalledTTS
from tests.support.room import made_settings

TIMEOUT_S = 5.0
SOON_S = 0.2
FAILURE = APIConnectionError("it hung up")


async def pieces(*parts: str) -> AsyncGenerator[str]:
    for part in parts:
        yield part


def chain_of(synthesizer: SilentTTS, *, timeout_s: float = TIMEOUT_S) -> VoiceChain:
    return VoiceChain(
        [Member("silent", synthesizer)],
        Health(FakeClock()),
        timeout_s=timeout_s,
        on_switch=lambda _, __, ___: None,
        on_used=lambda _: None,
    )


@dataclass
class Spoken:
    """An utterance spoken to its end, and what the room was told meanwhile."""

    synthesizer: SilentTTS
    utterance: Utterance = field(default_factory=lambda: Utterance(1, Say(Move.ASK), 0))
    shown: list[str] = field(default_factory=list[str])
    failures: list[str] = field(default_factory=list[str])
    audio_ms: float = 0.0

    async def speak(self, *parts: str, timeout_s: float = TIMEOUT_S, unsaid: str = "") -> None:
        voice = Voice(
            chain_of(self.synthesizer, timeout_s=timeout_s),
            on_sentence=lambda utterance: self.shown.append(utterance.text),
            on_failure=self.failures.append,
        )
        async for frame in voice.speak(pieces(*parts), self.utterance, unsaid=unsaid):
            self.audio_ms += frame.duration * 1000


async def speak(
    *parts: str, answers: Sequence[Exception | float] = (), timeout_s: float = TIMEOUT_S
) -> Spoken:
    spoken = Spoken(SilentTTS(answers=answers))
    await spoken.speak(*parts, timeout_s=timeout_s)
    return spoken


def audio_ms_of(*sentences: str) -> float:
    return sum(len(sentence) * MS_PER_CHARACTER for sentence in sentences)


# -- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        ["Well done. Now the next one. Ready?"],
        ["Well done. ", "Now the ", "next one. ", "Ready?"],
        list("Well done. Now the next one. Ready?"),
        ["Well done", ". Now the next one. Re", "ady?"],
        ["", "Well done. Now the next one.", "", " Ready?", ""],
        ["Well done.\nNow the next\none.  Ready?\n"],
    ],
)
async def test_each_sentence_is_spoken_once_however_it_arrives(parts: list[str]) -> None:
    spoken = await speak(*parts)
    sentences = ["Well done.", "Now the next one.", "Ready?"]
    assert spoken.synthesizer.attempts == sentences
    assert spoken.shown == [" ".join(sentences[: count + 1]) for count in range(3)]
    assert spoken.utterance.text == " ".join(sentences)
    assert spoken.audio_ms == pytest.approx(audio_ms_of(*sentences))
    assert spoken.utterance.audio_ms == pytest.approx(spoken.audio_ms)
    assert spoken.failures == []


async def test_a_sentence_is_shown_before_the_next_words_have_come() -> None:
    shown_by_then: list[str] = []
    spoken = Spoken(SilentTTS())

    async def words() -> AsyncGenerator[str]:
        yield "The first is whole. The second"
        shown_by_then.extend(spoken.shown)
        yield " is not."

    voice = Voice(
        chain_of(spoken.synthesizer, timeout_s=1),
        on_sentence=lambda utterance: spoken.shown.append(utterance.text),
        on_failure=spoken.failures.append,
    )
    async for _ in voice.speak(words(), spoken.utterance):
        pass
    assert shown_by_then == ["The first is whole."]


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
async def test_nothing_is_said_of_nothing(text: str) -> None:
    spoken = await speak(text)
    assert (spoken.shown, spoken.synthesizer.attempts) == ([], [])


@example("One. A line\nthat is broken", 99)
@example("One. A line\r\nthat is broken", 20)
@given(some.text(alphabet="abcé .?!\n\r\t\u2028\u00a0(3)\"'…", max_size=60), some.integers(1, 9))
async def test_no_character_is_lost_or_said_twice(text: str, size: int) -> None:
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    voice_text = Utterance(1, Say(Move.ASK), 0)
    chain = chain_of(SilentTTS(), timeout_s=1)
    voice = Voice(chain, on_sentence=lambda _: None, on_failure=lambda _: None)
    async for _ in voice.speak(pieces(*parts), voice_text):
        pass
    assert "".join(voice_text.text.split()) == "".join(text.split())


async def test_what_the_page_left_unsaid_comes_first_and_is_not_written_twice() -> None:
    spoken = Spoken(SilentTTS())
    spoken.utterance.begin_sentence("Tell me about your week.")
    await spoken.speak("And your month.", unsaid="about your week.")
    assert spoken.synthesizer.attempts == ["about your week.", "And your month."]
    assert spoken.utterance.text == "Tell me about your week. And your month."
    assert spoken.shown == ["Tell me about your week.", spoken.utterance.text]


# -- failures ------------------------------------------------------------------------------------


async def test_a_voice_that_fails_once_is_tried_again() -> None:
    spoken = await speak("One. Two.", answers=[FAILURE])
    assert spoken.synthesizer.attempts == ["One.", "One.", "Two."]
    assert spoken.audio_ms == pytest.approx(audio_ms_of("One.", "Two."))
    assert spoken.failures == []


async def test_a_sentence_that_fails_twice_stays_in_writing_and_the_next_is_spoken() -> None:
    spoken = await speak("One. Two.", answers=[FAILURE, FAILURE])
    assert spoken.synthesizer.attempts == ["One.", "One.", "Two."]
    assert spoken.failures == ["it hung up"]
    assert spoken.utterance.text == "One. Two."
    assert spoken.audio_ms == pytest.approx(audio_ms_of("Two."))
    assert spoken.utterance.heard(0) == "One."


async def test_a_refusal_is_not_tried_again() -> None:
    spoken = await speak("One.", answers=[APIError("no such voice", retryable=False)])
    assert spoken.synthesizer.attempts == ["One."]
    assert spoken.failures == ["no such voice"]


async def test_a_slow_sentence_is_tried_again() -> None:
    spoken = await speak("One.", answers=[60.0], timeout_s=SOON_S)
    assert spoken.synthesizer.attempts == ["One.", "One."]
    assert spoken.failures == []
    assert spoken.audio_ms == pytest.approx(audio_ms_of("One."))


async def test_a_sentence_that_is_slow_twice_stays_in_writing() -> None:
    spoken = await speak("One. Two.", answers=[60.0, 60.0], timeout_s=SOON_S)
    assert spoken.synthesizer.attempts == ["One.", "One.", "Two."]
    assert len(spoken.failures) == 1
    assert spoken.audio_ms == pytest.approx(audio_ms_of("Two."))


async def test_a_voice_that_never_gives_up_is_given_up() -> None:
    spoken = Spoken(StalledTTS(made_settings().speech))
    await spoken.speak("One.", timeout_s=SOON_S)
    assert len(spoken.failures) == 1
    assert spoken.failures[0]
    assert spoken.utterance.text == "One."


async def test_a_mistake_of_the_providers_is_a_failure_like_any_other() -> None:
    spoken = await speak("One. Two.", answers=[ValueError("a mistake")])
    assert spoken.failures == ["a mistake"]
    assert spoken.utterance.text == "One. Two."
    assert spoken.audio_ms == pytest.approx(audio_ms_of("Two."))


async def test_an_utterance_that_is_stopped_leaves_nothing_running() -> None:
    spoken = Spoken(SilentTTS())
    voice = Voice(
        chain_of(spoken.synthesizer, timeout_s=1),
        on_sentence=lambda _: None,
        on_failure=spoken.failures.append,
    )
    speaking = voice.speak(pieces("A sentence that is stopped. And another."), spoken.utterance)
    await anext(speaking)
    await speaking.aclose()
    assert spoken.synthesizer.attempts == ["A sentence that is stopped."]
    assert spoken.failures == []
