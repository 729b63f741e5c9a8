"""All the audio of one room in one piece: microphone, listener, voices, session, sink."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from livekit import rtc

from agent.hearing import Heard
from agent.outlet import Outlet
from agent.pipeline.listener import Listener, Listening
from agent.pipeline.microphone import Microphone
from agent.pipeline.page_voice import PageVoice
from agent.pipeline.session import VoiceSession
from agent.pipeline.sink import SocketAudioOutput
from agent.pipeline.speaker import Speaker
from agent.pipeline.voice import Voice
from agent.providers.registry import NOBODY, PAGE, load_vad
from agent.providers.shared import Providers
from agent.providers.stt.chain import FallbackSTT
from agent.providers.stt.page import PageSTT
from agent.providers.tts.chain import VoiceChain
from agent.turns.turns import Turns
from agent.usage import Used
from agent.utterance import Utterance
from sessions.ports import Clock
from sessions.protocol import AudioFrame, CodecName, Hello, Recogniser, Speech
from sessions.settings import SpeechSettings

FULL_SCALE = 32_768.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Whom the room's audio tells of its providers. Components are "stt" and "tts"."""

    on_switch: Callable[[str, str, str, str], None]
    """component, from, to, reason; an empty `to` when none is left."""
    on_failure: Callable[[str, str, str], None]
    """component, provider, reason."""
    on_used: Callable[[Used], None]


class RoomAudio:
    """`start` once, beside `listener.run`; `close` once. `on_heard(pcm)` gets the candidate's audio
    at 16 kHz, `on_played(pcm, starts_at_ms)` what was heard of the interviewer's at 24 kHz, and
    when."""

    def __init__(
        self,
        settings: SpeechSettings,
        providers: Providers,
        outlet: Outlet,
        clock: Clock,
        *,
        turns: Turns,
        listening: Listening,
        watching: Watching,
        show_sentence: Callable[[Utterance], None],
        on_heard: Callable[[bytes], None],
        on_played: Callable[[bytes, int], None],
    ) -> None:
        self._names = settings.stt
        self._clock = clock
        self._page = PageSTT()
        self._used: Recogniser | None = None
        self._chain: FallbackSTT | None = None
        if providers.recognisers:
            self._chain = FallbackSTT(
                providers.recognisers,
                health=providers.health,
                clock=clock,
                timeout_s=settings.stt_timeout_s,
                on_switch=partial(watching.on_switch, "stt"),
                on_used=watching.on_used,
            )
        self._microphone = Microphone()
        self._first_frame_ms: int | None = None
        self._page_recognises = False
        self._page_results = 0
        self._last_frame: rtc.AudioFrame | None = None
        self._on_heard = on_heard
        self._sink = SocketAudioOutput(outlet, clock, on_played=on_played)
        self.listener = Listener(
            clock,
            detector=load_vad(settings),
            page=self._page,
            recogniser=self._chain,
            turns=turns,
            end_of_turn=providers.end_of_turn,
            tell=listening,
        )
        self._session = VoiceSession(self._sink)
        chain = VoiceChain(
            providers.voices,
            providers.health,
            timeout_s=settings.tts_timeout_s,
            on_switch=partial(watching.on_switch, "tts"),
            on_used=watching.on_used,
        )
        self.speaker = Speaker(
            settings.tts,
            providers.health,
            outlet=outlet,
            session=self._session,
            voice=Voice(
                chain,
                on_sentence=show_sentence,
                on_failure=lambda reason: watching.on_failure("tts", settings.tts[-1], reason),
            ),
            sink=self._sink,
            page=PageVoice(outlet, clock),
            on_switch=partial(watching.on_switch, "tts"),
        )

    async def start(self) -> None:
        await self._session.start()

    async def close(self) -> None:
        await self._session.close()
        if self._chain is not None:
            await self._chain.aclose()
        await self._page.aclose()
        self._microphone.close()

    # -- who recognises --------------------------------------------------------------------------

    @property
    def keeps_fillers(self) -> bool:
        """Of the one that is used; before anybody is in the room, of the server's."""
        is_page = self._used is Recogniser.BROWSER
        return self._chain is not None and self._chain.keeps_fillers and not is_page

    @property
    def recogniser_name(self) -> str:
        """Of the one that is used, or would be with a page that can all it should."""
        if self._chain is not None and self._chain.current and self.listener.is_recognising:
            return self._chain.current
        return PAGE if self._used is Recogniser.BROWSER else self._names[0]

    def recogniser_for(self, *, page_recognises: bool) -> Recogniser:
        """Who recognises a client's speech now, given what its page can do: the first that can."""
        for name in self._names:
            if name == NOBODY:
                return Recogniser.NONE
            if name == PAGE:
                if page_recognises:
                    return Recogniser.BROWSER
            elif self._chain is not None and self._chain.current:
                return Recogniser.SERVER
        return Recogniser.NONE

    def use(self, recogniser: Recogniser) -> None:
        self._used = recogniser
        self.listener.is_recognising = recogniser is Recogniser.SERVER

    def look_for_recogniser(self) -> None:
        """While nobody's audio is recognised here, no stream finds out that one is well again."""
        if self._chain is not None and not self._chain.current:
            member = self._chain.find_well()
            if member is not None:
                self._chain.switch(member.name, "works again")

    def report_usage(self) -> None:
        """To `Watching.on_used`, what a stream that goes on has used."""
        if self._chain is not None:
            self._chain.report()

    # -- what comes in ---------------------------------------------------------------------------

    def client_began(self, hello: Hello, downlink: CodecName) -> None:
        """A new socket: its clock begins with its first frame."""
        self._first_frame_ms = None
        self._microphone.client_began()
        self._sink.codec = downlink
        self.speaker.client_began(page_speaks=hello.speaks)

    def note_frame(self) -> None:
        if self._first_frame_ms is None:
            self._first_frame_ms = self._clock.now_ms()

    def push(self, sent: AudioFrame) -> None:
        """Raises MessageInvalid for a packet that is no Opus."""
        for frame in self._microphone.take(sent):
            self._last_frame = frame
            self._on_heard(frame.data.tobytes())
            self.listener.hear(frame)

    async def hear_page(self, speech: Speech) -> None:
        """A result of the page's recogniser; its times count from the socket's first frame."""
        now_ms = self._clock.now_ms()
        first_ms = self._first_frame_ms
        if first_ms is None:  # no microphone to count by: the result came just now
            first_ms = now_ms - speech.end_ms
        # A page whose clock is wrong must not put words into the future.
        end_ms = min(first_ms + speech.end_ms, now_ms)
        start_ms = min(first_ms + speech.start_ms, end_ms)
        place = self.listener.ear.audio_position_s
        self._page.push(speech, place(start_ms), place(end_ms))
        self._page_results += 1
        await self.listener.until_heard(self._page_results)

    @property
    def level(self) -> float:
        """Root mean square of the last frame, 0-1. Worked out when asked for, which is seldom."""
        if self._last_frame is None:
            return 0.0
        samples = np.frombuffer(self._last_frame.data, dtype="<i2").astype(np.float32) / FULL_SCALE
        return float(np.sqrt(np.dot(samples, samples) / samples.size))

    @property
    def has_turn(self) -> bool:
        return self.listener.ear.running is not None

    def take_turn(self) -> Heard | None:
        return self.listener.take()
