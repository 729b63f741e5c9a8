"""When the running turn of the candidate is over: a state machine without clock and loop."""

from __future__ import annotations

from agent.turns.decision import Evidence, wait_ms
from agent.turns.endings import UNFINISHED, Ending, ending_of, words_of
from sessions.facts import Move
from sessions.plan import InterviewType, Patience

GRACE_MS = 900
"""After a sound its words, and after words their final form, are waited for so long at least ..."""
LONGEST_GRACE_MS = 3_000
"""... and at most, when the recogniser has been seen to be slow."""
BEYOND_LAG_MS = 300
LATEST_MS = 6_000
"""Words that come later than this after the last sound belong to one that nobody noticed."""


class Turns:
    """Fed with what the voice activity, the recogniser and the audio model tell; epoch ms.

    The turn is over at `due_ms` unless something changes before. Sound that brings no words
    (a cough, a click) never makes a turn, and holds one up only until words could have come.
    """

    def __init__(
        self, patience: Patience, interview_type: InterviewType, *, language: str = "en"
    ) -> None:
        """The words of other languages than English say nothing: the sound and the table decide."""
        self._language = language
        self._patience = patience
        self._interview_type = interview_type
        self._move: Move | None = None
        self._lag_ms = 0
        """How late the recogniser's words were the last time."""
        self._is_speech = False
        self._began_ms = 0
        self.reset()

    def begin(self, move: Move | None) -> None:
        """The interviewer did this last: what is said from now on answers it."""
        self._move = move

    def reset(self) -> None:
        """The turn was taken. Speech that is going on belongs to the next."""
        self._text = ""
        self._count = 0
        self._is_final = True
        self._heard_ms = 0
        """When words were last added."""
        self._ending: Ending | None = None
        self._spoken_ms = 0
        self._ended_ms: int | None = None
        """The last sound's end."""
        self._worded_ms: int | None = None
        """The end of the last sound that brought words."""
        self._is_unworded = self._is_speech
        """Whether the last sound has not brought any words yet."""
        self._probability: float | None = None

    def speech_began(self, at_ms: int) -> None:
        self._is_speech = True
        self._is_unworded = True
        self._began_ms = at_ms
        self._probability = None

    def speech_ended(self, ended_ms: int) -> None:
        """The last sound was at `ended_ms`; the news of it comes later."""
        if self._is_speech:
            self._spoken_ms += max(ended_ms - self._began_ms, 0)
        self._is_speech = False
        self._ended_ms = ended_ms
        if not self._is_unworded:
            self._worded_ms = ended_ms

    def heard(self, text: str, *, is_final: bool, at_ms: int) -> None:
        """All words of the running turn so far. Final: none of them will change."""
        count = len(words_of(text))
        has_more, self._count = count > self._count, count
        self._text, self._is_final, self._ending = text, is_final, None
        if not has_more:
            return
        self._heard_ms = at_ms
        self._is_unworded = False
        if self._is_speech:
            return
        if self._ended_ms is None or at_ms - self._ended_ms > LATEST_MS:
            self._ended_ms = at_ms  # too soft a voice to be noticed, or a turn's late last words
        else:
            self._lag_ms = max(at_ms - self._ended_ms, 0)
        self._worded_ms = self._ended_ms

    def judged(self, probability: float) -> None:
        """The audio model's P(turn ended) for the pause that began at the last `speech_ended`."""
        if not self._is_speech:
            self._probability = probability

    @property
    def wants_judgement(self) -> bool:
        """Whether the audio model's word on the present pause could change when the turn is over.

        False in speech, and when the words say clearly enough that they go on, or that they end.
        """
        if self._is_speech or self._ended_ms is None or self._probability is not None:
            return False
        return not self._count or self.ending not in (UNFINISHED | {Ending.CLOSED})

    @property
    def ending(self) -> Ending:
        """What the words so far say."""
        if self._ending is None:
            self._ending = ending_of(self._text, self._language)
        return self._ending

    @property
    def due_ms(self) -> int | None:
        """When the turn is over if nothing changes; may lie in the past. None: not in sight."""
        if self._is_speech or not self._count or self._ended_ms is None:
            return None
        worded_ms = self._ended_ms if self._worded_ms is None else self._worded_ms
        due_ms = worded_ms + wait_ms(self._evidence())
        if self._is_unworded:
            return max(due_ms, self._ended_ms + self._grace_ms)
        if not self._is_final:
            return max(due_ms, max(self._ended_ms, self._heard_ms) + self._grace_ms)
        return due_ms

    @property
    def _grace_ms(self) -> int:
        return min(max(GRACE_MS, self._lag_ms + BEYOND_LAG_MS), LONGEST_GRACE_MS)

    def _evidence(self) -> Evidence:
        return Evidence(
            ending=self.ending,
            probability=self._probability,
            move=self._move,
            interview_type=self._interview_type,
            patience=self._patience,
            spoken_ms=self._spoken_ms,
        )
