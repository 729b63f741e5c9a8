"""The systems a bench compares: how each is started, and how guests come to it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.candidate import Candidate, set_up
from benchmarks.guest import Guest, SpokenAnswer
from benchmarks.peers.guest import PeerGuest
from benchmarks.served import OURS
from tests.support.process import ROOT

PIPECAT_PYTHON = ROOT / "var" / "peers" / "pipecat" / "bin" / "python"
MIN_QUESTIONS = 2

Invite = Callable[[str, SpokenAnswer, int, int], Awaitable[Sequence[Guest]]]
"""`(url, answer, rooms, turns)`: the guests, each with a room to go to."""


@dataclass(frozen=True, slots=True)
class System:
    name: str
    command: tuple[str, ...]
    invite: Invite
    is_ours: bool = False
    needs: Path | None = None
    """What must be there to start it; see `missing`."""
    missing: str = ""
    """What to say when it is not."""

    @property
    def is_there(self) -> bool:
        return self.needs is None or self.needs.exists()


async def _to_interviews(url: str, answer: SpokenAnswer, rooms: int, turns: int) -> Sequence[Guest]:
    # Signing up hashes a password each time: it is over before anything is measured.
    questions = max(turns, MIN_QUESTIONS)
    return [Candidate(await set_up(url, questions), answer, turns) for _ in range(rooms)]


async def _to_sockets(url: str, answer: SpokenAnswer, rooms: int, turns: int) -> Sequence[Guest]:
    return [PeerGuest(url, answer, turns) for _ in range(rooms)]


VIVAVOCE = System("vivavoce", OURS, _to_interviews, is_ours=True)
PEERS = {
    "plain-livekit": System(
        "plain-livekit",
        (sys.executable, "-m", "benchmarks.peers.plain_livekit"),
        _to_sockets,
    ),
    "pipecat": System(
        "pipecat",
        (str(PIPECAT_PYTHON), "-m", "benchmarks.peers.pipecat_server"),
        _to_sockets,
        needs=PIPECAT_PYTHON,
        missing="pipecat is not there: `make peers` installs it into var/peers/pipecat",
    ),
}
