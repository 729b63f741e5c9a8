"""The interviewer's voice: real sound from the real helper, and what a crash of it costs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APITimeoutError

from agent.providers.tts import espeak_pool
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.tts.espeak_pool import (
    EspeakPool,
    QueueFull,
    SentenceRefused,
    WorkerCrashed,
)
from agent.providers.tts.espeak_worker import MAX_TEXT_CHARS, Sentence
from sessions.settings import SpeechSettings
from tests.agent.providers.sound import loudness
from tests.support.polling import eventually

LIMIT_S = 10.0
SAME_S = 0.005  # espeak-ng's wave differs by a few samples each time
SHORT = "Tell me about yourself."
LONG = "Tell me about a time when you disagreed with a colleague, and what you did. " * 65
NO_RETRY = APIConnectOptions(max_retry=0)
RETRY = APIConnectOptions(max_retry=3, retry_interval=0)


@pytest.fixture
async def pool() -> AsyncGenerator[EspeakPool]:
    pool = EspeakPool()
    yield pool
    await pool.aclose()


@pytest.fixture
def voice(pool: EspeakPool) -> EspeakTTS:
    return EspeakTTS(SpeechSettings(), pool=pool)


async def spoken_by(voice: EspeakTTS, text: str) -> rtc.AudioFrame:
    async with voice.synthesize(text, conn_options=NO_RETRY) as stream:
        return await stream.collect()


def sentence(text: str, *, voice: str = "en-us") -> Sentence:
    return Sentence(text, voice, 165)


async def all_of(pool: EspeakPool, text: str) -> bytes:
    async with aclosing(pool.speak(sentence(text), timeout_s=LIMIT_S)) as pieces:
        return b"".join([pcm.samples async for pcm in pieces])


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def ends(pid: int) -> None:
    async def has_ended() -> bool:
        return not is_running(pid)

    await eventually(has_ended)


# -- sound ---------------------------------------------------------------------------------------


async def test_a_sentence_is_24_khz_sound_of_plausible_length(voice: EspeakTTS) -> None:
    frame = await spoken_by(voice, SHORT)
    assert (frame.sample_rate, frame.num_channels) == (24_000, 1)
    assert 1.0 < frame.duration < 3.0
    assert loudness(frame.data.tobytes()) > 0.02


async def test_the_pace_is_the_settings(pool: EspeakPool) -> None:
    slow = EspeakTTS(SpeechSettings(words_per_minute=110), pool=pool)
    fast = EspeakTTS(SpeechSettings(words_per_minute=220), pool=pool)
    slow_s = (await spoken_by(slow, SHORT)).duration
    fast_s = (await spoken_by(fast, SHORT)).duration
    assert slow_s > 1.5 * fast_s


async def test_the_first_sound_comes_before_the_whole_is_made(
    voice: EspeakTTS, pool: EspeakPool
) -> None:
    async with voice.synthesize(LONG) as stream:
        await anext(stream)
        assert not stream.done
    pieces = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
    async with aclosing(pieces):
        assert len((await anext(pieces)).samples) / 2 / 22_050 < 0.2


async def test_a_long_text_is_spoken_whole(voice: EspeakTTS) -> None:
    assert 4_900 < len(LONG) < 5_000
    one = (await spoken_by(voice, LONG[: len(LONG) // 65])).duration
    assert (await spoken_by(voice, LONG)).duration == pytest.approx(65 * one, rel=0.1)


async def test_two_sentences_are_spoken_at_the_same_time(pool: EspeakPool) -> None:
    first = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
    second = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
    async with aclosing(first), aclosing(second):
        assert (await anext(first)).samples
        assert (await anext(second)).samples
        assert len(set(pool.pids)) == 2


async def test_a_third_sentence_waits_for_its_turn(voice: EspeakTTS, pool: EspeakPool) -> None:
    async with asyncio.TaskGroup() as group:
        frames = [group.create_task(spoken_by(voice, SHORT)) for _ in range(5)]
    durations = [frame.result().duration for frame in frames]
    assert max(durations) - min(durations) < SAME_S
    assert 1 <= len(pool.pids) <= 2


@pytest.mark.parametrize(
    "text",
    [
        'She said "no", \'yes\' & <break time="1h"/> <b>bold</b> [[h@l@U]]',
        "naïve café, 日本語, हिन्दी, 🎉 and \ud800 half a pair",
        "\x01500s\x00 control \x1b characters",
        "...",
        "<>",
        "🎉",
    ],
)
async def test_odd_text_is_text(voice: EspeakTTS, text: str) -> None:
    frame = await spoken_by(voice, text)
    assert 0 < frame.duration < 30


async def test_markup_is_read_aloud_and_not_obeyed(voice: EspeakTTS) -> None:
    plain = (await spoken_by(voice, "one two")).duration
    marked = (await spoken_by(voice, 'one <break time="20s"/> two')).duration
    assert plain < marked < 10


@pytest.mark.parametrize("text", ["", "  \n "])
async def test_an_empty_text_is_silence_and_no_error(voice: EspeakTTS, text: str) -> None:
    async with voice.synthesize(text, conn_options=NO_RETRY) as stream:
        assert [event async for event in stream] == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_server_process_never_loads_the_library(voice: EspeakTTS) -> None:
    await spoken_by(voice, SHORT)
    assert "espeak" not in Path("/proc/self/maps").read_text()  # noqa: ASYNC240 - of our own process


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["klingonese", "../../etc/passwd", "", "en us\x01"])
async def test_an_unknown_voice_is_refused_at_once(pool: EspeakPool, name: str) -> None:
    unknown = EspeakTTS(SpeechSettings(voice=name), pool=pool)
    async with unknown.synthesize(SHORT, conn_options=RETRY) as stream:
        with pytest.raises(APIError, match="no voice") as refused:
            await stream.collect()
    assert not refused.value.retryable
    assert await all_of(pool, SHORT)


async def test_a_text_beyond_the_limit_is_refused(pool: EspeakPool) -> None:
    with pytest.raises(SentenceRefused, match="10001 characters"):
        await all_of(pool, "a" * (MAX_TEXT_CHARS + 1))


async def test_the_queue_is_bounded() -> None:
    pool = EspeakPool(limit=1, waiting_limit=1)
    speaking = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
    async with asyncio.TaskGroup() as group, aclosing(speaking):
        await anext(speaking)
        waiting = group.create_task(all_of(pool, SHORT))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull):
            await all_of(pool, SHORT)
    assert waiting.result()
    await pool.aclose()


# -- crashes -------------------------------------------------------------------------------------


async def test_a_crash_in_mid_sentence_costs_one_retry_and_no_sound(
    voice: EspeakTTS, pool: EspeakPool
) -> None:
    whole = await spoken_by(voice, LONG)
    heard: list[rtc.AudioFrame] = []
    victims: list[int] = []
    async with voice.synthesize(LONG, conn_options=RETRY) as stream:
        async for event in stream:
            heard.append(event.frame)
            if not victims:
                victims = pool.pids
                os.kill(victims[0], signal.SIGKILL)
    again = rtc.combine_audio_frames(heard)
    assert again.duration == pytest.approx(whole.duration, abs=65 * SAME_S)
    assert pool.pids != victims
    assert not is_running(victims[0])


async def test_a_sentence_that_crashes_twice_is_an_error(
    voice: EspeakTTS, pool: EspeakPool
) -> None:
    victims: set[int] = set()
    async with voice.synthesize(LONG, conn_options=RETRY) as stream:
        with pytest.raises(APIConnectionError):
            async for _ in stream:
                for pid in pool.pids:
                    victims.add(pid)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
    assert len(victims) == 2
    assert (await spoken_by(voice, SHORT)).duration > 1


async def test_a_helper_that_died_idle_costs_nothing(voice: EspeakTTS, pool: EspeakPool) -> None:
    await voice.warm()
    (victim,) = pool.pids
    os.kill(victim, signal.SIGKILL)
    await ends(victim)
    await asyncio.sleep(0)
    with contextlib.suppress(WorkerCrashed):
        # The loop may not have been told of the end yet; then this is the crash.
        await all_of(pool, SHORT)
    assert (await spoken_by(voice, SHORT)).duration > 1


async def test_a_helper_that_hangs_is_replaced(pool: EspeakPool) -> None:
    voice = EspeakTTS(SpeechSettings(tts_timeout_s=0.5), pool=pool)
    await voice.warm()
    (hanging,) = pool.pids
    os.kill(hanging, signal.SIGSTOP)
    async with voice.synthesize(SHORT, conn_options=NO_RETRY) as stream:
        with pytest.raises(APITimeoutError):
            await stream.collect()
    await ends(hanging)
    assert (await spoken_by(voice, SHORT)).duration > 1


async def test_a_program_that_cannot_start_is_a_connection_error(
    pool: EspeakPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(espeak_pool, "_PROGRAM", str(tmp_path / "missing.py"))
    with pytest.raises(APIConnectionError):
        await spoken_by(EspeakTTS(SpeechSettings(), pool=pool), SHORT)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop there")
def test_crash_cancel_and_close_are_the_same_on_uvloop() -> None:
    import uvloop

    async def scenario() -> list[int]:
        pool = EspeakPool()
        voice = EspeakTTS(SpeechSettings(), pool=pool)
        await voice.warm()
        pids = pool.pids
        os.kill(pids[0], signal.SIGKILL)
        async with voice.synthesize(LONG, conn_options=RETRY) as stream:
            await anext(stream)
            pids += pool.pids
        assert (await spoken_by(voice, SHORT)).duration > 1
        speaking = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
        async with aclosing(speaking):
            await anext(speaking)
            os.kill(pool.pids[0], signal.SIGKILL)
            with pytest.raises(WorkerCrashed):
                async for _ in speaking:
                    pass
        assert (await spoken_by(voice, SHORT)).duration > 1
        pids += pool.pids
        await pool.aclose()
        for pid in pids:
            await ends(pid)
        return pids

    assert len(set(uvloop.run(scenario()))) == 3


# -- ends ----------------------------------------------------------------------------------------


async def test_a_cancelled_sentence_leaves_nothing_to_the_next_one(
    voice: EspeakTTS, pool: EspeakPool
) -> None:
    expected = await spoken_by(voice, SHORT)
    before = pool.pids
    for _ in range(5):
        async with voice.synthesize(LONG) as stream:
            await anext(stream)
        again = await spoken_by(voice, SHORT)
        assert again.duration == pytest.approx(expected.duration, abs=SAME_S)
    assert pool.pids == before


async def test_a_reader_cancelled_anywhere_leaves_the_helper_in_step(pool: EspeakPool) -> None:
    expected = len(await all_of(pool, SHORT))
    for turns in range(12):
        async with asyncio.TaskGroup() as group:
            cancelled = group.create_task(all_of(pool, LONG))
            for _ in range(turns):
                await asyncio.sleep(0)
            cancelled.cancel()
        assert len(await all_of(pool, SHORT)) == pytest.approx(expected, abs=200)


async def test_closing_the_pool_ends_the_helpers() -> None:
    pool = EspeakPool()
    speaking = pool.speak(sentence(LONG), timeout_s=LIMIT_S)
    await all_of(pool, SHORT)
    async with aclosing(speaking):
        await anext(speaking)
        await pool.warm(LIMIT_S)
        pids = pool.pids
        assert len(pids) == 2
        await pool.aclose()
        with pytest.raises(WorkerCrashed):
            async for _ in speaking:
                pass
    for pid in pids:
        await ends(pid)
    with pytest.raises(WorkerCrashed):
        await all_of(pool, SHORT)


async def test_the_rooms_of_a_loop_share_helpers_and_the_last_ends_them() -> None:
    rooms = [EspeakTTS(SpeechSettings()) for _ in range(3)]
    for room in rooms:
        await spoken_by(room, SHORT)
    (pid,) = rooms[0].pool.pids
    assert rooms[0].pool is rooms[2].pool
    await rooms[0].aclose()
    await rooms[1].aclose()
    assert (await spoken_by(rooms[2], SHORT)).duration > 1
    await rooms[2].aclose()
    await ends(pid)


_PARENT = """
import asyncio, sys
from agent.providers.tts.espeak_pool import EspeakPool
from agent.providers.tts.espeak_worker import Sentence

async def main():
    pool = EspeakPool()
    async for _ in pool.speak(Sentence("word " * 1900, "en-us", 80), timeout_s=10):
        print(*pool.pids, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_the_helper_dies_with_the_server_in_mid_sentence() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    helper = int(await asyncio.wait_for(server.stdout.readline(), LIMIT_S))
    assert is_running(helper)
    server.kill()
    await server.communicate()
    await ends(helper)
