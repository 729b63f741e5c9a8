"""Several voices in order: who speaks, who takes over where, who comes back, what is counted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field

import aiohttp
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIError

from agent.providers.health import Health
from agent.providers.tts.attempt import Attempt
from agent.providers.tts.chain import Member, VoiceChain, watch_voices
from agent.providers.tts.deepgram import make_deepgram_tts
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.tts.openai import OpenAITTS
from agent.usage import Used
from sessions.errors import ProviderUnavailable
from sessions.infra.endpoints import Endpoint
from sessions.settings import SpeechSettings
from tests.agent.providers.sound import loudness
from tests.emulators.deepgram_speak import run_deepgram_speak
from tests.emulators.openai_speech import run_openai_speech
from tests.emulators.pocketsphinx_stt import Ears, parse_lines
from tests.emulators.voices import EmulatedVoice, Fault, spoken
from tests.support.clock import FakeClock
from tests.support.fake_speech import MS_PER_CHARACTER, SilentTTS

FAILURE = APIConnectionError("it hung up")
REFUSAL = APIError("no such voice", retryable=False)
FIRST = "Thank you, that is clear."
LINE = "Tell me about a time when you had to work with a very difficult colleague."
SOON_S = 0.3


@dataclass
class Chain:
    """A chain with what it told, over a health whose clock stands."""

    members: Sequence[Member]
    timeout_s: float = 5.0
    clock: FakeClock = field(default_factory=FakeClock)
    switches: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    used: list[Used] = field(default_factory=list[Used])

    def __post_init__(self) -> None:
        def note_switch(before: str, after: str, reason: str) -> None:
            self.switches.append((before, after, reason))

        self.health = Health(self.clock)
        self.chain = VoiceChain(
            self.members,
            self.health,
            timeout_s=self.timeout_s,
            on_switch=note_switch,
            on_used=self.used.append,
        )

    async def say(self, text: str) -> rtc.AudioFrame:
        frames = [frame async for frame in self.chain.synthesize(text)]
        assert {(frame.sample_rate, frame.num_channels) for frame in frames} == {(24_000, 1)}
        return rtc.combine_audio_frames(frames)

    def path(self) -> list[tuple[str, str]]:
        return [(before, after) for before, after, _ in self.switches]


def silent(
    *, timeout_s: float = 5.0, **answers: Sequence[Exception | float]
) -> tuple[Chain, dict[str, SilentTTS]]:
    voices = {name: SilentTTS(answers=those) for name, those in answers.items()}
    return Chain([Member(name, tts) for name, tts in voices.items()], timeout_s), voices


# -- who speaks ----------------------------------------------------------------------------------


async def test_the_first_speaks_while_it_can_and_nobody_is_told() -> None:
    chain, voices = silent(one=[], two=[])
    await chain.say(FIRST)
    await chain.say(LINE)
    assert voices["one"].attempts == [FIRST, LINE]
    assert voices["two"].attempts == []
    assert chain.switches == []
    assert chain.chain.speaker == "one"


async def test_a_failure_is_tried_again_once_before_the_next_takes_over() -> None:
    chain, voices = silent(one=[FAILURE], two=[])
    await chain.say(FIRST)
    assert voices["one"].attempts == [FIRST, FIRST]
    assert chain.switches == []
    chain, voices = silent(one=[FAILURE, FAILURE], two=[])
    await chain.say(FIRST)
    assert (voices["one"].attempts, voices["two"].attempts) == ([FIRST, FIRST], [FIRST])
    assert chain.switches == [("one", "two", "it hung up")]


async def test_a_refusal_and_a_wait_are_not_tried_again_when_another_is_there() -> None:
    chain, voices = silent(timeout_s=SOON_S, one=[REFUSAL], two=[60.0], three=[])
    await chain.say(FIRST)
    assert [len(voice.attempts) for voice in voices.values()] == [1, 1, 1]
    assert chain.path() == [("one", "three")]


async def test_one_that_rests_is_passed_over_and_the_switch_is_told_once() -> None:
    chain, voices = silent(one=[REFUSAL], two=[])
    for _ in range(3):
        await chain.say(FIRST)
    assert len(voices["one"].attempts) == 1
    assert len(voices["two"].attempts) == 3
    assert chain.path() == [("one", "two")]


async def test_a_failure_in_another_room_warns_this_one() -> None:
    chain, voices = silent(one=[], two=[])
    chain.health.note_failure("tts", "one", "the key is not accepted")
    await chain.say(FIRST)
    assert voices["one"].attempts == []
    assert chain.switches == [("one", "two", "the key is not accepted")]


async def test_one_that_is_well_again_speaks_again() -> None:
    chain, voices = silent(one=[REFUSAL], two=[])
    watch_voices(chain.members, chain.health, timeout_s=1)
    await chain.say(FIRST)
    chain.clock.advance(60_000)
    await chain.say(FIRST)
    assert chain.path() == [("one", "two")]
    await chain.health.probe_rested()
    assert voices["one"].attempts[-1] == "Ready."
    assert not voices["one"].is_closed
    await chain.say(LINE)
    assert voices["one"].attempts[-1] == LINE
    assert chain.switches[1] == ("two", "one", "one works again")


async def test_a_trial_that_fails_lets_it_rest_on() -> None:
    chain, voices = silent(one=[REFUSAL, REFUSAL], two=[])
    watch_voices(chain.members, chain.health, timeout_s=1)
    await chain.say(FIRST)
    chain.clock.advance(60_000)
    await chain.health.probe_rested()
    assert not chain.health.is_well("tts", "one")
    await chain.say(FIRST)
    assert len(voices["two"].attempts) == 2


async def test_when_none_can_the_sentence_is_refused_with_all_reasons() -> None:
    chain, voices = silent(one=[REFUSAL] * 9, two=[FAILURE] * 9)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable) as refused:
            await chain.say(FIRST)
        assert "one: no such voice" in refused.value.reason
        assert "two: it hung up" in refused.value.reason
    assert chain.path() == [("one", "")]
    assert chain.used == []
    voices["two"].answers.clear()
    await chain.say(FIRST)  # better than nothing: those that rest are tried too
    assert chain.path() == [("one", ""), ("", "two")]


async def test_a_chain_of_none_refuses_every_sentence() -> None:
    chain = Chain([])
    with pytest.raises(ProviderUnavailable):
        await chain.say(FIRST)
    assert chain.switches == []


# -- what is counted -----------------------------------------------------------------------------


async def test_characters_are_counted_by_who_said_them() -> None:
    chain, _ = silent(one=[FAILURE], two=[])
    await chain.say(FIRST)
    (used,) = chain.used
    assert (used.component, used.provider, used.characters) == ("tts", "one", len(FIRST))
    assert used.audio_ms == pytest.approx(len(FIRST) * MS_PER_CHARACTER, abs=1)


async def test_a_sentence_that_is_stopped_counts_and_leaves_nothing_running() -> None:
    chain, _ = silent(one=[], two=[])
    async with aclosing(chain.chain.synthesize(LINE)) as frames:
        await anext(frames)
    assert [used.characters for used in chain.used] == [len(LINE)]
    assert chain.health.is_well("tts", "one")


# -- the rest of a sentence ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "rest"),
    [
        (0.0, "One two three, four."),
        (0.1, "One two three, four."),
        (0.3, "two three, four."),
        (0.7, "three, four."),
        (3.0, "four."),
    ],
)
async def test_the_rest_begins_with_the_word_that_was_not_whole(share: float, rest: str) -> None:
    text = "One two three, four."
    whole_ms = len(text) * MS_PER_CHARACTER
    attempt = Attempt(Member("one", SilentTTS()), text, 1.0)
    assert attempt.rest(pace_ms=1.0) == text
    async for _ in attempt.frames():
        pass
    assert attempt.rest(pace_ms=whole_ms / attempt.weight / max(share, 1e-9)) == rest


@dataclass(frozen=True)
class Services:
    deepgram: EmulatedVoice
    openai: EmulatedVoice
    chain: Chain


@pytest.fixture
async def services() -> AsyncGenerator[Services]:
    """Deepgram, then OpenAI, then espeak-ng, as an installation may have them."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(run_deepgram_speak())
        second = await stack.enter_async_context(run_openai_speech())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        voices = {
            "deepgram": make_deepgram_tts(
                Endpoint(name="deepgram", base_url=first.url, api_key="k", tts_model="aura"), http
            ),
            "openai": OpenAITTS(
                Endpoint(
                    name="openai", base_url=second.url, api_key="k", tts_model="m", voice="alloy"
                )
            ),
            "espeak": EspeakTTS(SpeechSettings()),
        }
        for voice in voices.values():
            stack.push_async_callback(voice.aclose)
        members = [Member(name, voice) for name, voice in voices.items()]
        yield Services(first, second, Chain(members))


def words_heard_in(samples: bytes) -> list[tuple[str, float]]:
    """The line's words and when each ends, by a recogniser that knows this line alone."""
    ears = Ears(parse_lines(LINE))
    heard = ears.hear(samples + bytes(32_000))
    return [(word.text, word.end_s) for one in heard if one.is_final for word in one.words]


@pytest.mark.sockets
@pytest.mark.parametrize("cut_share", [0.15, 0.4, 0.65, 0.9])
async def test_a_voice_that_dies_in_mid_sentence_is_followed_by_the_rest(
    services: Services, cut_share: float
) -> None:
    await services.chain.say(FIRST)  # by which its pace is known
    services.deepgram.fault = Fault.CUT
    services.deepgram.cut_share = cut_share
    services.deepgram.requests.clear()
    frame = await services.chain.say(LINE)
    assert services.chain.path() == [("deepgram", "openai")]

    first_try, second_try = services.deepgram.texts
    assert first_try == LINE
    words = words_heard_in(spoken(LINE, 16_000))
    assert [word for word, _ in words] == LINE.lower().rstrip(".").split()
    # What arrived before the cut: the plugin keeps the last tenths of a second to itself.
    delivered_s = services.chain.used[1].audio_ms / 1000
    assert delivered_s == pytest.approx(words[-1][1] * cut_share, abs=0.25)
    whole = sum(end_s <= delivered_s for _, end_s in words)
    repeated = whole - (len(LINE.split()) - len(second_try.split()))
    assert 0 <= repeated <= 2
    # The second try dies too, and the last voice says what both have left.
    (last,) = services.openai.texts
    assert second_try.endswith(last)
    assert len(last) < len(second_try)
    assert frame.duration > len(spoken(LINE, 24_000)) / 2 / 24_000 * 0.95
    assert loudness(frame.data.tobytes()) > 0.02


@pytest.mark.sockets
@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.BROKEN, Fault.PAGE, Fault.CRACKLE])
async def test_with_all_services_down_the_voice_of_this_machine_speaks(
    services: Services, fault: Fault
) -> None:
    services.deepgram.fault = services.openai.fault = fault
    frame = await services.chain.say(LINE)
    assert services.chain.path() == [("deepgram", "espeak")]
    assert words_heard_in(resampled(frame)) != []
    services.deepgram.fault = Fault.NONE
    services.chain.clock.advance(60_000)
    await services.chain.say(FIRST)  # nobody watches it here: who comes first after its rest tries
    assert services.chain.path()[-1] == ("espeak", "deepgram")


@pytest.mark.sockets
async def test_a_voice_that_stalls_in_mid_sentence_is_given_up_and_followed(
    services: Services,
) -> None:
    await services.chain.say(FIRST)
    chain = Chain(services.chain.members, timeout_s=1.5)
    services.deepgram.fault = Fault.STALL
    await chain.say(LINE)
    assert chain.switches == [("deepgram", "openai", "it stopped in mid-sentence")]
    assert services.openai.texts[0] != LINE
    assert LINE.endswith(services.openai.texts[0])


def resampled(frame: rtc.AudioFrame) -> bytes:
    resampler = rtc.AudioResampler(24_000, 16_000)
    frames = [*resampler.push(frame), *resampler.flush()]
    return b"".join(one.data.tobytes() for one in frames)
