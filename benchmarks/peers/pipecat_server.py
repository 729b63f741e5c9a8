"""The peer: pipecat pipelines, each behind a socket, all in one process.

As pipecat's own template for a web bot has it: its FastAPI transport, its Silero voice activity
and its default turn strategies (smart-turn v3, local); recogniser, model and voice are instant.
What our client does not use (RTVI messages, metrics, debug logs, compression) is off, which is in
its favour. Runs in a virtual environment of its own: `make peers`.
"""

# pyright: basic, reportMissingImports=false
# (the packages are in another virtual environment, whose types are not to be had here)

from __future__ import annotations

import socket
import sys
from array import array
from collections.abc import AsyncGenerator

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputAudioRawFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.base_serializer import FrameSerializer
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner

from benchmarks.peers import wire
from benchmarks.peers.script import (
    GREETING,
    HANGOVER_S,
    MICROPHONE_HZ,
    PLAYBACK_HZ,
    REPLY,
    KnownWords,
    hum,
)

_SENTENCE_PCM = hum()

app = FastAPI()


class _BareAudio(FrameSerializer):
    async def serialize(self, frame: Frame) -> str | bytes | None:
        return frame.audio if isinstance(frame, OutputAudioRawFrame) else None

    async def deserialize(self, data: str | bytes) -> Frame | None:
        if isinstance(data, str):
            return None
        return InputAudioRawFrame(audio=data, sample_rate=MICROPHONE_HZ, num_channels=1)


class _InstantSTT(STTService):
    def __init__(self) -> None:
        super().__init__(
            ttfs_p99_latency=HANGOVER_S, settings=STTSettings(model="instant", language=None)
        )
        self._words = KnownWords()

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        samples = array("h", audio)
        told = self._words.hear(max(samples, default=0), len(samples) / MICROPHONE_HZ)
        if told is None:
            yield None
        elif told.is_final:
            yield TranscriptionFrame(told.text, "", time_now_iso8601(), finalized=True)
        else:
            yield InterimTranscriptionFrame(told.text, "", time_now_iso8601())


class _InstantLLM(LLMService):
    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame):
            await self.push_frame(LLMFullResponseStartFrame())
            await self.push_frame(LLMTextFrame(REPLY))
            await self.push_frame(LLMFullResponseEndFrame())
        else:
            await self.push_frame(frame, direction)


class _InstantTTS(TTSService):
    def __init__(self) -> None:
        super().__init__(
            sample_rate=PLAYBACK_HZ,
            push_start_frame=True,
            push_stop_frames=True,
            stop_frame_timeout_s=0.2,
            settings=TTSSettings(model="hum", voice="hum", language=None),
        )

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        del text
        for begin in range(0, len(_SENTENCE_PCM), self.chunk_size):
            pcm = _SENTENCE_PCM[begin : begin + self.chunk_size]
            yield TTSAudioRawFrame(pcm, PLAYBACK_HZ, 1, context_id=context_id)


class _Teller(FrameProcessor):
    """Tells the client when the bot speaks, and when it is done."""

    def __init__(self, client: WebSocket) -> None:
        super().__init__()
        self._client = client

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, BotStoppedSpeakingFrame):
            await _tell(self._client, wire.LISTENING)
        elif isinstance(frame, BotStartedSpeakingFrame):
            await _tell(self._client, wire.SPEAKING)
        await self.push_frame(frame, direction)


async def _tell(client: WebSocket, event: str) -> None:
    try:
        await client.send_text(wire.told(event))
    except RuntimeError:  # starlette's word for a client that is gone
        logger.debug("nobody to tell")


@app.websocket("/")
async def hold(client: WebSocket) -> None:
    """One pipeline, for as long as its socket is open."""
    await client.accept()
    transport = FastAPIWebsocketTransport(
        client,
        FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, serializer=_BareAudio()
        ),
    )
    users = LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    pair = LLMContextAggregatorPair(LLMContext(), user_params=users)
    pipeline = Pipeline(
        [
            transport.input(),
            _InstantSTT(),
            pair.user(),
            _InstantLLM(settings=LLMSettings(model="instant")),
            _InstantTTS(),
            transport.output(),
            _Teller(client),
            pair.assistant(),
        ]
    )
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(
            audio_in_sample_rate=MICROPHONE_HZ, audio_out_sample_rate=PLAYBACK_HZ
        ),
        enable_rtvi=False,
    )

    @transport.event_handler("on_client_connected")
    async def greet(_transport: object, _client: object) -> None:
        await worker.queue_frames([TTSSpeakFrame(GREETING)])

    @transport.event_handler("on_client_disconnected")
    async def leave(_transport: object, _client: object) -> None:
        await worker.cancel()

    @pair.user().event_handler("on_user_turn_stopped")
    async def tell_heard(_aggregator: object, _strategy: object, _message: object) -> None:
        await _tell(client, wire.HEARD)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


async def main() -> int:
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_000)
    config = uvicorn.Config(app, log_level="warning", ws_per_message_deflate=False)
    print(f"pipecat on ws://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
    except KeyboardInterrupt:  # raised again by uvicorn, once it has closed in order
        return 0
    return 0


if __name__ == "__main__":
    try:
        sys.exit(uvloop.run(main()))
    except KeyboardInterrupt:
        sys.exit(0)
