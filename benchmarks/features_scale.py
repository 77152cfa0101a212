"""What was known of each lead at a moment: the package against SQL by hand and against pandas.

python -m benchmarks.features_scale [LEADS] [EVENTS] [RUNS]
python -m benchmarks.features_scale growth [LARGEST]

The first asks for the features of every lead at one moment, three ways: as `features` gives
them, as DuckDB SQL written for these very features, and with pandas. Each side runs in a
process of its own, in turns, so that its peak memory is its own; the fastest run of each
counts, and all must give the same sums. The second runs the package alone on growing data, 20
events a lead, and draws docs/features-growth.svg.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from benchmarks.scorecard_scale import AGREEMENT, AS_OF, HALF_LIFE, KINDS, PAGES, card, make
from benchmarks.usage import peak_bytes
from smarketing.agreement.load import check_agreement
from smarketing.scoring.events import event_features
from smarketing.scoring.features import features
from smarketing.warehouse.warehouse import Warehouse

SIDES = ("by hand", "package", "pandas")
MEMORY = "900MB"  # DuckDB's share; Python and the libraries come on top
DAY = 86_400_000_000
ATTRIBUTES = ("source", "job_role", "employees")
COUNTED = [(kind, page) for kind in KINDS for page in PAGES]


def pairs_of(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return the 20 commonest kinds of event with their subject, as the package chooses them."""
    rows = con.execute("""
        SELECT kind, subject FROM events WHERE actor = 'lead' GROUP BY ALL
        ORDER BY count(DISTINCT lead_id) DESC, kind, subject LIMIT 20""")
    return sorted(rows.fetchall())


def by_hand(pairs: list[tuple[str, str]]) -> str:
    """Return what a person would write for these features: one pass over the events."""
    counts = "".join(
        f", count(*) FILTER (kind = '{kind}') AS \"n_{kind}\","
        f" sum(part) FILTER (kind = '{kind}') / 1000 AS \"recent_{kind}\""
        for kind in KINDS
    )
    counts += "".join(
        f", count(*) FILTER (kind = '{kind}' AND subject = '{page}') AS \"n_{kind}[{page}]\""
        for kind, page in pairs
    )
    names = [f"{prefix}_{kind}" for kind in KINDS for prefix in ("n", "recent")]
    names += [f"n_{kind}[{page}]" for kind, page in pairs]
    known = ", ".join(f'coalesce("{name}", 0) AS "{name}"' for name in names)
    return f"""
        WITH own AS (
          SELECT e.lead_id, kind, subject, date_diff('microsecond', occurred_at,
            TIMESTAMP '{AS_OF}') // {DAY} AS age,
            floor(1000 * power(2.0, -age / {HALF_LIFE}.0) + 0.5)::BIGINT AS part
          FROM events e JOIN leads l USING (lead_id)
          WHERE actor = 'lead' AND occurred_at <= TIMESTAMP '{AS_OF}'
            AND l.created_at <= TIMESTAMP '{AS_OF}'
        ), done AS (
          SELECT lead_id, min(age) AS days_since_last_event{counts} FROM own GROUP BY lead_id
        )
        SELECT l.lead_id, {", ".join(ATTRIBUTES)}, lower(strftime(created_at, '%a'))
          AS created_weekday, hour(created_at) AS created_hour, 0 AS times_recycled,
          date_diff('microsecond', created_at, TIMESTAMP '{AS_OF}') // {DAY} AS days_in_spell,
          days_in_spell // 7 AS weeks_in_spell, days_since_last_event, {known}
        FROM leads l LEFT JOIN done USING (lead_id) WHERE l.created_at <= TIMESTAMP '{AS_OF}'"""


def by_pandas(folder: Path, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """Return the same with pandas, from Parquet, as a careful person would write it."""
    leads = pd.read_parquet(folder / "leads.parquet").drop(
        columns=["campaign_id", "account_id", "owner_id", "outcome", "score_today"]
    )
    leads = leads[leads.created_at <= AS_OF]
    columns = ["lead_id", "occurred_at", "actor", "kind", "subject"]
    events = pd.read_parquet(folder / "events.parquet", columns=columns)
    events = events[(events.actor == "lead") & (events.occurred_at <= AS_OF)]
    events = events[events.lead_id.isin(leads.lead_id)]
    age = (AS_OF - events.occurred_at) // pd.Timedelta(days=1)
    part = np.floor(1000 * 2.0 ** (-age / HALF_LIFE) + 0.5).astype("int64")
    events = events.assign(age=age, part=part)
    done = [events.groupby("lead_id").age.min().rename("days_since_last_event")]
    by_kind = events.groupby(["lead_id", "kind"]).part.agg(["size", "sum"]).unstack(fill_value=0)
    for kind in KINDS:
        done.append(by_kind["size", kind].rename(f"n_{kind}"))
        done.append((by_kind["sum", kind] / 1000).rename(f"recent_{kind}"))
    by_page = events.groupby(["lead_id", "kind", "subject"]).size().unstack([1, 2], fill_value=0)
    done += [by_page[kind, page].rename(f"n_{kind}[{page}]") for kind, page in pairs]
    known = leads.merge(pd.concat(done, axis=1), left_on="lead_id", right_index=True, how="left")
    counted = [name for name in known if name.startswith(("n_", "recent_"))]
    known[counted] = known[counted].fillna(0)
    days = (AS_OF - known.created_at) // pd.Timedelta(days=1)
    return known.assign(
        created_weekday=known.created_at.dt.day_name().str[:3].str.lower(),
        created_hour=known.created_at.dt.hour,
        times_recycled=0,
        days_in_spell=days,
        weeks_in_spell=days // 7,
    )


def run(side: str, path: Path) -> None:
    """Make all features once and print seconds, peak bytes, and sums to compare.

    The package's peak holds its choice of features, too, which its seconds do not.
    """
    pairs = [tuple(pair) for pair in json.loads((path.parent / "pairs.json").read_text())]
    if side == "pandas":
        began, busy = time.perf_counter(), time.process_time()
        made = by_pandas(path.parent, pairs)
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        peak = peak_bytes()
        con = duckdb.connect()
        con.register("made", made)
    else:
        con = None
        with Warehouse.open(path) as warehouse:
            con = warehouse.con.con
            con.execute(f"SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false")
            con.execute(f"SET temp_directory = '{path.parent}'")
            event_features(warehouse)  # which features there are: the other sides are told, too
            began, busy = time.perf_counter(), time.process_time()
            if side == "package":
                agreement = check_agreement({**AGREEMENT, "scorecard": card().to_dict()})
                leads = warehouse.table("leads")
                moments = leads.filter(leads.created_at <= AS_OF).select(
                    "lead_id", spell=1, started_at="created_at", as_of=ibis.literal(AS_OF)
                )
                known = features(warehouse, moments, agreement)
                warehouse.con.create_table("made", known, temp=True)
            else:
                con.execute(f"CREATE TEMP TABLE made AS {by_hand(pairs)}")
            seconds, busy = time.perf_counter() - began, time.process_time() - busy
            peak = peak_bytes()
            print(seconds, busy, peak, *sums(con, pairs))
            return
    print(seconds, busy, peak, *sums(con, pairs))


def sums(con: duckdb.DuckDBPyConnection, pairs: list[tuple[str, str]]) -> list[object]:
    """Return whole numbers that differ if any feature of any lead does, all but surely."""
    names = ["days_since_last_event", "created_hour", "days_in_spell", "weeks_in_spell"]
    names += [f"n_{kind}" for kind in KINDS] + [f"n_{kind}[{page}]" for kind, page in pairs]
    values = [f'coalesce("{name}", -1)::BIGINT' for name in names]
    values += [f'round(1000 * "recent_{kind}")::BIGINT' for kind in KINDS]
    values += ["lead_id", "job_role", "created_weekday"]
    told = f'count(*), bit_xor(hash({", ".join(values)})), sum("n_page_view")::BIGINT'
    return list(con.execute(f"SELECT {told} FROM made").fetchone())


def data(leads: int, events: int) -> Path:
    """Return made-up data of a size, made once; as Parquet beside it for pandas."""
    path = Path(tempfile.gettempdir()) / f"smarketing-scale-{leads}-{events}" / "warehouse.duckdb"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        make(path, leads, events)
    for table in ("leads", "events"):
        if not (path.parent / f"{table}.parquet").exists():
            with duckdb.connect(str(path), read_only=True) as con:
                con.execute(f"COPY {table} TO '{path.parent / table}.parquet'")
    pairs = path.parent / "pairs.json"
    if not pairs.exists():  # not by a side itself: it takes more memory than any of them
        with duckdb.connect(str(path), read_only=True) as con:
            pairs.write_text(json.dumps(pairs_of(con)))
    return path


def timed(side: str, path: Path) -> tuple[float, float, float, tuple[str, ...]]:
    """Run one side in a process of its own; return seconds, busy ones, peak GB and its sums."""
    command = [sys.executable, "-m", "benchmarks.features_scale", "--side", side, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), float(said[1]), int(said[2]) / 1e9, tuple(said[3:])


def compare(leads: int, events: int, runs: int) -> None:
    """Print seconds, of the clock and of the processor, and peak memory of all sides."""
    path = data(leads, events)
    best: dict[str, tuple[float, float, float]] = {}
    found = set()
    for _ in range(runs):
        for side in SIDES:
            seconds, busy, peak, told = timed(side, path)
            found.add(told)
            before = best.get(side, (seconds, busy, 0.0))
            best[side] = (min(seconds, before[0]), min(busy, before[1]), max(peak, before[2]))
            print(f"{side}: {seconds:.1f} s, {busy:.1f} s busy, {peak:.2f} GB", flush=True)
    own = best["package"]
    print(f"{leads:,} leads, {events:,} events, {runs} runs each")
    for at, clock in enumerate(("by the clock", "by the processor, which pandas uses half of")):
        print(
            f"{clock}: {own[at] / best['by hand'][at]:.2f} times as long as by hand (1.3 allowed),"
        )
        print(f"  {best['pandas'][at] / own[at]:.2f} times as fast as pandas (2.5 wanted)")
    print(f"at the most {own[2]:.2f} GB (1.5 allowed); pandas {best['pandas'][2]:.2f} GB")
    print(f"the same features for every lead: {len(found) == 1}")


def growth(largest: int) -> None:
    """Print and draw the package's seconds as the data grows."""
    sizes = [n for n in (10_000, 30_000, 100_000, 300_000, 1_000_000) if n <= largest]
    points = []
    for leads in sizes:
        path = data(leads, 20 * leads)
        # busy seconds: on a machine that others use, the clock tells of them
        _, seconds, peak, _ = min((timed("package", path) for _ in range(2)), key=lambda t: t[1])
        points.append((leads, seconds, peak))
        print(f"{leads:,} leads, {20 * leads:,} events: {seconds:.2f} s, {peak:.2f} GB", flush=True)
    slope = np.polyfit(*np.log([[n for n, *_ in points], [s for _, s, _ in points]]), 1)[0]
    print(f"seconds grow with the {slope:.2f}th power of the size (1 is linear)")
    mpl.rcParams["svg.hashsalt"] = "features"
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.loglog([n for n, *_ in points], [s for _, s, _ in points], "o-", label="measured")
    first = points[0]
    axes.loglog(sizes, [first[1] * n / first[0] for n in sizes], "--", color="grey", label="linear")
    axes.set(
        xlabel="leads, with 20 events each",
        ylabel="seconds of processor",
        title="All features at a moment",
    )
    axes.legend()
    figure.savefig(
        Path(__file__).parents[1] / "docs" / "features-growth.svg", metadata={"Date": None}
    )


def main() -> None:
    """Compare, or draw the growth."""
    if sys.argv[1:2] == ["--side"]:
        run(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["growth"]:
        growth(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    else:
        asked = [int(text) for text in sys.argv[1:]]
        compare(*(asked + [1_000_000, 20_000_000, 2][len(asked) :]))


if __name__ == "__main__":
    main()
