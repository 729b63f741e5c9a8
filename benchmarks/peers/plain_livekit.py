"""The peer: plain livekit-agents sessions, each behind a socket, all in one process.

The stock voice activity, the stock end-of-turn model (v1-mini, local) and the stock turn handling;
recogniser, model and voice are instant. `python -m benchmarks.peers.plain_livekit`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from typing import Any, Never

import uvloop
from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    AgentStateChangedEvent,
    APIConnectOptions,
    inference,
    llm,
    utils,
)
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from livekit.agents.voice import io
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.instant import InstantSTT, InstantTTS
from benchmarks.peers import wire
from benchmarks.peers.script import GREETING, MICROPHONE_HZ, PLAYBACK_HZ, REPLY
from sessions.settings import SpeechSettings

MAX_WAITING = 1_000
"""Frames or messages, in either direction."""


class _Reply(llm.LLMStream):
    async def _run(self) -> None:
        delta = llm.ChoiceDelta(role="assistant", content=REPLY)
        self._event_ch.send_nowait(llm.ChatChunk(id="reply", delta=delta))


class _InstantLLM(llm.LLM[Never]):
    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        del parallel_tool_calls, tool_choice, extra_kwargs
        return _Reply(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Microphone(io.AudioInput):
    def __init__(self) -> None:
        super().__init__(label="socket")
        self._frames: asyncio.Queue[rtc.AudioFrame | None] = asyncio.Queue(maxsize=MAX_WAITING)

    async def put(self, pcm: bytes) -> None:
        await self._frames.put(rtc.AudioFrame(pcm, MICROPHONE_HZ, 1, len(pcm) // 2))

    async def end(self) -> None:
        await self._frames.put(None)

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._frames.get()
        if frame is None:
            raise StopAsyncIteration
        return frame


class _Loudspeaker(io.AudioOutput):
    """Sends at once; a segment counts as played when its length has passed."""

    def __init__(self, send: Callable[[str | bytes], None]) -> None:
        super().__init__(
            label="socket",
            capabilities=io.AudioOutputCapabilities(pause=False),
            sample_rate=PLAYBACK_HZ,
        )
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._began_s: float | None = None
        self._length_s = 0.0
        self._ending: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._began_s is None:
            self._began_s = self._loop.time()
            self.on_playback_started(created_at=self._began_s)
        self._length_s += frame.duration
        self._send(bytes(frame.data))

    def flush(self) -> None:
        super().flush()
        if self._began_s is not None and self._ending is None:
            left_s = self._began_s + self._length_s - self._loop.time()
            self._ending = self._loop.call_later(max(left_s, 0), self._finish, False)

    def clear_buffer(self) -> None:
        if self._began_s is not None:
            self._finish(True)

    def _finish(self, is_interrupted: bool) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        began_s, self._began_s = self._began_s, None
        length_s, self._length_s = self._length_s, 0.0
        if began_s is not None:
            played_s = min(self._loop.time() - began_s, length_s)
            self.on_playback_finished(playback_position=played_s, interrupted=is_interrupted)


class _Interviewer(Agent):
    def __init__(self, send: Callable[[str | bytes], None]) -> None:
        super().__init__(instructions="You interview.")
        self._send = send

    async def on_enter(self) -> None:
        self.session.say(GREETING)

    async def on_user_turn_completed(
        self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage
    ) -> None:
        del turn_ctx, new_message
        self._send(wire.told(wire.HEARD))


async def _hold(socket: ServerConnection) -> None:
    """One session, for as long as its socket is open."""
    waiting: asyncio.Queue[str | bytes] = asyncio.Queue(maxsize=MAX_WAITING)
    speech = SpeechSettings()
    session: AgentSession[None] = AgentSession(
        stt=InstantSTT(speech),
        llm=_InstantLLM(),
        tts=InstantTTS(speech),
        vad=inference.VAD(model="silero"),
        turn_handling={"turn_detection": inference.TurnDetector(version="v1-mini")},
    )
    microphone, loudspeaker = _Microphone(), _Loudspeaker(waiting.put_nowait)
    session.input.audio, session.output.audio = microphone, loudspeaker

    def tell_state(event: AgentStateChangedEvent) -> None:
        if event.new_state in (wire.LISTENING, wire.SPEAKING):
            waiting.put_nowait(wire.told(event.new_state))

    session.on("agent_state_changed", tell_state)
    async with utils.http_context.open(), asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(_write(socket, waiting))
        await session.start(_Interviewer(waiting.put_nowait), record=False)
        with contextlib.suppress(ConnectionClosed):
            async for data in socket:
                if isinstance(data, bytes):
                    await microphone.put(data)
        await microphone.end()
        await session.aclose()
        writing.cancel()


async def _write(socket: ServerConnection, waiting: asyncio.Queue[str | bytes]) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.send(await waiting.get())


async def main() -> int:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    async with serve(_hold, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"plain livekit-agents on ws://127.0.0.1:{port}", flush=True)
        await stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
