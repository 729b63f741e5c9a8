"""A helper program that speaks with espeak-ng; the server talks to it through pipes.

espeak-ng is GPL-3: it must never be linked into, or loaded by, the server's process. This file
is run as a program of its own (`python espeak_worker.py`) and imports the standard library and
espeakng_loader, nothing else; the server imports it only for the framing below, which loads no
library.

Requests on stdin: length u32, then JSON: {"do": "speak", "id", "text", "voice",
"words_per_minute"} with growing ids, or {"do": "cancel", "id"}, which ends that request and
every earlier one. Answers on stdout: kind u8, id u32, length u32 (little-endian), then

- READY, id 0, once: the sample rate in Hz as decimal text
- AUDIO: mono signed 16-bit little-endian samples, as they are made
- END: all of the request was spoken, or it was cancelled
- ERROR: a sentence; the request is over (id 0: the program cannot start)

The program ends as soon as stdin closes, in mid-sentence too, so it dies with the server.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import re
import signal
import struct
import sys
import threading
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

MAX_TEXT_CHARS = 10_000
MAX_REQUEST_BYTES = 128 * 1024
MAX_WAITING = 64

REQUEST = struct.Struct("<I")
ANSWER = struct.Struct("<BII")


class Answer(IntEnum):
    READY = 0
    AUDIO = 1
    END = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    voice: str
    words_per_minute: int


def speak_request(request_id: int, sentence: Sentence) -> bytes:
    return _framed(
        {
            "do": "speak",
            "id": request_id,
            "text": sentence.text,
            "voice": sentence.voice,
            "words_per_minute": sentence.words_per_minute,
        }
    )


def cancel_request(request_id: int) -> bytes:
    return _framed({"do": "cancel", "id": request_id})


def _framed(request: dict[str, str | int]) -> bytes:
    # Half a surrogate pair has no UTF-8: it becomes a question mark.
    body = json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")
    return REQUEST.pack(len(body)) + body


# -- the program, from here on -------------------------------------------------------------------

# Values of speak_lib.h.
_SYNCHRONOUS = 2  # audio goes to the callback, and espeak_Synth returns when all is made
_DONT_EXIT = 0x8000
_BUFFER_MS = 100
_RATE_PARAMETER = 1
_UTF8_WITH_END_PAUSE = 1 | 0x1000  # without the SSML and phoneme flags: text is text

_VOICE = re.compile(r"[A-Za-z][\w+-]{0,39}", re.ASCII)  # espeak takes voices as paths, too
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # \x01 begins a command inside the text
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_GO_ON, _STOP = 0, 1


class _Failed(Exception):
    """A sentence for the server about why this cannot be spoken."""


class _Voice:
    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._speaking = 0
        self._cancelled_up_to = 0
        self._callback = _CALLBACK(self._take_audio)  # kept: the library holds only an address
        self._library, self.rate_hz = _load_library()
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, request: dict[str, str | int]) -> None:
        """Answer one request. Raises _Failed."""
        self._speaking = int(request["id"])
        if self._is_cancelled():
            return
        text, voice = str(request["text"]), str(request["voice"])
        if len(text) > MAX_TEXT_CHARS:
            raise _Failed(f"The text has {len(text)} characters, more than {MAX_TEXT_CHARS}.")
        if (
            not _VOICE.fullmatch(voice)
            or self._library.espeak_SetVoiceByName(voice.encode("ascii")) != 0
        ):
            raise _Failed(f"espeak-ng has no voice {voice!r}.")
        self._library.espeak_SetParameter(_RATE_PARAMETER, int(request["words_per_minute"]), 0)
        utf8 = _CONTROL.sub(" ", text).encode("utf-8", "replace")
        status = self._library.espeak_Synth(
            utf8, len(utf8) + 1, 0, 1, 0, _UTF8_WITH_END_PAUSE, None, None
        )
        if status != 0:
            raise _Failed(f"espeak-ng answered with status {status}.")

    def cancel(self, request_id: int) -> None:
        """From the reading thread."""
        self._cancelled_up_to = max(self._cancelled_up_to, request_id)

    def answer(self, kind: Answer, request_id: int, payload: bytes = b"") -> None:
        try:
            self._answers.write(ANSWER.pack(kind, request_id, len(payload)) + payload)
            self._answers.flush()
        except OSError:
            os._exit(0)  # nobody listens any more; an error inside the callback would be lost

    def _is_cancelled(self) -> bool:
        return self._speaking <= self._cancelled_up_to

    def _take_audio(self, samples: int | None, count: int, _events: int | None) -> int:
        if self._is_cancelled():
            return _STOP
        if samples and count > 0:
            self.answer(Answer.AUDIO, self._speaking, ctypes.string_at(samples, count * 2))
        return _GO_ON


def _load_library() -> tuple[ctypes.CDLL, int]:
    # Here and not at the top: the server imports this file and must not load any of it.
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    library.espeak_Initialize.argtypes = [
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
    ]
    data = os.fsencode(espeakng_loader.get_data_path())
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _DONT_EXIT)
    if rate_hz <= 0:
        raise OSError("espeak-ng could not be initialised")
    return library, rate_hz


def _read_request(stdin: BinaryIO) -> dict[str, str | int] | None:
    """None when stdin has closed."""
    head = stdin.read(REQUEST.size)
    if len(head) < REQUEST.size:
        return None
    (length,) = REQUEST.unpack(head)
    if length > MAX_REQUEST_BYTES:
        raise ValueError("a request is too long")
    body = stdin.read(length)
    return json.loads(body) if len(body) == length else None


def _read_requests(voice: _Voice, waiting: queue.Queue[dict[str, str | int]]) -> None:
    # A thread, so that a cancel and the end of stdin are seen while the library speaks.
    status = 2  # the server sent what is no request
    try:
        while (request := _read_request(sys.stdin.buffer)) is not None:
            if request["do"] == "cancel":
                voice.cancel(int(request["id"]))
            else:
                waiting.put(request)
        status = 0
    finally:
        os._exit(status)  # the main thread may be inside the library: nothing else ends it at once


def _open_answers() -> BinaryIO:
    """Stdout for the answers alone: what else writes there goes to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def main() -> None:
    # Ctrl-C reaches the whole group of processes; the server decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _open_answers()
    try:
        voice = _Voice(answers)
    except (ImportError, OSError, RuntimeError) as exc:
        message = f"espeak-ng cannot be loaded: {exc}".encode()
        answers.write(ANSWER.pack(Answer.ERROR, 0, len(message)) + message)
        answers.flush()
        return
    voice.answer(Answer.READY, 0, str(voice.rate_hz).encode())
    waiting: queue.Queue[dict[str, str | int]] = queue.Queue(maxsize=MAX_WAITING)
    threading.Thread(target=_read_requests, args=(voice, waiting), daemon=True).start()
    while True:
        request = waiting.get()
        try:
            voice.speak(request)
        except _Failed as exc:
            voice.answer(Answer.ERROR, int(request["id"]), str(exc).encode("utf-8", "replace"))
        else:
            voice.answer(Answer.END, int(request["id"]))


if __name__ == "__main__":
    main()
