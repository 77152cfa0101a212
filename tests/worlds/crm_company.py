"""Made-up companies as their CRM records them: stamped by the line and beside it, month by month.

Demand has a level, a drift, a season and its luck; some leads are handed over below the line and
some above it are kept back; customers close weeks after their hand-over. Forecasts of the next
month are held against what the CRM shows of it a month later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smarketing.measures.count import count
from smarketing.planning.volumes.outlook import Moved, make_outlook
from smarketing.planning.volumes.simulate import simulate
from tests.agreements import example_agreement
from tests.worlds.made_facts import made_facts, made_history
from tests.worlds.scoring_rules import interval_score

MEASURES = ("mqls", "sales_ready", "customers", "revenue")
AGREED = example_agreement(timezone="UTC")


@dataclass(frozen=True)
class CrmCompany:
    """One company.

    Attributes
    ----------
    spells : pandas.DataFrame
        One row per lead, with the moments of its stages, the month after the history included.
    wins : pandas.DataFrame
        ``lead_id``, ``closed_at``, ``amount``.
    until : pandas.Timestamp
        The end of the history.
    next_month : str
        The month to forecast.
    """

    spells: pd.DataFrame
    wins: pd.DataFrame
    until: pd.Timestamp
    next_month: str

    def known(self, until: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the spells and wins as they stood at a moment."""
        runs = self.spells[self.spells.started_at <= until].copy()
        for stage in ("mql_at", "sales_ready_at", "customer_at"):
            runs[stage] = runs[stage].where(runs[stage] <= until)
        return runs, self.wins[self.wins.closed_at <= until]


def crm_company(seed: int) -> CrmCompany:
    """Draw a company: size, history, drift, season, luck, rates and delays differ."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(14, 43))
    size = float(np.exp(rng.uniform(np.log(60), np.log(900))))
    month = np.arange(n + 1)
    wave = rng.uniform(0, 0.4) * np.cos(2 * np.pi * (month - rng.uniform(0, 12)) / 12)
    luck = rng.gamma(1 / (spread := rng.uniform(0.001, 0.08)), spread, n + 1)
    counts = rng.poisson(size * np.exp(rng.normal(0, 0.015) * (month - n) + wave) * luck)
    periods = pd.period_range(end="2026-11", periods=n + 1, freq="M")
    total = int(counts.sum())
    start = np.repeat(periods.start_time.to_numpy("datetime64[us]"), counts)
    start = start + _days(rng.uniform(0, np.repeat(periods.days_in_month, counts)))

    above = rng.uniform(size=total) < rng.uniform(0.1, 0.5)
    # stamped beside the line: some below it all the same, some above it not
    stamped = rng.uniform(size=total) < np.where(
        above, 1 - rng.uniform(0, 0.3), rng.uniform(0, 0.15)
    )
    handed = stamped & (rng.uniform(size=total) < rng.uniform(0.2, 0.7))
    won = handed & (rng.uniform(size=total) < np.where(above, rng.uniform(0.1, 0.4), 0.08))
    mql = start + _days(rng.exponential(3, total))
    ready = mql + _days(rng.exponential(5, total))
    bought = ready + _days(rng.gamma(2, rng.uniform(10, 30), total))
    never = np.datetime64("NaT", "us")
    spells = pd.DataFrame(
        {
            "lead_id": np.arange(total).astype(str),
            "started_at": start,
            "mql_at": np.where(stamped, mql, never),
            "sales_ready_at": np.where(handed, ready, never),
            "customer_at": np.where(won, bought, never),
        }
    )
    amounts = np.exp(rng.normal(np.log(20_000), rng.uniform(0.2, 0.8), total))
    wins = spells[won][["lead_id", "customer_at"]].rename(columns={"customer_at": "closed_at"})
    end = periods[-1].start_time - pd.Timedelta(seconds=1)
    return CrmCompany(spells, wins.assign(amount=amounts[won].round()), end, str(periods[-1]))


def back_check(seed: int, draws: int = 4000) -> dict[str, Any]:
    """Forecast a company's next month and hold it against what its CRM then shows.

    Returns
    -------
    dict
        Per measure: ``pit_`` (randomised transform), ``inside_`` (the 80 % interval), ``mean_``,
        ``score_`` and ``naive_`` (interval scores; naive: the range of the last twelve months).
    """
    company = crm_company(seed)
    runs, wins = company.known(company.until)
    history = made_history(AGREED, runs, company.until, wins)
    outlook, _, _ = make_outlook(history, AGREED, Moved())
    drawn = simulate(outlook, draws, seed)
    later = pd.Period(company.next_month, "M").end_time.floor("s")
    runs, wins = company.known(later)
    came = made_facts(AGREED, runs, later, wins)
    rng = np.random.default_rng(seed)
    row: dict[str, Any] = {"seed": seed, "months": len(history.months)}
    for name in MEASURES:
        if name not in drawn:
            continue
        actual = float(count(came, name, months=[company.next_month]).total)
        values = drawn[name][:, 0]
        below, upto = (values < actual).mean(), (values <= actual).mean()
        low, high = np.quantile(values, [0.1, 0.9], method="inverted_cdf")
        past = np.quantile(history.actuals[name].tail(12), [0.1, 0.9])
        row |= {
            f"pit_{name}": float(below + rng.uniform() * (upto - below)),
            f"inside_{name}": bool(low <= actual <= high),
            f"mean_{name}": float(values.mean()),
            f"actual_{name}": actual,
            f"score_{name}": interval_score(low, high, actual),
            f"naive_{name}": interval_score(*past, actual),
        }
    return row


def _days(days: np.ndarray) -> np.ndarray:
    return (days * 86_400_000_000).astype("timedelta64[us]")
