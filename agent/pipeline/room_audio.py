"""All the audio of one room in one piece: source, recogniser, session, voice, sink."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import numpy as np

from agent.hearing import Heard
from agent.outlet import Outlet
from agent.pipeline.ear import Ear
from agent.pipeline.session import VoiceSession
from agent.pipeline.sink import SocketAudioOutput
from agent.pipeline.source import SocketAudioInput
from agent.pipeline.voice import Voice
from agent.providers.registry import load_stt, load_tts, load_vad
from agent.providers.stt.page import PageSTT
from agent.turn_taking import Endpointing
from agent.utterance import Utterance
from sessions.ports import Clock
from sessions.protocol import AudioFrame, Recogniser, Speech
from sessions.settings import SpeechSettings

FULL_SCALE = 32_768.0


class RoomAudio:
    """`start` once, `close` once; `on_failure(component, provider, reason)` for each failure."""

    def __init__(
        self,
        settings: SpeechSettings,
        outlet: Outlet,
        clock: Clock,
        *,
        endpointing: Endpointing,
        on_words: Callable[[Heard], None],
        is_ignored: Callable[[str], bool],
        on_turn: Callable[[], Awaitable[None]],
        on_speech: Callable[[bool], None],
        on_sentence: Callable[[Utterance], None],
        on_failure: Callable[[str, str, str], None],
    ) -> None:
        self._loaded = load_stt(settings)
        self._tts = load_tts(settings)
        self._page: PageSTT | None = None
        if self._loaded.recogniser is Recogniser.BROWSER:
            self._page = PageSTT()
        self._ear = Ear(
            clock,
            on_words=on_words,
            is_ignored=is_ignored,
            on_failure=lambda reason: on_failure("stt", self._loaded.name, reason),
        )
        self._clock = clock
        self._source = SocketAudioInput()
        self._first_frame_ms: int | None = None
        self.sink = SocketAudioOutput(outlet, clock)
        self.voice = Voice(
            self._tts,
            timeout_s=settings.tts_timeout_s,
            on_sentence=on_sentence,
            on_failure=lambda reason: on_failure("tts", settings.tts, reason),
        )
        self.session = VoiceSession(
            source=self._source,
            sink=self.sink,
            recogniser=self._loaded.stt or self._page,
            detector=load_vad(settings),
            ear=self._ear,
            endpointing=endpointing,
            on_turn=on_turn,
            on_speech=on_speech,
        )
        self._last_pcm = b""

    @property
    def level(self) -> float:
        """Root mean square of the last frame, 0-1. Worked out when asked for, which is seldom."""
        if not self._last_pcm:
            return 0.0
        samples = np.frombuffer(self._last_pcm, dtype="<i2").astype(np.float32) / FULL_SCALE
        return float(np.sqrt(np.dot(samples, samples) / samples.size))

    @property
    def keeps_fillers(self) -> bool:
        return self._loaded.keeps_fillers

    @property
    def recogniser_name(self) -> str:
        return self._loaded.name

    def recogniser_for(self, *, page_recognises: bool) -> Recogniser:
        """Who will recognise a client's speech, given what its page can do."""
        if self._loaded.recogniser is Recogniser.BROWSER and not page_recognises:
            return Recogniser.NONE
        return self._loaded.recogniser

    async def start(self) -> None:
        await self.session.start()

    async def close(self) -> None:
        self._source.close()
        await self.session.close()
        if self._loaded.stt is not None:
            await self._loaded.stt.aclose()
        if self._page is not None:
            await self._page.aclose()
        await self._tts.aclose()

    def push(self, frame: AudioFrame) -> None:
        if frame.pcm:
            self._last_pcm = frame.pcm
            self._source.push(frame.pcm, frame.rate_hz)

    def client_began(self) -> None:
        """A new socket: its clock begins with its first frame."""
        self._first_frame_ms = None

    def note_frame(self) -> None:
        if self._first_frame_ms is None:
            self._first_frame_ms = self._clock.now_ms()

    def hear_page(self, speech: Speech) -> None:
        """A result of the page's recogniser; its times count from the socket's first frame."""
        if self._page is None:
            return
        now_ms = self._clock.now_ms()
        first_ms = self._first_frame_ms
        if first_ms is None:  # no microphone to count by: the result came just now
            first_ms = now_ms - speech.end_ms
        # A page whose clock is wrong must not put words into the future.
        end_ms = min(first_ms + speech.end_ms, now_ms)
        start_ms = min(first_ms + speech.start_ms, end_ms)
        self._page.push(
            speech, self._ear.audio_position_s(start_ms), self._ear.audio_position_s(end_ms)
        )

    @property
    def has_turn(self) -> bool:
        return self._ear.running is not None

    def take_turn(self, *, with_interim: bool = False) -> Heard | None:
        return self._ear.take(with_interim=with_interim)
