"""Runs of reports that are killed, or whose disk is full: what is published stays whole.

python -m benchmarks.runs_killed [KILLS]

Each run renders three months of a made-up company side by side, with data that changes from run
to run, and is killed (SIGKILL, with all its processes) at a moment drawn evenly from the length
of the last whole run; where it ended before, another is started, so that each kill strikes.
After each: every page belongs to its manifest or is the one before; the next run works. Then runs
whose files may not grow beyond a few kilobytes, as on a full disk.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from smarketing.errors import SmarketingError
from smarketing.reporting.pages.index import write_index
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.manifest import sha256
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

MONTHS = ("2025-10", "2025-11", "2025-12")
CELL = """\
from IPython.display import display
from smarketing.workspace import Workspace
with Workspace.open(workspace).warehouse() as warehouse:
    stamp = warehouse.fingerprint
figures = {"title": "T", "message": stamp, "text": stamp}
display({"text/html": f"<p>{month} {stamp}</p>" + "<!-- -->" * 2000,
         "application/vnd.smarketing.key-figures+json": figures}, raw=True)
"""


def company(folder: Path) -> Path:
    """Make a small workspace and a notebook in it that takes little time."""
    place = folder / "acme"
    place.mkdir(parents=True)
    (place / "sources.yml").write_text("company: Acme\n")
    (place / "agreement.yml").write_text(EXAMPLE)
    write_warehouse(
        place / "warehouse.duckdb", made_up_company(leads=60), KNOWN, timezone="Europe/Copenhagen"
    )
    cells = [new_code_cell('workspace = ""\nmonth = ""\nlanguage = "en"'), new_code_cell(CELL)]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=cells), place / "small.ipynb")
    return place


def change(place: Path, number: int) -> str:
    """Give the data another fingerprint, and return it."""
    stamp = f"{number:064x}"
    with duckdb.connect(str(place / "warehouse.duckdb")) as con:
        con.execute("UPDATE _meta SET value = ? WHERE key = 'fingerprint'", [stamp])
    return stamp


def run(place: str, kilobytes: str = "0") -> None:
    """Render in this process, whose files may not grow beyond some size."""
    if int(kilobytes):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(kilobytes) * 1024, -1))
    try:
        render_reports(place, since=MONTHS[0], notebook=Path(place) / "small.ipynb", workers=2)
    except SmarketingError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def start(place: Path, kilobytes: int = 0) -> subprocess.Popen[str]:
    """Start such a run as a group of processes of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.runs_killed", "run", str(place), str(kilobytes)],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )


def faults(place: Path, before: str, now: str) -> list[str]:
    """Return what is not whole: pages neither of the run before nor of this one, or half."""
    found = []
    for month in MONTHS:
        page = place / "reports" / f"monthly-{month}.html"
        text = page.read_text() if page.exists() else ""
        stamps = [stamp for stamp in {before, now} if f"<p>{month} {stamp}</p>" in text]
        if len(stamps) != 1 or not text.rstrip().endswith("</html>"):
            found.append(f"{month}: the page is neither the old nor the new one")
        about = page.with_name(f"{page.stem}.manifest.json")
        try:
            if json.loads(about.read_text())["key_figures"]["message"] not in (before, now):
                found.append(f"{month}: the manifest is of another run")
        except (OSError, ValueError):
            found.append(f"{month}: the manifest is not whole")
    if not (place / "reports" / "index.html").read_text().rstrip().endswith("</html>"):
        found.append("the index is not whole")
    return found


def settled(place: Path, now: str) -> list[str]:
    """Run once more, undisturbed, and return what is still wrong."""
    began = time.monotonic()
    done = start(place)
    _, said = done.communicate(timeout=300)
    wrong = [] if done.returncode == 0 else [f"the next run failed: {said}"]
    wrong += faults(place, now, now)
    for month in MONTHS:
        page = place / "reports" / f"monthly-{month}.html"
        about = json.loads(page.with_name(f"{page.stem}.manifest.json").read_text())
        if about["html_sha256"] != sha256(page.read_bytes()):
            wrong.append(f"{month}: page and manifest do not belong together")
    left = [p.name for p in (place / "reports").iterdir() if p.name.startswith(".rendering")]
    settled.seconds = time.monotonic() - began  # type: ignore[attr-defined]
    return wrong + [f"left behind: {name}" for name in left]


def main(kills: int = 50) -> None:
    """Kill runs, then fill the disk; print what came of it."""
    draw = random.Random(0)
    folder = Path(tempfile.mkdtemp())
    try:
        place = company(folder)
        old = change(place, 0)
        if wrong := settled(place, old):
            sys.exit("\n".join(wrong))
        write_index(place / "reports")
        length = settled.seconds  # type: ignore[attr-defined]
        wrong, number, struck, late = [], 0, 0, 0
        while struck < kills:
            number += 1
            now = change(place, number)
            process = start(place)
            time.sleep(draw.uniform(0, length))
            running = process.poll() is None
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            struck, late = struck + running, late + (not running)
            wrong += [f"kill {number}: {fault}" for fault in faults(place, old, now)]
            wrong += [f"after kill {number}: {fault}" for fault in settled(place, now)]
            length = settled.seconds  # type: ignore[attr-defined]
            old = now
            print(f"{struck} kills, {late} too late, {len(wrong)} faults", flush=True)
        kills = number
        print(f"{struck} kills of a run not yet over (a run takes {length:.0f} s)")
        print("\n".join(wrong) if wrong else "every page whole, every next run well", flush=True)
        for kilobytes in (1, 4, 16, 64, 256):
            kills += 1
            now = change(place, kills)
            process = start(place, kilobytes)
            _, said = process.communicate(timeout=300)
            traceback = "Traceback" in said
            first = (said.strip().splitlines() or ["nothing"])[0][:160]
            print(f"no file beyond {kilobytes} kB: status {process.returncode}; said: {first}")
            if traceback:
                wrong.append(f"{kilobytes} kB: a traceback")
            wrong += [f"{kilobytes} kB: {fault}" for fault in faults(place, old, now)]
            wrong += [f"after {kilobytes} kB: {fault}" for fault in settled(place, now)]
            old = now
        print("\n".join(wrong) if wrong else "every page whole, every next run well")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
