"""The same scores and stage counts on DuckDB, PostgreSQL and Spark, for many made-up leads.

python -m benchmarks.engines [LEADS] [EVENTS]

Without sizes the demo is taken instead. PostgreSQL is a throw-away server from Debian's
packages, Spark a local cluster of two. Each engine's seconds and how many scores differ from
DuckDB's are printed; none may.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from urllib.parse import quote

import duckdb
import ibis
import pandas as pd

from benchmarks.scorecard_scale import AGREEMENT, AS_OF, card
from smarketing.agreement.load import check_agreement
from smarketing.agreement.model import Agreement
from smarketing.folder import Folder
from smarketing.measures.stage_table import stage_table
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.engines.table_copy import on_engine
from smarketing.scoring.snapshots import open_spells
from smarketing.warehouse.warehouse import Warehouse
from tests.postgres import postgres_server

DEMO = Path(__file__).parents[1] / "data" / "demo"
STAGES = ("mql", "sales_ready", "accepted", "sql", "opportunity", "customer")


def made_up(leads: int, events: int) -> tuple[Path, Agreement]:
    """Return a made-up warehouse with stages, and an agreement with a card of 30 rules."""
    from benchmarks.features_scale import data

    path = data(leads, events)
    with duckdb.connect(str(path)) as con:
        # each lead goes on from a stage with chance a half, ten days on average
        parts = " UNION ALL ".join(
            f"SELECT lead_id, 1 AS spell, '{stage}' AS stage, created_at"
            f" + to_seconds({i} * 10 * (1 + hash(lead_id, {i}) % 86400)) AS entered_at,"
            f" NULL::VARCHAR AS reason, 'sales' AS actor FROM leads"
            f" WHERE hash(lead_id) % {2**i} = 0"
            for i, stage in enumerate(STAGES, 1)
        )
        con.execute(f"CREATE OR REPLACE TABLE stages AS {parts}")
    return path, check_agreement({**AGREEMENT, "scorecard": card().to_dict()})


def answers(warehouse: Warehouse, agreement: Agreement, at: pd.Timestamp) -> list[pd.DataFrame]:
    """Return all open leads' scores and all months' stage counts, in one order."""
    moments = open_spells(warehouse, agreement, at)
    scores = score_card(agreement.scorecard, warehouse, moments, agreement).drop("as_of")
    counts = stage_table(warehouse, agreement.timezone)
    found = []
    for rows, keys in ((scores, ["lead_id", "spell"]), (counts, ["year", "month", "stage"])):
        frame = rows.execute().sort_values(keys, ignore_index=True)
        found.append(
            frame.astype({name: "int64" for name in frame if frame[name].dtype.kind in "iu"})
        )
    return found


def differ(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """Return how many rows of two answers differ."""
    if len(one) != len(other):
        return abs(len(one) - len(other)) or len(one)
    same = (one == other) | (one.isna() & other.isna())
    return int((~same.all(axis=1)).sum())


def main() -> None:
    """Ask all engines and compare."""
    asked = [int(text) for text in sys.argv[1:]]
    if asked:
        path, agreement = made_up(*asked)
        at = AS_OF
    else:
        path, agreement, at = DEMO / "warehouse.duckdb", Folder.open(DEMO).agreement, None
    ibis.options.interactive = False
    with Warehouse.open(path) as home, postgres_server() as said:
        parts = dict(part.split("=") for part in said.split())
        began = time.perf_counter()
        scores, counts = answers(home, agreement, at)
        print(f"duckdb: asked {time.perf_counter() - began:.1f} s", flush=True)
        for address in (
            f"postgresql:///postgres?host={quote(parts['host'])}&user={parts['user']}",
            "pyspark://?spark.master=local[2]&spark.driver.memory=2g",
        ):
            began = time.perf_counter()
            with on_engine(address, home) as there:
                carried = time.perf_counter()
                found = answers(there, agreement, at)
                done = time.perf_counter()
            print(
                f"{address.partition(':')[0]}: opened and carried {carried - began:.1f} s, asked "
                f"{done - carried:.1f} s; {differ(scores, found[0])} of {len(scores):,} scores and "
                f"{differ(counts, found[1])} of {len(counts):,} stage counts differ",
                flush=True,
            )


if __name__ == "__main__":
    main()
