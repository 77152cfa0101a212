"""What the tests of scoring share: a small agreement, and warehouses of a few leads."""

from __future__ import annotations

from pathlib import Path

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
