"""Programs that take a lock; told by `python -m`: count up a file, or hold on to it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from smarketing.errors import Problem
from smarketing.lock import locked

BUSY = Problem("somebody else is at work", "here")
NAME = ".lock"
COUNT = "count"


def count_up(folder: Path, times: int, patience: float = 120.0) -> None:
    """Add one to the number in a file, many times: what two do at once is lost."""
    for _ in range(times):
        with locked(folder / NAME, patience, BUSY, "nothing can be counted"):
            number = int((folder / COUNT).read_text())
            time.sleep(0.001)  # long enough for another to read the same number
            written = folder / f"{COUNT}.{os.getpid()}"
            written.write_text(str(number + 1))
            written.replace(folder / COUNT)
        time.sleep(0.005)  # and for another to get its turn


def hold(folder: Path) -> None:
    """Take the lock, say so, and hold it until a line comes."""
    with locked(folder / NAME, 120.0, BUSY, "nothing can be held"):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "count":
        count_up(where, int(sys.argv[3]))
    else:
        hold(where)
