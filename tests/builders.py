"""Made-up canonical tables for tests: written straight into a warehouse, no ingest between."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from smarketing.warehouse.tables import TABLES


def write_warehouse(
    path: Path,
    tables: dict[str, pd.DataFrame],
    known: dict[str, str] | None = None,
    **meta: str,
) -> Path:
    """Write canonical frames; `known` says when attributes of leads are known ("at:COLUMN")."""
    known = known or {}
    con = duckdb.connect(str(path))
    columns = []
    for name, frame in tables.items():
        con.register("frame", frame)
        spec = {c.name: c for c in TABLES[name].columns}
        parts = []
        for column in [*spec, *(c for c in frame.columns if c not in spec)]:
            quoted = '"' + column.replace('"', '""') + '"'
            kind = spec[column].type if column in spec else None
            if column not in frame.columns:
                parts.append(f"NULL::{kind} AS {quoted}")
            else:
                parts.append(f"{quoted}::{kind} AS {quoted}" if kind else quoted)
            declared, _, at = known.get(column, "undeclared").partition(":")
            columns.append(
                (name, column, "canonical" if column in spec else declared, at or None, "made up")
            )
        con.execute(f'CREATE TABLE "{name}" AS SELECT {", ".join(parts)} FROM frame')
    con.execute(
        "CREATE TABLE _columns(table_name VARCHAR, column_name VARCHAR, known VARCHAR,"
        " known_at VARCHAR, source VARCHAR)"
    )
    con.executemany("INSERT INTO _columns VALUES (?, ?, ?, ?, ?)", columns)
    con.execute(
        "CREATE TABLE _ingest(table_name VARCHAR, accepted BIGINT, rejected BIGINT,"
        " excluded BIGINT, merged BIGINT)"
    )
    for name, frame in tables.items():
        con.execute("INSERT INTO _ingest VALUES (?, ?, 0, 0, 0)", [name, len(frame)])
    con.execute("CREATE TABLE _missing(table_name VARCHAR, reason VARCHAR)")
    times = [
        frame[column].max()
        for name, column in [
            ("leads", "created_at"),
            ("events", "occurred_at"),
            ("stages", "entered_at"),
        ]
        if name in tables and column in (frame := tables[name])
    ]
    facts = {
        "company": "Made up",
        "fingerprint": "0" * 64,
        "has_time": "true" if times else "false",
        **({"data_until": max(times).isoformat()} if times else {}),
        **meta,
    }
    con.execute("CREATE TABLE _meta(key VARCHAR, value VARCHAR)")
    con.executemany("INSERT INTO _meta VALUES (?, ?)", list(facts.items()))
    con.close()
    return path


def made_up_company(leads: int = 600, months: int = 12, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return canonical tables of a small company in which role, size and pricing views sell."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-01-01")
    end = start + pd.DateOffset(months=months)
    span = (end - start) / pd.Timedelta(seconds=1)
    created = start + pd.to_timedelta(np.sort(rng.uniform(0, span, leads)).round(), unit="s")
    ids = np.array([f"L{i:05d}" for i in range(leads)])
    role = rng.choice(
        ["it_manager", "cto", "developer", "student"], leads, p=[0.3, 0.15, 0.35, 0.2]
    )
    employees = np.exp(rng.normal(4, 1.3, leads)).round()
    source = rng.choice(["organic", "paid", "event", "referral"], leads, p=[0.4, 0.3, 0.15, 0.15])
    frame = pd.DataFrame(
        {
            "lead_id": ids,
            "created_at": created,
            "source": source,
            "campaign_id": rng.choice(["C1", "C2", "C3"], leads),
            "account_id": [f"A{i // 2:05d}" if i % 10 == 0 else f"B{i:05d}" for i in range(leads)],
            "owner_id": rng.choice(["R1", "R2", "R3"], leads),
            "job_role": role,
            "employees": np.where(rng.uniform(size=leads) < 0.1, np.nan, employees),
            "phone_known": rng.uniform(size=leads) < 0.8,
            "contract_signed": None,
        }
    )
    interest = rng.gamma(1.2, 1.0, leads)
    events, stages, deals, deal_leads = [], [], [], []

    def day(n: float) -> pd.Timedelta:
        return pd.Timedelta(seconds=round(n * 86400))

    for i in range(leads):
        at, lead = created[i], ids[i]
        pricing = rng.poisson(interest[i])
        for kind, subject, n in [
            ("page_view", "/pricing", pricing),
            ("page_view", "/blog", rng.poisson(1.5)),
            ("email_open", "newsletter", rng.poisson(1.0)),
            ("demo_request", None, rng.binomial(1, min(0.05 + 0.1 * interest[i], 0.6))),
        ]:
            events += [
                (lead, at + day(rng.exponential(12)), "lead", False, kind, subject, None, None)
                for _ in range(n)
            ]
        strength = (
            -2.2
            + 1.1 * (role[i] in ("it_manager", "cto"))
            + 0.6 * (employees[i] > 50)
            + 0.5 * min(pricing, 4)
            - 1.0 * (role[i] == "student")
        )
        stages.append((lead, 1, "lead", at, None, None))
        if rng.uniform() > 1 / (1 + np.exp(-strength - 0.8)):
            continue
        mql = at + day(rng.exponential(8) + 0.2)
        ready = mql + day(rng.exponential(3) + 0.3)
        stages += [(lead, 1, "mql", mql, None, None), (lead, 1, "sales_ready", ready, None, None)]
        delay = rng.exponential(1.5)
        for n in range(rng.integers(1, 5)):
            connected = "connected" if rng.uniform() < 0.4 else "no_answer"
            events.append(
                (lead, ready + day(delay + 2 * n), "sales", False, "call", None, connected, None)
            )
        if rng.uniform() < 0.35:
            stages.append((lead, 1, "rejected", ready + day(delay + 6), "wrong_fit", "sales"))
            continue
        accepted = ready + day(delay + 1)
        stages.append((lead, 1, "accepted", accepted, None, "sales"))
        if rng.uniform() > 1 / (1 + np.exp(-strength)):
            continue
        sql = accepted + day(rng.exponential(7) + 1)
        stages.append((lead, 1, "sql", sql, None, "sales"))
        opened = sql + day(rng.exponential(4) + 0.5)
        closed = opened + day(rng.exponential(20) + 2)
        stages.append((lead, 1, "opportunity", opened, None, "sales"))
        won = bool(rng.uniform() < 0.5)
        is_open = closed >= end
        deals.append(
            (
                f"D{i:05d}",
                frame.account_id[i],
                frame.owner_id[i],
                opened,
                None,
                None if is_open else closed,
                None if is_open else won,
                float(round(rng.lognormal(10.4, 0.5))),
                "DKK",
                None if is_open or won else "price",
            )
        )
        deal_leads.append((f"D{i:05d}", lead, None))
        if won and not is_open:
            stages.append((lead, 1, "customer", closed, None, "sales"))
            frame.loc[i, "contract_signed"] = "yes"

    def table(name: str, rows: list) -> pd.DataFrame:
        out = pd.DataFrame(rows, columns=[c.name for c in TABLES[name].columns])
        for column in TABLES[name].columns:
            if column.type == "TIMESTAMP":
                out[column.name] = pd.to_datetime(out[column.name]).astype("datetime64[us]")
        return out

    happened = table("events", events)
    moved = table("stages", stages)
    opened_deals = table("deals", deals)
    opened_deals = opened_deals[opened_deals.opened_at < end]
    days = pd.date_range(start, end - pd.Timedelta(days=1))
    return {
        "leads": frame,
        "events": happened[happened.occurred_at < end].reset_index(drop=True),
        "stages": moved[moved.entered_at < end].reset_index(drop=True),
        "deals": opened_deals.reset_index(drop=True),
        "deal_leads": pd.DataFrame(deal_leads, columns=["deal_id", "lead_id", "role"]).loc[
            lambda d: d.deal_id.isin(opened_deals.deal_id)
        ],
        "campaigns": pd.DataFrame(
            {
                "campaign_id": ["C1", "C2", "C3"],
                "name": ["Search", "Fair", "Webinar"],
                "channel": ["paid", "event", "email"],
            }
        ),
        "spend": pd.DataFrame(
            [
                (c, str(m), 10000.0, "DKK")
                for c in ("C1", "C2", "C3")
                for m in pd.period_range(start, periods=months, freq="M")
            ],
            columns=["campaign_id", "month", "cost", "currency"],
        ),
        "visits": pd.DataFrame(
            {"day": days.date, "channel": "organic", "visitors": rng.poisson(120, len(days))}
        ),
    }


KNOWN = {
    "job_role": "at_creation",
    "employees": "at_creation",
    "phone_known": "at_creation",
    "contract_signed": "after_outcome",
}
