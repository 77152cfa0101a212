"""Made-up companies whose history is true to the shares they were given, claim by claim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from smarketing.agreement.load import check_agreement
from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.measures.customers import COLUMNS
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import write_warehouse

START, DAYS = pd.Timestamp("2025-01-01"), 540
SLOW_SHARE, GIVE_UP_SHARE = 0.9, 0.1


def agreement() -> Agreement:
    """Return an agreement with the two promises the claims are held to."""
    return check_agreement(
        {
            "version": 1,
            "valid_from": "2025-01-01",
            "owners": {"marketing": "Marketing", "sales": "Sales"},
            "currency": "DKK",
            "timezone": "UTC",
            "scorecard": {
                "fit": {"cap": 50, "rules": []},
                "engagement": {"cap": 50, "half_life_days": 14, "rules": []},
            },
            "lines": {
                "mql": {"score": 40, "target": "sql", "window_days": 45},
                "sql": {"score": 65, "target": "customer", "window_days": 90},
            },
            "grades": {"fit": {"A": 35, "B": 20}, "engagement": {1: 35, 2: 15}},
            "capacity": {"closing": {"people": 4, "leads_per_person_per_month": 12}},
            "economics": {
                "revenue_per_customer": 40000,
                "margin_share": 0.6,
                "cost_per_qualified_lead": 250,
                "cost_per_worked_lead": 1500,
            },
            "sla": {
                "confidence": 0.8,
                "sales": {
                    "first_contact": {
                        "share": SLOW_SHARE,
                        "within_hours": 24,
                        "clock": "elapsed",
                    },
                    "follow_up": {
                        "share": 1 - GIVE_UP_SHARE,
                        "attempts": 5,
                        "within_days": 14,
                    },
                },
            },
        }
    )


def made_up(
    agreed: Agreement,
    rng: np.random.Generator,
    n: int,
    rate: float,
    late_factor: float = 1.0,
    junk_factor: float = 1.0,
    in_time: float = SLOW_SHARE,
    one_call: float = GIVE_UP_SHARE,
    ignored: float = 1 - SLOW_SHARE,
    campaigns: int = 5,
) -> Facts:
    """Return a company that hands over `n` leads in 18 months, true to the given shares."""
    day = np.sort(rng.uniform(0, DAYS, n))
    handed = START + pd.to_timedelta((day * 86400).round(), unit="s")
    paid = rng.uniform(size=n) < 0.5
    campaign = rng.integers(0, campaigns, n)
    last_judged = DAYS - 45
    late = day > last_judged - 91
    chance = rate * np.where(paid, 0.7, 1.3)
    chance = chance * np.where(late, late_factor, 1) * np.where(campaign == 0, junk_factor, 1)
    won = rng.uniform(size=n) < chance
    ids = pd.Series([f"L{i:05d}" for i in range(n)], dtype="str")
    never = pd.Series(pd.NaT, index=range(n), dtype="datetime64[us]")
    handed = pd.Series(handed).astype("datetime64[us]")
    spells = pd.DataFrame(
        {
            "lead_id": ids,
            "spell": 1,
            "started_at": handed,
            "sales_ready_at": handed,
            "sql_at": (handed + pd.Timedelta(days=20)).where(pd.Series(won)),
            **{
                f"{stage}_at": never
                for stage in (
                    "mql",
                    "accepted",
                    "opportunity",
                    "customer",
                    "rejected",
                    "recycled",
                    "disqualified",
                )
            },
            "lost_at": never,
            "is_customer": False,
            "is_lost": False,
            "has_deals": False,
            "ended_at": never,
            "source": np.where(paid, "paid", "organic"),
            "campaign_id": [f"C{i}" for i in campaign],
            "account_id": None,
            "owner_id": None,
            "next_started_at": never,
            "month": month_of(handed, "UTC"),
        }
    )
    # first contact is quick or a week late; who is not given up on is reached at the second call
    quick = rng.uniform(size=n) < in_time
    # (a lead turns SQL after the days of the follow-up promise, so the calls alone decide)
    again = rng.uniform(size=n) >= one_call
    # of the best grade those called late are never called instead; as many are given up on
    best = is_best(ids)
    tried = ~best | (rng.uniform(size=n) >= ignored)
    quick = np.where(best, rng.uniform(size=n) < in_time / (1 - ignored), quick)
    again = np.where(best, rng.uniform(size=n) >= one_call / (1 - ignored), again)
    first = handed + pd.to_timedelta(np.where(quick, 1, 7 * 24), unit="h")
    again &= tried
    attempts = pd.concat(
        [
            pd.DataFrame({"lead_id": ids[tried], "occurred_at": first[tried], "connected": False}),
            pd.DataFrame(
                {
                    "lead_id": ids[again],
                    "occurred_at": first[again] + pd.Timedelta(hours=1),
                    "connected": True,
                }
            ),
        ]
    )
    nothing = pd.DataFrame({"lead_id": pd.Series([], dtype="str"), "occurred_at": never[:0]})
    return Facts(
        agreement=agreed,
        data_until=START + pd.Timedelta(days=DAYS),
        history_from=None,
        spells=spells,
        recorded=("lead", "sales_ready", "sql"),
        wins=None,
        win_spells=pd.DataFrame({"deal_id": [], "lead_id": [], "spell": []}),
        customers=pd.DataFrame(columns=COLUMNS),
        attempts=attempts.sort_values(["occurred_at", "lead_id"], ignore_index=True),
        assigned=nothing,
        touches=nothing.assign(campaign_id=None),
        campaigns=None,
        spend=None,
        visits=None,
        fields=(),
        why={"deals": "made up without deals"},
    )


def is_best(ids: pd.Series) -> np.ndarray:
    """Return which leads are of grade A1: three of ten."""
    return (ids.str[1:].astype(int) % 10 < 3).to_numpy()


def grades_of(facts: Facts) -> pd.DataFrame:
    """Return the grade of each lead, as the claim about A1 asks for it."""
    ids = facts.spells.lead_id
    return pd.DataFrame({"lead_id": ids, "spell": 1, "grade": np.where(is_best(ids), "A1", "B2")})


def hand_overs(folder: Path, seed: int = 0, n: int = 3000, **plant: float) -> Facts:
    """Return the history of a company in which claims are true as planted."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.uniform(0, 540, n))
    handed = START + pd.to_timedelta((day * 86400).round(), unit="s")
    late = day > 400
    paid = rng.uniform(size=n) < np.where(late, plant.get("paid_late", 0.5), 0.5)
    campaign = rng.choice(["C1", "C2", "C3", "C4"], n)
    chance = np.where(paid, 0.2, 0.4) * np.where(late, plant.get("late_factor", 1.0), 1.0)
    chance = chance * np.where(campaign == "C4", plant.get("c4_factor", 1.0), 1.0)
    won = rng.uniform(size=n) < chance
    ids = np.array([f"L{i:05d}" for i in range(n)])
    in_time = rng.uniform(size=n) < plant.get("in_time", 0.95)
    wait = pd.to_timedelta(np.where(in_time, 1, 30 * 24), unit="h")
    calls = [(ids, handed + wait, "no_answer")]
    again = rng.uniform(size=n) >= plant.get("one_call", 0.1)
    calls.append((ids[again], (handed + wait)[again] + pd.Timedelta(hours=1), "connected"))
    events = pd.concat(
        pd.DataFrame({"lead_id": lead, "occurred_at": when, "outcome": outcome})
        for lead, when, outcome in calls
    ).assign(actor="sales", automatic=False, kind="call")
    stages = pd.concat(
        [
            pd.DataFrame({"lead_id": ids, "stage": "sales_ready", "entered_at": handed}),
            pd.DataFrame(
                {
                    "lead_id": ids[won],
                    "stage": "sql",
                    "entered_at": handed[won] + pd.Timedelta(days=20),
                }
            ),
        ]
    ).assign(spell=1)
    tables = {
        "leads": pd.DataFrame(
            {
                "lead_id": ids,
                "created_at": handed,
                "source": np.where(paid, "paid", "organic"),
                "campaign_id": campaign,
            }
        ),
        "stages": stages,
        "events": events,
    }
    until = START + pd.Timedelta(days=540)
    file = write_warehouse(folder / "w.duckdb", tables, data_until=until.isoformat())
    with Warehouse.open(file) as warehouse:
        return read_facts(
            warehouse,
            example_agreement(
                sla__sales={
                    "first_contact": {"share": 0.95, "within_hours": 24, "clock": "elapsed"},
                    "follow_up": {"share": 0.9, "attempts": 5, "within_days": 14},
                }
            ),
        )
