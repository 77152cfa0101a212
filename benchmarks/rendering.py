"""Time a month takes to render, against a notebook that only imports what it imports.

python -m benchmarks.rendering [MONTHS]

Each side in a fresh process, in turns, bytecode compiled: the floor (imports, papermill,
nbconvert), the demo's latest month with predictions kept from an earlier run, the same with none
kept. With MONTHS, so many months side by side as well, predictions kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_notebook

from smarketing.demo import make_demo
from smarketing.warehouse.ingesting.run import ingest

FLOOR = """\
from smarketing.reporting.pages.monthly import monthly_report
from IPython.display import display
display({"text/html": "<p>floor</p>",
         "application/vnd.smarketing.key-figures+json": {"title": "floor"}}, raw=True)
"""
RENDER = """\
import sys
from pathlib import Path
from smarketing.reporting.runs.batch import render_reports
book = Path(sys.argv[3]) if sys.argv[3:] else None
render_reports(sys.argv[1], "2026-10", out=Path(sys.argv[2]), notebook=book, again=True)
"""
SEVERAL = """\
import sys
from pathlib import Path
from smarketing.reporting.runs.batch import render_reports
render_reports(sys.argv[1], since=sys.argv[3], out=Path(sys.argv[2]), again=True)
"""


def timed(code: str, *arguments: str) -> tuple[float, float]:
    """Run some code in a fresh Python; return seconds by the clock and of processor."""
    before, start = os.times(), time.monotonic()
    own = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, env=own)
    after = os.times()
    used = after.children_user + after.children_system
    return time.monotonic() - start, used - before.children_user - before.children_system


def least_of(took: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the least seconds by the clock, and the least of processor: the machine is shared."""
    clock, processor = zip(*took, strict=True)
    return min(clock), min(processor)


def main(months: int = 0) -> None:
    """Measure and print, with the ratios to the floor."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder, out = Path(name) / "demo", str(Path(name) / "out")
        folder.mkdir()
        make_demo(folder)
        ingest(folder)
        book = Path(name) / "floor.ipynb"
        cells = [new_code_cell('workspace = ""\nmonth = ""\nlanguage = "en"'), new_code_cell(FLOOR)]
        cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(new_notebook(cells=cells), book)
        where = (str(folder), out)
        timed(RENDER, *where, str(book))  # compiles what is not compiled yet
        floor, first, warm = [], timed(RENDER, *where), []
        for _ in range(3):
            floor.append(timed(RENDER, *where, str(book)))
            warm.append(timed(RENDER, *where))
        least, best = least_of(floor), least_of(warm)
        print(f"floor {least[0]:.1f} s ({least[1]:.1f} s of processor)")
        for what, took in (("kept", best), ("none", first)):
            clock, processor = (one / other for one, other in zip(took, least, strict=True))
            print(
                f"{what}  {took[0]:.1f} s ({took[1]:.1f}), {clock:.2f} times the floor by the "
                f"clock, {processor:.2f} by the processor"
            )
        if months:
            since = str(pd.Period("2026-10", "M") - (months - 1))
            timed(SEVERAL, *where, since)
            several = timed(SEVERAL, *where, since)
            clock, processor = (one / other for one, other in zip(several, best, strict=True))
            print(
                f"{months} months, kept: {several[0]:.0f} s ({several[1]:.0f}), {clock:.1f} times "
                f"one by the clock, {processor:.1f} by the processor"
            )
        shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
