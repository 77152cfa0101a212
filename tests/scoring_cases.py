"""What the tests of scoring share: a small agreement, and warehouses of a few leads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import write_warehouse

CARD = {
    "fit": {
        "cap": 50,
        "rules": [
            {
                "name": "IT decision maker",
                "when": {"field": "job_role", "in": ["it_manager", "cto"]},
                "points": 20,
            },
            {
                "name": "Mid-sized company",
                "when": {"field": "employees", "between": [50, 500]},
                "points": 15,
            },
            {"name": "Student", "when": {"field": "job_role", "is": "student"}, "points": -10},
        ],
    },
    "engagement": {
        "cap": 50,
        "half_life_days": 14,
        "rules": [
            {
                "name": "Pricing page",
                "event": "page_view",
                "subject": "/pricing*",
                "points": 8,
                "at_most": 3,
            },
            {"name": "Demo request", "event": "demo_request", "points": 30},
            {
                "name": "Silent for 30 days",
                "when": {"field": "days_since_last_event", "at_least": 30},
                "points": -15,
            },
        ],
    },
}

AS_OF = pd.Timestamp("2025-10-01")
LINES = {
    "mql": {"score": 30, "fit_at_least": 15, "target": "sql", "window_days": 45},
    "sql": {"score": 45, "fit_at_least": 20, "target": "sql", "window_days": 60},
}


def agreement(card: dict | None = None, **blocks: object) -> Agreement:
    """Return the example agreement with a card that the made-up company's columns can answer."""
    personas = {"it": {"when": {"field": "job_role", "in": ["it_manager", "cto"]}}}
    return example_agreement(**{"scorecard": card or CARD, "personas": personas, **blocks})


def at(text: str) -> pd.Timestamp:
    """Return a moment of January 2026: "3" or "3 12:00"."""
    day, _, hour = text.partition(" ")
    return pd.Timestamp(f"2026-01-{int(day):02d} {hour or '00:00'}")


def small_warehouse(
    path: Path,
    leads: list[dict],
    stages: list[tuple[str, int, str, str]] = (),
    events: list[tuple] = (),
    known: dict[str, str] | None = None,
    **meta: str,
) -> Warehouse:
    """Return an open warehouse of January 2026; times are written as `at` reads them.

    Leads are dicts with ``lead_id`` and ``created`` and attributes; stages (lead, spell, stage,
    time); events (lead, time, actor, kind, subject).
    """
    frame = pd.DataFrame(
        [
            {**{k: v for k, v in lead.items() if k != "created"}, "created_at": at(lead["created"])}
            for lead in leads
        ]
    )
    tables = {"leads": frame}
    if stages:
        tables["stages"] = pd.DataFrame(
            [(lead, spell, stage, at(time), None, None) for lead, spell, stage, time in stages],
            columns=["lead_id", "spell", "stage", "entered_at", "reason", "actor"],
        )
    if events:
        tables["events"] = pd.DataFrame(
            [
                (lead, at(time), actor, False, kind, subject, None, None)
                for lead, time, actor, kind, subject in events
            ],
            columns=[
                "lead_id", "occurred_at", "actor", "automatic", "kind", "subject", "outcome",
                "value",
            ],
        )  # fmt: skip
    meta = {"data_until": at("31").isoformat(), **meta}
    return Warehouse.open(write_warehouse(path, tables, known, **meta))


def drawn_leads(n: int = 1500, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return leads and whether they won.

    Role and size sell (the middle size best), the rest is noise; with gaps of all kinds.
    """
    rng = np.random.default_rng(seed)
    role = rng.choice(["cto", "dev", "student"], n).astype(object)
    size = np.exp(rng.normal(4, 1.3, n))
    phone = rng.uniform(size=n) < 0.5
    X = pd.DataFrame(
        {
            "noise": rng.normal(size=n),
            "role": pd.Series(np.where(rng.uniform(size=n) < 0.05, None, role), dtype="str"),
            "size": np.where(rng.uniform(size=n) < 0.1, np.nan, size),
            "phone": pd.Series(phone).astype("boolean").where(rng.uniform(size=n) > 0.1),
            "town": pd.Series([f"T{i}" for i in rng.integers(0, 300, n)], dtype="str"),
            "constant": 1.0,
            "empty": np.nan,
        }
    )
    odds = -1.5 + 2.0 * (role == "cto") - 1.5 * (role == "student") + 1.5 * (abs(size - 150) < 100)
    return X, rng.uniform(size=n) < 1 / (1 + np.exp(-odds))
