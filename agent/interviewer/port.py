"""Who puts a decided move into words. Code decides the move; this only phrases it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar

from agent.interviewer.personas import CALM, Persona
from sessions.facts import SkipReason
from sessions.interview import Say
from sessions.plan import PlanRequest


@dataclass(frozen=True, slots=True)
class Scene:
    """What the phrasing may refer to. `index` is the question's, from 0; -1 before the first."""

    request: PlanRequest
    index: int
    total: int
    planned_minutes: int
    skipped: SkipReason | None
    """How the question before ended when it was passed over; None when it was answered."""
    utterance: int
    """The number of this utterance, so that the same move is not always said the same way."""
    persona: Persona = CALM
    """Whose manner it is said in: the chain puts the installation's own here."""


class Interviewer(ABC):
    name: ClassVar[str]

    @abstractmethod
    def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
        """The words to speak, as they come; sentences may be split anywhere."""
