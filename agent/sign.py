"""The sign at a room's door: whose turn it is, shown to the page when it changes."""

from __future__ import annotations

from agent.conduct import Conduct
from agent.mouth import Mouth
from agent.outlet import Outlet
from sessions.lifecycle import Status
from sessions.protocol import RoomState, State


class Sign:
    def __init__(self, outlet: Outlet, conduct: Conduct, mouth: Mouth) -> None:
        self._outlet = outlet
        self._conduct = conduct
        self._mouth = mouth
        self._shown: RoomState | None = None

    @property
    def state(self) -> RoomState:
        interview = self._conduct.interview
        match interview.status:
            case Status.IN_PROGRESS if self._mouth.is_busy:
                return RoomState.SPEAKING
            case Status.IN_PROGRESS if self._conduct.is_judging:
                return RoomState.THINKING
            case Status.IN_PROGRESS if interview.is_given_a_moment:
                return RoomState.WAITING_FOR_YOU
            case Status.IN_PROGRESS:
                return RoomState.LISTENING
            case Status.PAUSED:
                return RoomState.PAUSED
            case Status.COMPLETED | Status.ABANDONED:
                return RoomState.ENDED
            case _:
                return RoomState.WAITING

    def show(self) -> None:
        """To whoever is in the room, if it is another than was shown, with the progress."""
        if self._turn_to(self.state):
            self._conduct.show_progress()

    def show_anew(self) -> None:
        """To somebody who has just come in."""
        self._shown = None
        self.show()

    def show_thinking(self) -> None:
        """The answer is over, and the interviewer has not begun: no fact says so."""
        self._turn_to(RoomState.THINKING)

    def _turn_to(self, state: RoomState) -> bool:
        is_new = state is not self._shown
        if is_new:
            self._shown = state
            self._outlet.send(State(state=state))
        return is_new
