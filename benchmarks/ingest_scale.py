"""Ingest 1 M leads with 20 M events, from Parquet and from CSV, in bounded memory.

    python -m benchmarks.ingest_scale [MILLION_EVENTS] [MEMORY_LIMIT]

Beside the seconds stands a ratio: to DuckDB's own reading of the same file into a file of its
own, nothing checked – what the checks, the look for copies, the time zones and the joins cost.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.usage import peak_bytes

SOURCES = """\
company: Big
timezone: Europe/Copenhagen
tables:
  leads:
    {{reader: parquet, file: raw/leads.parquet, columns: {{lead_id: Id, created_at: Created, source: Source}}}}
  events:
    reader: {kind}
    file: raw/events.{kind}
    columns: {{lead_id: Lead, occurred_at: At, kind: Kind, subject: Page}}
    constants: {{actor: lead, automatic: "false"}}
"""  # noqa: E501
EVENTS = """
SELECT 'L' || lpad((i % {leads})::VARCHAR, 8, '0') AS Lead,
       TIMESTAMP '2024-01-01' + to_milliseconds((random() * 6e10)::BIGINT) AS At,
       ['page_view', 'email_open', 'form_submit', 'call'][1 + (i % 4)] AS Kind,
       '/page/' || (random() * 500)::INT AS Page
FROM range({events}) t(i)
"""
LEADS = """
SELECT 'L' || lpad(i::VARCHAR, 8, '0') AS Id,
       TIMESTAMP '2024-01-01' + to_seconds((random() * 6e7)::BIGINT) AS Created,
       ['web', 'ads', 'fair'][1 + (i % 3)] AS Source
FROM range({leads}) t(i)
"""


def make(folder: Path, events: int) -> None:
    """Write the exports."""
    leads = events // 20
    (folder / "raw").mkdir()
    with duckdb.connect() as con:
        con.execute("SELECT setseed(0.5)")
        con.execute(f"COPY ({LEADS.format(leads=leads)}) TO '{folder}/raw/leads.parquet'")
        con.execute(
            f"COPY ({EVENTS.format(leads=leads, events=events)}) TO '{folder}/raw/events.parquet'"
        )
        con.execute(
            f"COPY (FROM '{folder}/raw/events.parquet') TO '{folder}/raw/events.csv' (HEADER)"
        )


def bare(folder: Path, kind: str) -> float:
    """Return the seconds DuckDB takes to put the file into a table on disk."""
    start = time.monotonic()
    with duckdb.connect(str(folder / "bare.duckdb")) as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE OR REPLACE TABLE events AS FROM '{folder}/raw/events.{kind}'")
    took = time.monotonic() - start
    (folder / "bare.duckdb").unlink()
    return took


def one(folder: Path, kind: str) -> None:
    """Ingest, and print what it took; in a process of its own, for its memory."""
    from smarketing.warehouse.ingesting.run import ingest

    (folder / "sources.yml").write_text(SOURCES.format(kind=kind))
    start = time.monotonic()
    report = ingest(folder)
    took = time.monotonic() - start
    rows = int(report.counts.accepted.sum())
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak, busy = peak_bytes() / 1e9, used.ru_utime + used.ru_stime
    size = (folder / "warehouse.duckdb").stat().st_size / 1e6
    print(
        f"{kind}: {rows:,} rows in {took:.1f} s ({busy:.0f} s of processor),"
        f" {peak:.2f} GB at most, file {size:.0f} MB",
        flush=True,
    )


def main(millions: float, limit: str) -> None:
    """Run both kinds and print seconds, ratio to DuckDB alone, and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, int(millions * 1e6))
        for kind in ("parquet", "csv"):
            alone = bare(folder, kind)
            print(f"{kind}: DuckDB alone {alone:.1f} s", flush=True)
            (folder / "warehouse.duckdb").unlink(missing_ok=True)
            subprocess.run(
                [sys.executable, "-m", "benchmarks.ingest_scale", "one", str(folder), kind],
                check=True, env={**os.environ, "SMARKETING_MEMORY": limit},
            )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(Path(sys.argv[2]), sys.argv[3])
    else:
        main(
            float(sys.argv[1]) if len(sys.argv) > 1 else 20,
            sys.argv[2] if len(sys.argv) > 2 else "",
        )
