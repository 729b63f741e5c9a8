"""A room that only records, as a process to be killed: `python FILE DATA_DIR PCM_FILE`.

It hears the file's samples (16 kHz) over and over in real time, and prints how many ms of them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from agent.recorder.recorder import Recorder
from sessions.ids import InterviewId
from sessions.infra.clock import SystemClock
from tests.support.recording import run_studio

FRAME_MS = 40


async def record(data_dir: Path, said: bytes) -> None:
    clock = SystemClock()
    with run_studio(data_dir, clock) as studio:
        recorder = Recorder(InterviewId("killed"), 2, studio)
        started_ms = clock.now_ms()
        recorder.start(started_ms)
        heard_ms = 0
        while True:
            await asyncio.sleep(FRAME_MS / 1000)
            while heard_ms + FRAME_MS <= clock.now_ms() - started_ms:
                at = heard_ms * 32 % (len(said) - FRAME_MS * 32)
                heard_ms += FRAME_MS
                recorder.hear(said[at : at + FRAME_MS * 32], started_ms + heard_ms)
                if heard_ms % 500 < FRAME_MS:
                    recorder.advance(started_ms + heard_ms)
                    print(started_ms, heard_ms, flush=True)


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
