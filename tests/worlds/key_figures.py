"""A company worked out by hand: six leads, three deals, what they read, and its key figures."""

from __future__ import annotations

import pandas as pd

from tests.agreements import example_agreement

# lines.mql: to an SQL within 45 days; lines.sql: to a customer within 90 (see tests/agreements)
AGREED = example_agreement(timezone="UTC", buying_group=None)
# lead: created, then stages
LEADS = {
    "won": ("01-01", {"mql": "01-03", "sales_ready": "01-04", "sql": "01-10", "customer": "02-10"}),
    "late": (
        "01-01",
        {"mql": "01-02", "sales_ready": "01-03", "sql": "03-20", "customer": "05-20"},
    ),
    "lost": ("01-05", {"mql": "01-06", "sales_ready": "01-08", "rejected": "01-20"}),
    "below": ("01-05", {}),
    "slow": ("02-01", {"mql": "02-20"}),
    "young": ("06-25", {"mql": "06-26"}),
}  # fmt: skip
DEALS = [("d1", "won", "02-10", 30_000.0), ("d2", "late", "05-20", 50_000.0),
         ("own", None, "06-10", 20_000.0)]  # fmt: skip
SEEN = [  # lead, when, kind, subject
    ("won", "01-02", "page_view", "/prices"), ("won", "01-02", "page_view", "/prices"),
    ("won", "02-20", "page_view", "/help"),  # a customer by then
    ("late", "01-20", "page_view", "/prices"),
    ("lost", "01-06 12:00", "download", "guide.pdf"),
    ("below", "01-06", "search", "crm price"), ("below", "06-01", "page_view", "/prices"),
    ("slow", "02-10", "page_view", "/prices"), ("slow", "02-20", "page_view", "/demo"),
]  # fmt: skip


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}")


def tables() -> dict[str, pd.DataFrame]:
    stages = [(lead, 1, stage, at(day)) for lead, (_, path) in LEADS.items()
              for stage, day in path.items()]  # fmt: skip
    return {
        "leads": pd.DataFrame(
            [(lead, at(created), "paid") for lead, (created, _) in LEADS.items()],
            columns=["lead_id", "created_at", "source"],
        ),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]),
        "events": pd.DataFrame(
            [(lead, at(when), "lead", False, kind, what) for lead, when, kind, what in SEEN],
            columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "subject"],
        ),
        "deals": pd.DataFrame(
            [
                (deal, at(day) - pd.Timedelta(days=7), at(day), True, amount, "DKK")
                for deal, _, day, amount in DEALS
            ],
            columns=["deal_id", "opened_at", "closed_at", "won", "amount", "currency"],
        ),
        "deal_leads": pd.DataFrame(
            [(deal, lead) for deal, lead, *_ in DEALS if lead], columns=["deal_id", "lead_id"]
        ),
        "visits": pd.DataFrame({"day": [at("01-02"), at("06-30")], "visitors": [100, 20]}),
    }
