"""The running numbers of a room: what `Feedback` tells the candidate while they speak."""

from __future__ import annotations

from collections.abc import Sequence

from scoring.fillers import find_fillers
from scoring.speech import SpeechTally, Totals, speaking_ms
from scoring.words import count_words
from sessions.facts import Fact, Timing, Word
from sessions.protocol import Feedback


class LiveScore:
    """A fold over the room's facts. An interim costs only what the running turn holds."""

    def __init__(self) -> None:
        self._tally = SpeechTally()

    def receive(self, fact: Fact) -> None:
        self._tally.receive(fact)

    def feedback(self) -> Feedback:
        """Over the finished turns. A number that is not fully measured is None, its note says
        why; `filler_total` then is a lower bound. Rates come from 10 s of speech on.
        """
        return _feedback(self._tally.totals)

    def preview(
        self,
        text: str,
        words: Sequence[Word],
        started_ms: int,
        now_ms: int,
        timing: Timing,
    ) -> Feedback:
        """With the running turn added as it stands now; nothing of it is kept.

        `started_ms` is when the turn began, `now_ms` when its last words were heard.
        """
        if timing is Timing.NONE or not text.strip():
            return self.feedback()
        totals = self._tally.totals
        fillers = find_fillers(
            text, words=words if timing is Timing.WORD else (), language=totals.language
        )
        running = totals.plus_turn(
            words=count_words(text),
            speaking_ms=speaking_ms(words, timing, started_ms=started_ms, ended_ms=now_ms),
            dropped_by=self._tally.drops_fillers,
        )
        return _feedback(running.plus_fillers([span.filler for span in fillers]))


def _feedback(totals: Totals) -> Feedback:
    per_minute, pace = totals.fillers_per_minute(), totals.pace()
    return Feedback(
        fillers=dict(totals.filler_counts),
        filler_total=totals.fillers,
        fillers_per_minute=per_minute.value if per_minute.is_measured else None,
        fillers_note=totals.filler_total().note or per_minute.note,
        pace_wpm=pace.value if pace.is_measured else None,
        pace_note=pace.note,
        speaking_ms=totals.speaking_ms,
    )
