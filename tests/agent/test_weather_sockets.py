"""Bad connections and bad clients on real sockets: whoever comes back finds what was finished."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from agent import gateway as gateway_module
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    InterviewerSpoke,
    Speaker,
)
from sessions.protocol import (
    MAX_ANSWER_CHARS,
    AudioFrame,
    Caption,
    CloseCode,
    Consent,
    Ended,
    Hello,
    Played,
    RoomState,
    Say,
    Speech,
    State,
    Typed,
    Welcome,
)
from tests.support.clock import FakeClock
from tests.support.fake_speech import DeafSTT
from tests.support.gateway_guest import Gate, Guest, open_gate
from tests.support.interviews import INTERVIEW, made_question
from tests.support.polling import eventually
from tests.support.room import World, class_path, covering
from tests.support.weather import (
    CountingSTT,
    counted_words,
    open_wire,
    quicken,
    services_settings,
    silence,
    without_pause,
    words_kept,
)

pytestmark = pytest.mark.sockets

FIRST, SECOND = covering(1, 0, 1), covering(2, 0, 1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def gate(world: World) -> AsyncGenerator[Gate]:
    await world.plan(made_question(1), made_question(2))
    async with open_gate(world) as opened:
        yield opened


async def until_listening(guest: Guest) -> None:
    while (await guest.until(State)).state is not RoomState.LISTENING:
        pass


async def begin(guest: Guest) -> None:
    await guest.send(Consent(text_version="test", transcript=True))
    await until_listening(guest)


async def answer(guest: Guest, text: str) -> None:
    """Typed, and acknowledged as durable."""
    await guest.send(Typed(id=text[:60], text=text))
    while (caption := await guest.until(Caption)).text != text or not caption.final:
        pass


async def check_it_goes_on_to_its_end(gate: Gate) -> None:
    """Whoever comes back finds what was finished, answers the rest, and has a report."""
    async with gate.enter() as guest, guest.playing():
        (welcome,) = [one for one in guest.got if isinstance(one, Welcome)]
        kept = [one.text for one in welcome.captions if one.speaker is Speaker.CANDIDATE]
        assert FIRST in kept
        await guest.send(Typed(id="the-last", text=SECOND))
        assert (await guest.until(Ended)).reason is CompletionReason.FINISHED
    texts = [one.text for one in await gate.world.all_facts(AnswerHeard)]
    assert texts.count(FIRST) == 1
    assert texts[-1] == SECOND


# -- connections ---------------------------------------------------------------------------------


async def test_cut_in_mid_word_the_words_so_far_are_kept_and_what_follows_is_an_answer(
    world: World, clock: FakeClock
) -> None:
    world.settings = services_settings(stt=[class_path(CountingSTT)])
    await world.plan(made_question(1), made_question(2))
    async with open_gate(world) as gate:
        async with gate.enter() as guest, guest.playing():
            await begin(guest)
            await answer(guest, FIRST)
            await until_listening(guest)
            await send_audio(guest, without_pause(5.2))
            while counted_words(0) not in (await guest.until(Caption)).text:
                pass
            guest.socket.transport.abort()
        await world.until_fact(AnswerHeard, count=2)
        assert counted_words(0) in await words_kept_raw(world)
        assert len(await world.all_facts(ConnectionLost)) == 1
        clock.advance(3_000)
        await check_it_goes_on_to_its_end(gate)
    (resumed,) = await world.all_facts(ConnectionResumed)
    assert resumed.gap_ms == 3_000


async def words_kept_raw(world: World) -> str:
    return " ".join(one.text for one in await world.all_facts(AnswerHeard))


async def test_what_the_page_recognised_before_it_was_cut_is_kept(gate: Gate) -> None:
    hello = Hello(v=1, token=gate.token(), client="guest", recognises=True)
    async with gate.meet() as guest, guest.playing():
        await guest.send(hello)
        await begin(guest)
        await answer(guest, FIRST)
        await until_listening(guest)
        said = Speech(id="1", final=False, text="and after that we", start_ms=0, end_ms=900)
        await guest.send(said)
        while not (await guest.until(Caption)).text.startswith("and after"):
            pass
        guest.socket.transport.abort()
    await gate.world.until_fact(AnswerHeard, count=2)
    assert "and after that we" in await words_kept(gate.world)
    await check_it_goes_on_to_its_end(gate)


async def test_a_connection_that_is_half_open_is_let_go_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("PING_INTERVAL_S", "PING_TIMEOUT_S", "CLOSE_LIMIT_S"):
        monkeypatch.setattr(gateway_module, limit, 0.2)
    await world.plan(made_question(1), made_question(2))
    async with open_gate(world) as gate, open_wire(gate.port) as wire:
        url = f"ws://127.0.0.1:{wire.port}/v1/rooms/{INTERVIEW}"
        async with gate.meet(url=url) as guest:
            await guest.send(gate.hello())
            async with guest.playing():
                await begin(guest)
                await answer(guest, FIRST)
                await until_listening(guest)
            wire.stall()
            await world.until_fact(ConnectionLost)
            await check_it_goes_on_to_its_end(gate)
            wire.release()


async def test_audio_that_a_stall_held_back_is_heard_whole_when_it_comes_at_once(
    world: World,
) -> None:
    DeafSTT.heard_ms = 0.0
    world.settings = services_settings(stt=[class_path(DeafSTT)])
    await world.plan(made_question(1), made_question(2))
    async with open_gate(world) as gate, gate.enter() as guest, guest.playing():
        await begin(guest)
        await send_audio(guest, silence(12), frame_ms=20)
        await guest.check_it_is_answered()

        async def is_heard() -> bool:
            return DeafSTT.heard_ms >= 12_000

        await eventually(is_heard)


async def send_audio(guest: Guest, pcm: bytes, *, frame_ms: int = 100) -> None:
    size = frame_ms * 32
    for number, start in enumerate(range(0, len(pcm), size)):
        frame = AudioFrame(16_000, 0, number, number * frame_ms, pcm[start : start + size])
        await guest.send_raw(frame.to_bytes())


# -- clients -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["messages", "audio", "nonsense"])
async def test_whoever_floods_is_told_why_and_finds_the_interview_where_it_was(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_module, "CLOSE_LIMIT_S", 0.3)  # it does not listen to the close
    await world.plan(made_question(1), made_question(2))
    async with open_gate(world) as gate:
        await flood(gate, kind)
        await check_it_goes_on_to_its_end(gate)


async def flood(gate: Gate, kind: str) -> None:
    async with gate.enter() as guest, guest.playing():
        await begin(guest)
        await answer(guest, FIRST)
        await until_listening(guest)
    async with gate.enter() as guest:
        for _ in range(1_100):
            if kind == "messages":
                await guest.send_raw('{"type":"composing","on":false}')
            elif kind == "audio":
                await guest.send_raw(AudioFrame(16_000, 0, 0, 0, bytes(1_280)).to_bytes())
            else:
                await guest.send_raw('{"type":"dance"}')
        code, problems = await guest.until_closed()
        assert code == CloseCode.FLOODING
        assert guest.socket.close_reason == "too much, too fast"
        assert all(one.message.endswith(".") for one in problems)


async def test_answers_that_come_faster_than_they_can_be_followed_up_are_all_kept(
    world: World, gate: Gate
) -> None:
    """Each as long as an answer may be."""
    words = "we had a database that was slow, you know, "
    async with gate.enter() as guest, guest.playing():
        await begin(guest)
        for number in range(20):
            text = f"{number} {words * 200}"[:MAX_ANSWER_CHARS].strip()
            await guest.send(Typed(id=f"n{number}", text=text))
        await world.until_fact(AnswerHeard, count=20)
        await guest.check_it_is_answered()
    answers = await world.all_facts(AnswerHeard)
    assert [int(one.text.split()[0]) for one in answers] == list(range(20))


@pytest.mark.parametrize(("start_ms", "end_ms"), [(86_400_000, 86_400_000), (86_400_000, 0)])
async def test_a_page_whose_clock_is_wrong_puts_no_words_out_of_time(
    gate: Gate, clock: FakeClock, start_ms: int, end_ms: int
) -> None:
    hello = Hello(v=1, token=gate.token(), client="guest", recognises=True)
    async with gate.meet() as guest, guest.playing():
        await guest.send(hello)
        await begin(guest)
        await guest.send_raw(AudioFrame(16_000, 7, 2**32 - 1, 2**32 - 1, bytes(1_280)).to_bytes())
        clock.advance(2_000)
        said = Speech(id="1", final=True, text=FIRST, start_ms=start_ms, end_ms=end_ms)
        await guest.send(said)
        while not (await guest.until(Caption)).final:
            pass
        await until_listening(guest)
    (heard,) = await gate.world.all_facts(AnswerHeard)
    assert heard.text == FIRST
    began_ms = clock.now_ms() - 2_000
    assert began_ms <= heard.started_ms <= heard.ended_ms <= clock.now_ms()
    assert all(began_ms <= one.start_ms <= one.end_ms <= clock.now_ms() for one in heard.words)
    await check_it_goes_on_to_its_end(gate)


async def test_a_playhead_that_claims_too_much_puts_no_utterance_out_of_time(
    gate: Gate, clock: FakeClock
) -> None:
    began_ms = clock.now_ms()
    async with gate.enter() as guest:
        await guest.send(Consent(text_version="test", transcript=True))
        await guest.until(Say)
        say = await guest.until(Say)  # the sound of the first sentence is there
        clock.advance(500)
        await guest.send(Played(utterance=say.utterance, ms=2**60))
        await guest.send(Typed(id="1", text="hello there"))
        async with guest.playing():
            while not (await guest.until(Caption)).final:
                pass
            await until_listening(guest)
            await answer(guest, FIRST)
            await until_listening(guest)
    for one in await gate.world.all_facts(InterviewerSpoke):
        assert began_ms <= one.started_ms <= one.ended_ms <= clock.now_ms()
    await check_it_goes_on_to_its_end(gate)
