"""When the cyclic collector runs: in a process of its own, as it is told for all of it."""

from __future__ import annotations

import json
import subprocess
import sys

from agent.garbage import CLOSED_ROOMS, YOUNG_OBJECTS

PROGRAM = """
import gc, json, weakref
from agent.garbage import Sweeper, settle

class Knot:
    def __init__(self):
        self.itself = self

def left_lying():
    return weakref.ref(Knot())

sweeper = Sweeper()
sweeper.note_closed(left=0)
before = left_lying()
unsettled = gc.get_freeze_count(), before() is not None
settle()
lying = left_lying()
for closed in range({closed} - 1):
    sweeper.note_closed(left=5)
kept = lying() is not None
sweeper.note_closed(left=5)
swept = lying() is None
last = left_lying()
sweeper.note_closed(left=0)
print(json.dumps([unsettled, gc.get_threshold()[0], kept, swept, last() is None]))
"""


def test_cycles_of_closed_rooms_go_when_there_are_some_or_nobody_is_left() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{closed}", str(CLOSED_ROOMS))],
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )
    unsettled, threshold, kept, swept, gone = json.loads(ran.stdout)
    assert unsettled == [0, True], "without `settle` the collector is left as it is"
    assert threshold == YOUNG_OBJECTS
    assert (kept, swept, gone) == (True, True, True)
