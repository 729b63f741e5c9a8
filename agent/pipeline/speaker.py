"""Who says what the interviewer says: the page with its own voice, or the server's voices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from agent.barge_in import Barge
from agent.outlet import Outlet
from agent.pipeline.page_voice import PageVoice
from agent.pipeline.session import VoiceSession
from agent.pipeline.sink import SocketAudioOutput
from agent.pipeline.voice import Voice
from agent.providers.health import Health
from agent.providers.registry import PAGE
from agent.providers.tts.chain import COMPONENT
from agent.utterance import Utterance
from sessions.protocol import Played


@dataclass(frozen=True, slots=True)
class Spoken:
    """How an utterance went. `started_ms`: epoch ms of its first sound, None without any."""

    heard: str
    was_cut: bool
    started_ms: int | None


class Speaker:
    """One per room. `names` are the settings' voices; `on_switch(from, to, reason)` is told when
    the page's voice turns out not to work."""

    def __init__(
        self,
        names: Sequence[str],
        health: Health,
        *,
        outlet: Outlet,
        session: VoiceSession,
        voice: Voice,
        sink: SocketAudioOutput,
        page: PageVoice,
        on_switch: Callable[[str, str, str], None],
    ) -> None:
        self._names = names
        self._health = health
        self._outlet = outlet
        self._session = session
        self._voice = voice
        self._sink = sink
        self._page = page
        self._on_switch = on_switch
        self._page_can_speak = False

    def client_began(self, *, page_speaks: bool) -> None:
        self._page_can_speak = page_speaks

    async def speak(self, words: AsyncIterator[str], utterance: Utterance) -> Spoken:
        """Until it is said, or stopped, or nobody listens any more."""
        unsaid = ""
        if self._is_the_pages_turn():
            spoken = await self._page.speak(words, utterance)
            if not spoken.failed:
                return Spoken(spoken.heard_text, spoken.was_cut, spoken.started_ms)
            self._page_can_speak = False
            self._on_switch(PAGE, self._next_voice(), "the page's voice does not work")
            words, unsaid = spoken.unsaid(), spoken.unsaid_begun
        self._sink.begin(utterance)
        frames = self._voice.speak(words, utterance, unsaid=unsaid)
        was_interrupted = await self._session.say(frames)
        # Said to nobody, it was not heard, and is said again to whoever comes back.
        was_cut = was_interrupted or self._sink.was_cut or not self._outlet.is_open
        heard = utterance.heard(self._sink.played_ms) if was_cut else utterance.text
        return Spoken(heard, was_cut, self._sink.started_ms)

    def act(self, barge: Barge) -> None:
        """What the candidate's voice does to this one."""
        match barge:
            case Barge.HOLD:
                self._page.hold(True)
                self._sink.hold(True)
            case Barge.RESUME:
                self._page.hold(False)
                self._sink.hold(False)
            case Barge.INTERRUPT:
                self.stop()

    def stop(self) -> None:
        self._sink.forget_hold()
        if self._page.is_speaking:
            self._page.stop()
        else:
            self._session.interrupt()

    def note_played(self, played: Played) -> None:
        if self._page.is_speaking:
            self._page.note_played(played)
        else:
            self._sink.note_played(played.utterance, played.ms, is_done=played.done)

    def abandon(self) -> None:
        """The client is gone."""
        self._page.abandon()
        self._sink.abandon()

    def _is_the_pages_turn(self) -> bool:
        for name in self._names:
            if name == PAGE and self._page_can_speak:
                return True
            if name != PAGE and self._health.is_well(COMPONENT, name):
                return False
        return False

    def _next_voice(self) -> str:
        return next((name for name in self._names if name != PAGE), "")
