"""Leads of made-up companies: their scores, their fates, and the history planning sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MQL_DAYS, SQL_DAYS = 45, 90


@dataclass(frozen=True)
class Leads:
    """Leads as they truly are: scores, fates, and who buys with whom; shape (n,) each."""

    first: np.ndarray
    best: np.ndarray
    handed: np.ndarray
    sql: np.ndarray
    won: np.ndarray
    purchase: np.ndarray


def draw_leads(rng: np.random.Generator, place: np.ndarray, size: np.ndarray, truth: Any) -> Leads:
    """Draw leads that stand at a place among so many of their month."""
    joint, p_sql, p_customer, risen, together, passed_per_sql = truth
    n = len(place)
    drawn = rng.choice(101 * 101, n, p=joint.ravel())
    first, best = drawn // 101, drawn % 101
    factor = np.where(best > first, risen, 1.0)
    luck = rng.uniform(size=n)
    # Who becomes an SQL is among those handed over, and who buys among the SQLs.
    handed = luck < factor * np.minimum(p_sql * passed_per_sql, 1.0)[best]
    sql, won = (luck < factor * p[best] for p in (p_sql, p_customer))
    second = (place < 2 * np.floor(together * size / 2)) & (place % 2 == 1)
    purchase = np.arange(n)
    purchase[second] -= 1
    return Leads(first, best, handed[purchase], sql[purchase], won[purchase], purchase)


def draw_history(
    rng: np.random.Generator, counts: np.ndarray, periods: pd.PeriodIndex, truth: Any
) -> pd.DataFrame:
    """Return the snapshots of so many leads a month, with what became of them by the end."""
    total = int(counts.sum())
    place = np.arange(total) - np.repeat(counts.cumsum() - counts, counts)
    leads = draw_leads(rng, place, np.repeat(counts, counts), truth)
    start = np.repeat(periods.start_time.to_numpy("datetime64[s]"), counts)
    days = np.repeat(periods.days_in_month.to_numpy(), counts)

    def later(since: np.ndarray, low: Any, high: Any) -> np.ndarray:
        wait = rng.uniform(low, high, total) * 86400
        return since + wait.round().astype("timedelta64[s]")

    first_at = later(start, 0, days)
    rose = leads.best > leads.first
    last_at = np.where(rose, later(first_at, 3, 28), first_at)
    ready = later(last_at, 0.5, 3)
    end = periods[-1].end_time.floor("s")

    def known(happened: np.ndarray, at: np.ndarray) -> pd.Series:
        return pd.Series(at).where(happened & (at <= np.datetime64(end)))

    spells = pd.DataFrame(
        {
            "lead_id": np.arange(total),
            "spell": 1,
            "started_at": first_at,
            "mql_at": np.datetime64("NaT", "s"),
            "sales_ready_at": known(leads.handed, ready),
            "accepted_at": np.datetime64("NaT", "s"),
            "sql_at": known(leads.sql, later(ready, 1, MQL_DAYS)),
            "opportunity_at": np.datetime64("NaT", "s"),
            "customer_at": known(leads.won, later(ready, MQL_DAYS, SQL_DAYS)),
            "purchase": leads.purchase.astype(float),
        }
    )
    rows = pd.concat(
        [
            spells.assign(as_of=first_at, score=leads.first),
            spells.assign(as_of=last_at, score=leads.best)[rose & (last_at <= np.datetime64(end))],
        ]
    ).sort_values(["lead_id", "as_of"], kind="stable", ignore_index=True)
    return rows.assign(month=rows["as_of"].dt.strftime("%Y-%m"))
