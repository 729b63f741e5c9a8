"""A real recogniser for tests: pocketsphinx with a closed grammar of the lines that are spoken.

`VIVAVOCE_TEST_GRAMMAR_LINES` names a text file: one spoken line per text line, `|` where the
speaker pauses. A speech segment is one piece of a line, or several that follow each other, so a
short pause may or may not split. It hears these lines alone: exact words, real times, no product.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import pocketsphinx
from livekit import local_inference, rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)

from agent.providers.stt.streaming import StreamingSTT
from sessions.settings import SpeechSettings

_log = logging.getLogger(__name__)

LINES_VARIABLE = "VIVAVOCE_TEST_GRAMMAR_LINES"
RATE_HZ = 16_000
WINDOW = local_inference.VAD_WINDOW_SAMPLES
BATCH_BYTES = RATE_HZ // 10 * 2
INTERIM_EVERY_S = 0.3
MIN_SILENCE_S = 0.45  # longer than espeak's comma at 110 words per minute (0.31 s)
PADDING_S = 0.3
ACTIVATION, DEACTIVATION = 0.5, 0.35
FRAMES_PER_S = 100

_PRONUNCIATIONS = {
    "um": "AH M",
    "uh": "AH",
    "uhm": "AH M",
    "er": "ER",
    "erm": "ER M",
    "hmm": "HH M",
    "you": "Y UW",
    "know": "N OW",
}


class _Segment(Protocol):
    word: str
    start_frame: int
    end_frame: int


class _Decoder(Protocol):
    """What is used of pocketsphinx, which carries no types."""

    def add_word(self, word: str, phones: str, update: bool) -> int: ...
    def lookup_word(self, word: str) -> str | None: ...
    def add_jsgf_string(self, name: str, jsgf: str) -> None: ...
    def activate_search(self, name: str) -> None: ...
    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, no_search: bool, full_utt: bool) -> int: ...
    def end_utt(self) -> None: ...
    def seg(self) -> list[_Segment] | None: ...


@dataclass(frozen=True, slots=True)
class Word:
    """Seconds since the start of the stream."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    segment: int
    words: tuple[Word, ...]
    is_final: bool

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def read_lines(path: Path) -> list[list[str]]:
    """Raises ValueError when the file holds none."""
    if lines := parse_lines(path.read_text(encoding="utf-8")):
        return lines
    raise ValueError(f"{path} holds no line to recognise")


def parse_lines(text: str) -> list[list[str]]:
    """Each line as its pieces, in the dictionary's spelling: small letters, no punctuation."""
    lines: list[list[str]] = []
    for line in text.splitlines():
        pieces = [" ".join(re.findall(r"[a-z']+", piece.lower())) for piece in line.split("|")]
        if pieces := [piece for piece in pieces if piece]:
            lines.append(pieces)
    return lines


def write_grammar(lines: list[list[str]]) -> str:
    """JSGF: each run of pieces that follow each other in a line is a sentence."""
    rules: list[str] = []
    starts: list[str] = []
    for number, pieces in enumerate(lines):
        following = ""
        for place in reversed(range(len(pieces))):
            rule = f"<l{number}p{place}>"
            rules.append(f"{rule} = {pieces[place]}{following};")
            starts.append(rule)
            following = f" [ {rule} ]"
    return "\n".join(
        ["#JSGF V1.0;", "grammar lines;", *rules, f"public <spoken> = {' | '.join(starts)};"]
    )


def _load_decoder(lines: list[list[str]]) -> _Decoder:
    # The lattice's best path often leaves the grammar at the last word; the search's own does not.
    decoder = cast(
        "_Decoder",
        pocketsphinx.Decoder(
            lm=None, loglevel="FATAL", bestpath=False, beam=1e-100, pbeam=1e-100, wbeam=1e-80
        ),
    )
    for word in {word for pieces in lines for piece in pieces for word in piece.split()}:
        if decoder.lookup_word(word) is not None:
            continue
        if word not in _PRONUNCIATIONS:
            raise ValueError(f"pocketsphinx's dictionary has no word {word!r}")
        decoder.add_word(word, _PRONUNCIATIONS[word], True)
    decoder.add_jsgf_string("lines", write_grammar(lines))
    decoder.activate_search("lines")
    return decoder


class Ears:
    """One stream's recogniser: synchronous, fed with 16,000 Hz mono samples as they come."""

    def __init__(self, lines: list[list[str]]) -> None:
        self._decoder = _load_decoder(lines)
        self._vad = local_inference.VAD()
        self._samples = bytearray()
        self._before: deque[bytes] = deque(maxlen=round(PADDING_S * RATE_HZ / WINDOW))
        self._heard_samples = 0
        self._segment = 0
        self._segment_start_s = 0.0
        self._is_speaking = False
        self._silence_s = 0.0
        self._since_interim_s = 0.0
        self._last_interim = ""

    def hear(self, pcm: bytes) -> list[Heard]:
        self._samples += pcm
        heard: list[Heard] = []
        while len(self._samples) >= WINDOW * 2:
            window = bytes(self._samples[: WINDOW * 2])
            del self._samples[: WINDOW * 2]
            if (result := self._hear_window(window)) is not None:
                heard.append(result)
        return heard

    def finish(self) -> Heard | None:
        """The segment that is open ends here."""
        return self._end_segment() if self._is_speaking else None

    def _hear_window(self, window: bytes) -> Heard | None:
        probability = self._vad.predict(np.frombuffer(window, dtype=np.int16))
        self._heard_samples += WINDOW
        if not self._is_speaking:
            self._before.append(window)
            if probability >= ACTIVATION:
                self._start_segment()
            return None
        self._decoder.process_raw(window, False, False)
        is_silent = probability <= DEACTIVATION
        self._silence_s = self._silence_s + WINDOW / RATE_HZ if is_silent else 0.0
        if self._silence_s >= MIN_SILENCE_S:
            return self._end_segment()
        self._since_interim_s += WINDOW / RATE_HZ
        return self._interim() if self._since_interim_s >= INTERIM_EVERY_S else None

    def _start_segment(self) -> None:
        self._is_speaking = True
        self._segment += 1
        self._silence_s = self._since_interim_s = 0.0
        self._last_interim = ""
        padding = b"".join(self._before)
        self._before.clear()
        self._segment_start_s = (self._heard_samples - len(padding) // 2) / RATE_HZ
        self._decoder.start_utt()
        self._decoder.process_raw(padding, False, False)

    def _end_segment(self) -> Heard | None:
        self._is_speaking = False
        self._decoder.end_utt()
        heard = Heard(self._segment, self._words(), is_final=True)
        if not heard.words:
            _log.warning("a segment at %.2f s is no line of the grammar", self._segment_start_s)
            return None
        return heard

    def _interim(self) -> Heard | None:
        self._since_interim_s = 0.0
        heard = Heard(self._segment, self._words(), is_final=False)
        if not heard.words or heard.text == self._last_interim:
            return None
        self._last_interim = heard.text
        return heard

    def _words(self) -> tuple[Word, ...]:
        return tuple(
            Word(
                text=re.sub(r"\(\d+\)$", "", segment.word),  # "where(2)": the second pronunciation
                start_s=self._segment_start_s + segment.start_frame / FRAMES_PER_S,
                end_s=self._segment_start_s + (segment.end_frame + 1) / FRAMES_PER_S,
            )
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in "<[("  # silence, noise, empty transitions
        )


recognising = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pocketsphinx")


class PocketSphinxSTT(StreamingSTT):
    keeps_fillers = True

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=True,
                aligned_transcript="word",
                offline_recognize=False,
            )
        )
        path = os.environ[LINES_VARIABLE]  # noqa: TID251 - a test's own knob, no setting of ours
        self._path = Path(path)
        read_lines(self._path)

    @property
    def lines(self) -> list[list[str]]:
        """As they are in the file now: each stream has its own."""
        return read_lines(self._path)

    @property
    def model(self) -> str:
        return "en-us"

    @property
    def provider(self) -> str:
        return "pocketsphinx"

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> PocketSphinxStream:
        return PocketSphinxStream(recogniser=self, conn_options=conn_options)


class PocketSphinxStream(stt.RecognizeStream):
    def __init__(self, *, recogniser: PocketSphinxSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=recogniser, conn_options=conn_options, sample_rate=RATE_HZ)
        self._lines = recogniser.lines

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        ears = await loop.run_in_executor(recognising, Ears, self._lines)
        batch = bytearray()
        async for frame in self._input_ch:
            is_boundary = not isinstance(frame, rtc.AudioFrame)
            if isinstance(frame, rtc.AudioFrame):
                batch += frame.data
            if len(batch) >= BATCH_BYTES or is_boundary:
                for heard in await loop.run_in_executor(recognising, ears.hear, bytes(batch)):
                    self._tell(heard)
                batch.clear()
            if is_boundary and (last := await loop.run_in_executor(recognising, ears.finish)):
                self._tell(last)

    def _tell(self, heard: Heard) -> None:
        offset_s = self.start_time_offset
        kind = stt.SpeechEventType
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind.FINAL_TRANSCRIPT if heard.is_final else kind.INTERIM_TRANSCRIPT,
                request_id=f"segment-{heard.segment}",
                alternatives=[
                    stt.SpeechData(
                        language=LanguageCode("en"),
                        text=heard.text,
                        start_time=heard.words[0].start_s + offset_s,
                        end_time=heard.words[-1].end_s + offset_s,
                        confidence=1.0,  # a closed grammar knows no doubt
                        words=[
                            TimedString(
                                word.text,
                                start_time=word.start_s + offset_s,
                                end_time=word.end_s + offset_s,
                                confidence=1.0,
                                start_time_offset=offset_s,
                            )
                            for word in heard.words
                        ],
                    )
                ],
            )
        )
