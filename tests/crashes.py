"""Ingests that are killed, run out of disk, or run twice at once; told by `python -m`."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest
from tests.exports import SOURCES, workspace

LEADS = 2000


def company(folder: Path, version: int) -> Path:
    """Write a workspace whose every row tells its version."""
    head, stage_head = "Id,Created,Source,Email,Employees\n", "Lead,Stage,At\n"
    leads = "".join(
        f"L{n},2026-01-05 09:00,v{version},a{n}@north.example,{n}\n" for n in range(LEADS)
    )
    stages = "".join(f"L{n},New,2026-01-05 09:0{version}\n" for n in range(LEADS))
    return workspace(folder, SOURCES, leads=head + leads, stages=stage_head + stages)


def version_of(folder: Path) -> str:
    """Return which version the warehouse is, or how it is broken."""
    try:
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
            found = con.execute(
                "SELECT DISTINCT source, minute(entered_at), (SELECT count(*) FROM leads),"
                " (SELECT count(*) FROM stages) FROM leads JOIN stages USING (lead_id)"
            ).fetchall()
            facts = con.execute("SELECT count(*) FROM _meta").fetchone()
    except duckdb.Error as error:
        return f"broken: {error}"
    if len(found) != 1 or found[0][2:] != (LEADS, LEADS) or facts == (0,):
        return f"mixed: {found}"
    return f"{found[0][0]}" if found[0][0] == f"v{found[0][1]}" else f"mixed: {found}"


def kills(folder: Path, times: int, seed: int) -> dict[str, object]:
    """Kill an ingest at random moments; return what the warehouse was each time.

    A kill counts if it struck; one that came after the end is made up for, and later moments are
    drawn within the shortest run seen.
    """
    draw = random.Random(seed)  # noqa: S311 - moments, not secrets
    company(folder, 0)
    ingest(folder)
    company(folder, 1)
    took = _seconds(folder)
    seen: Counter[str] = Counter()
    broken, failed, finished = [], [], 0
    n = -1
    while n + 1 - finished < times:
        n += 1
        company(folder, n % 2)
        old = version_of(folder)
        child = os.fork()
        if child == 0:
            _child(folder)
        moment = draw.uniform(0, took)
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)  # of one that has ended it is none
        struck = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        if not struck:
            finished += 1
            took = min(took, moment)
        now = version_of(folder)
        seen["old" if now == old else "new"] += 1
        if now not in ("v0", "v1"):
            broken.append(now)
        if n % 10 == 9:
            try:
                ingest_in_child(folder)
            except RuntimeError as error:
                failed.append(str(error))
            if version_of(folder) != f"v{n % 2}":
                failed.append(f"the next run left {version_of(folder)}")
            if left := [path.name for path in folder.glob(".ingest-*")]:
                failed.append(f"left behind: {left}")
    return {"kills": n + 1 - finished, "finished": finished, "broken": broken,
            "failed": failed, **seen}  # fmt: skip


def _seconds(folder: Path) -> float:
    start = time.monotonic()
    ingest_in_child(folder)
    return time.monotonic() - start


def ingest_in_child(folder: Path) -> None:
    """Ingest in a process of its own."""
    child = os.fork()
    if child == 0:
        _child(folder)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != 0:
        raise RuntimeError(f"the ingest ended with {status}")


def _child(folder: Path) -> None:
    try:
        ingest(folder)
    except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happens
        sys.stderr.write(f"{error}\n")
        os._exit(1 if isinstance(error, SmarketingError) else 3)
    os._exit(0)


def full_disk(folder: Path, limit: int) -> tuple[int, str]:
    """Ingest where no file may grow beyond a limit; return the exit status and the version."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        _child(folder)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), version_of(folder)


def at_once(folder: Path, number: int) -> tuple[list[int], str]:
    """Ingest in several processes at once; return their exit statuses and the version."""
    children = []
    for _ in range(number):
        child = os.fork()
        if child == 0:
            _child(folder)
        children.append(child)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return statuses, version_of(folder)


if __name__ == "__main__":
    what, where, count, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    answer: object = None
    if what == "kills":
        answer = kills(where, count, seed)
    elif what == "full":
        answer = full_disk(where, count)
    elif what == "at_once":
        answer = at_once(where, count)
    print(json.dumps(answer))  # noqa: T201 - what the caller reads
