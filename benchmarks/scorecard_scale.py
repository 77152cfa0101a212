"""A card of 30 rules on a million leads and twenty million events, against SQL by hand.

python -m benchmarks.scorecard_scale [LEADS] [EVENTS] [RUNS]

The warehouse is made up once and kept in the temporary folder. Each side runs in a process of
its own, in turns, so that its peak memory is its own; the fastest run of each counts.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from benchmarks.usage import peak_bytes
from smarketing.agreement.load import check_agreement
from smarketing.agreement.scorecard import Rule, Scorecard
from smarketing.scoring.agreed_card import score_card
from smarketing.warehouse.warehouse import Warehouse

AS_OF = pd.Timestamp("2026-07-01 12:00")
HALF_LIFE = 30
KINDS = ("page_view", "email_click", "download", "webinar", "demo_request")
PAGES = ("/pricing", "/blog", "/careers", "/product", "/docs", "/about")


def card() -> Scorecard:
    """Return 10 rules on who a lead is and 20 on what it did, 10 of them with a limit."""
    fit = [
        {"name": f"Role {i}", "when": {"field": "job_role", "is": f"role {i}"}, "points": i - 3}
        for i in range(8)
    ]
    fit += [
        {"name": "Mid", "when": {"field": "employees", "between": [50, 500]}, "points": 9},
        {"name": "Large", "when": {"field": "employees", "at_least": 501}, "points": 15},
    ]
    engagement = [
        {"name": f"{kind} {page}", "event": kind, "subject": f"{page}*", "points": 1 + n % 7}
        for n, (kind, page) in enumerate((k, p) for k in KINDS[:3] for p in PAGES)
    ]
    for rule in engagement[::2]:
        rule["at_most"] = 3
    engagement += [
        {"name": "Webinar", "event": "webinar", "points": 10, "at_most": 2},
        {"name": "Demo request", "event": "demo_request", "points": 22},
    ]
    return Scorecard.model_validate(
        {
            "fit": {"cap": 50, "rules": fit},
            "engagement": {"cap": 50, "half_life_days": HALF_LIFE, "rules": engagement},
        }
    )


AGREEMENT = {
    "version": 1,
    "valid_from": "2026-01-01",
    "owners": {"marketing": "Marketing", "sales": "Sales"},
    "currency": "EUR",
    "timezone": "UTC",
    "lines": {
        "mql": {"score": 30, "target": "sql", "window_days": 45},
        "sql": {"score": 50, "target": "customer", "window_days": 90},
    },
    "grades": {"fit": {"A": 35, "B": 20}, "engagement": {1: 35, 2: 15}},
    "capacity": {"closing": {"people": 1, "leads_per_person_per_month": 10}},
    "economics": {
        "revenue_per_customer": 1000,
        "margin_share": 0.5,
        "cost_per_qualified_lead": 1,
        "cost_per_worked_lead": 1,
    },
}


def make(path: Path, leads: int, events: int) -> None:
    """Write made-up leads and events; nine in ten events are the lead's own."""
    kinds, pages = (", ".join(f"'{x}'" for x in names) for names in (KINDS, PAGES))
    con = duckdb.connect(str(path))
    con.execute(f"""
        SET memory_limit = '1GB';
        SELECT setseed(0.5);
        CREATE TABLE leads AS SELECT
          'L' || i AS lead_id, TIMESTAMP '2025-07-01' + to_seconds((random() * 3e7)::BIGINT)
          AS created_at, 'web' AS source, NULL::VARCHAR AS campaign_id, NULL::VARCHAR AS account_id,
          NULL::VARCHAR AS owner_id, NULL::BOOLEAN AS outcome, NULL::DOUBLE AS score_today,
          'role ' || (random() * 12)::INT AS job_role, exp(2 + 5 * random()) AS employees
          FROM range({leads}) t(i);
        CREATE TABLE events AS SELECT
          'L' || (random() * {leads - 1})::BIGINT AS lead_id,
          TIMESTAMP '2026-07-02' - to_microseconds((random() * 3.1e13)::BIGINT) AS occurred_at,
          CASE WHEN random() < 0.9 THEN 'lead' ELSE 'marketing' END AS actor, FALSE AS automatic,
          ([{kinds}])[1 + (random() * random() * {len(KINDS)})::INT % {len(KINDS)}] AS kind,
          ([{pages}])[1 + (random() * {len(PAGES)})::INT % {len(PAGES)}] AS subject,
          NULL::VARCHAR AS outcome, NULL::DOUBLE AS value FROM range({events}) t(i)
          ORDER BY lead_id, occurred_at;  -- as ingest leaves them
        CREATE TABLE _columns(table_name VARCHAR, column_name VARCHAR, known VARCHAR,
          known_at VARCHAR, source VARCHAR);
        INSERT INTO _columns VALUES ('leads', 'job_role', 'at_creation', NULL, ''),
          ('leads', 'employees', 'at_creation', NULL, '');
        CREATE TABLE _meta AS SELECT * FROM (VALUES ('has_time', 'true'),
          ('data_until', '{AS_OF.isoformat()}')) t(key, value);
    """)
    con.close()


def by_hand(rules: Scorecard) -> str:
    """Return what a person would write for this card: one pass, one window for the limits."""

    def hit(rule: Rule) -> str:
        if rule.subject is None:
            return f"kind = '{rule.event}'"
        page = rule.subject.removesuffix("*")
        return f"kind = '{rule.event}' AND starts_with(lower(subject), '{page}')"

    def fits(rule: Rule) -> str:
        test = rule.when
        if test.op == "is":
            return f"{test.field} = '{test.value}'"
        low, high = test.value if test.op == "between" else (test.value, "1e18")
        return f"{test.field} BETWEEN {low} AND {high}"

    limited = [(i, r) for i, r in enumerate(rules.engagement.rules) if r.at_most]
    places = ", ".join(
        f"sum(CASE WHEN {hit(r)} THEN 1 ELSE 0 END) OVER newest AS place_{i}" for i, r in limited
    )
    sums = " + ".join(
        f"sum(CASE WHEN {hit(r)} {f'AND place_{i} <= {r.at_most}' if r.at_most else ''}"
        f" THEN floor({1000 * r.points} * halved + 0.5)::BIGINT ELSE 0 END)"
        for i, r in enumerate(rules.engagement.rules)
    )
    fit = " + ".join(
        f"CASE WHEN {fits(r)} THEN {1000 * r.points} ELSE 0 END" for r in rules.fit.rules
    )
    return f"""
        WITH own AS (
          SELECT e.lead_id, kind, subject, occurred_at, power(2.0, -(date_diff('microsecond',
            occurred_at, TIMESTAMP '{AS_OF}') // 86400000000) / {HALF_LIFE}.0) AS halved
          FROM events e JOIN leads l USING (lead_id)
          WHERE actor = 'lead' AND occurred_at <= TIMESTAMP '{AS_OF}'
            AND l.created_at <= TIMESTAMP '{AS_OF}'
        ), placed AS (
          SELECT *, {places} FROM own
          WINDOW newest AS (PARTITION BY lead_id ORDER BY occurred_at DESC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        ), done AS (SELECT lead_id, {sums} AS total FROM placed GROUP BY lead_id),
        axes AS (
          SELECT l.lead_id, least(greatest(({fit} + 500) // 1000, 0), 50) AS fit,
            least(greatest((coalesce(total, 0) + 500) // 1000, 0), 50) AS engagement
          FROM leads l LEFT JOIN done USING (lead_id)
          WHERE l.created_at <= TIMESTAMP '{AS_OF}'
        )
        SELECT lead_id, fit, engagement, fit + engagement AS score,
          CASE WHEN fit >= 35 THEN 'A' WHEN fit >= 20 THEN 'B' ELSE 'C' END
          || CASE WHEN engagement >= 35 THEN '1' WHEN engagement >= 15 THEN '2' ELSE '3' END
            AS grade
        FROM axes"""


def run(side: str, path: Path) -> None:
    """Score all leads into a table and print seconds, peak bytes, and a sum to compare."""
    rules = card()
    with Warehouse.open(path) as warehouse:
        con = warehouse.con
        con.raw_sql("SET memory_limit = '1200MB'; SET preserve_insertion_order = false")
        con.raw_sql(f"SET temp_directory = '{path.parent}'")
        began = time.perf_counter()
        if side == "card":
            agreement = check_agreement({**AGREEMENT, "scorecard": rules.to_dict()})
            leads = warehouse.table("leads")
            moments = leads.filter(leads.created_at <= AS_OF).select(
                "lead_id", spell=1, started_at="created_at", as_of=ibis.literal(AS_OF)
            )
            scores = score_card(rules, warehouse, moments, agreement)
            con.create_table("scored", scores, temp=True)
        else:
            con.raw_sql(f"CREATE TEMP TABLE scored AS {by_hand(rules)}")
        seconds = time.perf_counter() - began
        told = "count(*), sum(score), sum(fit * score), bit_xor(hash(lead_id, score, grade))"
        print(seconds, peak_bytes(),
              *con.raw_sql(f"SELECT {told} FROM scored").fetchone())  # fmt: skip


def main() -> None:
    """Print the seconds and the peak memory of both sides."""
    if sys.argv[1:2] == ["--side"]:
        run(sys.argv[2], Path(sys.argv[3]))
        return
    asked = [int(text) for text in sys.argv[1:]]
    leads, events, runs = asked + [1_000_000, 20_000_000, 2][len(asked) :]
    path = Path(tempfile.gettempdir()) / f"smarketing-scale-{leads}-{events}" / "warehouse.duckdb"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        make(path, leads, events)
    best: dict[str, tuple[float, float]] = {}
    sums = set()
    for _ in range(runs):
        for side in ("by hand", "card"):
            command = [
                sys.executable,
                "-m",
                "benchmarks.scorecard_scale",
                "--side",
                side,
                str(path),
            ]
            told = subprocess.run(
                command, check=True, capture_output=True, text=True
            ).stdout.split()
            seconds, peak = float(told[0]), int(told[1]) / 1e9
            sums.add(tuple(told[2:]))
            before = best.get(side, (seconds, 0.0))
            best[side] = (min(seconds, before[0]), max(peak, before[1]))
            print(f"{side}: {seconds:.1f} s, {peak:.2f} GB")
    ratio = best["card"][0] / best["by hand"][0]
    print(f"{leads:,} leads, {events:,} events, {runs} runs each")
    print(f"the card takes {ratio:.2f} times as long (1.3 allowed)")
    print(f"at the most {best['card'][1]:.2f} GB (2 allowed)")
    print(f"the same scores for every lead: {len(sums) == 1}")


if __name__ == "__main__":
    main()
