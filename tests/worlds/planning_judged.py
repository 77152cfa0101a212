"""Plan for a made-up company from its history, and hold the plan against its truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.planning.lines.choice import best_lines
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.line_grid import RECENT_MONTHS
from smarketing.planning.lines.margin import Money, Terms, judge
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.volumes.outlook import demand_variation, expected_demand, make_outlook
from smarketing.planning.volumes.simulate import simulate
from smarketing.planning.volumes.volume_history import VolumeHistory
from tests.worlds.planning_company import ACCOUNTS, Company, expect, make_company, next_month

MEASURES = ("mqls", "sales_ready", "customers")
RIVALS = ("fill the capacity", "top 20 %", "best F1", "average-based planning")


def judge_company(seed: int) -> dict[str, Any]:
    """Plan for one company from its history and hold the plan against its truth."""
    company = make_company(seed)
    at = pd.Period(company.months[-1], "M").end_time.floor("s")
    history = VolumeHistory(
        at=at,
        months=company.months,
        leads=company.leads,
        amounts=np.array([company.agreement.economics.revenue_per_customer]),
        spells=company.rows,
    )
    row: dict[str, Any] = {"seed": seed, **company.traits}
    try:
        found = recommend_thresholds(
            add_chances(company.rows, company.agreement, at),
            company.agreement,
            Terms.of(
                company.agreement,
                demand=expected_demand(history),
                variation=demand_variation(history),
            ),
            resamples=0,
            use_today=False,
        )
    except CannotAnswer as error:
        return row | {"cannot": str(error)}
    outlook, _, _ = make_outlook(found, company.agreement, history)
    drawn = simulate(outlook, 4000, seed)
    happened = next_month(company, found.mql, found.sql, seed + 1_000_003)
    rng = np.random.default_rng(seed)
    for name in MEASURES:
        if name in drawn:
            row |= _score(name, drawn[name][:, 0], happened[name], rng)
            row |= _naive(name, company, found, happened[name], at)
    row |= _lines(company, found)
    taken = found.row()
    for desk in ("qualification", "closing"):
        risk = taken[f"overflow_{desk}"]
        if risk is not None:
            row |= {f"risk_{desk}": risk, f"over_{desk}": happened[f"over_{desk}"]}
    return row


def _score(name: str, draws: np.ndarray, value: float, rng: np.random.Generator) -> dict[str, Any]:
    """Return the randomised transform and the 80 % interval score of a forecast."""
    below, upto = (draws < value).mean(), (draws <= value).mean()
    low, high = np.quantile(draws, [0.1, 0.9], method="inverted_cdf")
    return {
        f"pit_{name}": float(below + rng.uniform() * (upto - below)),
        f"score_{name}": interval_score(low, high, value),
        f"inside_{name}": bool(low <= value <= high),
        f"mean_{name}": float(draws.mean()),
    }


def interval_score(low: float, high: float, value: float, share: float = 0.8) -> float:
    """Return width + 2 / (1 - share) · distance outside (Gneiting and Raftery, 2007, sec. 6.2).

    Examples
    --------
    >>> round(interval_score(4, 9, 12), 9)
    35.0
    """
    return float(high - low + 2 / (1 - share) * (max(low - value, 0) + max(value - high, 0)))


def _naive(
    name: str, company: Company, found: Thresholds, value: float, at: pd.Timestamp
) -> dict[str, float]:
    """Score the naive forecast: the 10–90 % range of the last year's months at these lines."""
    if name == "customers":
        rows = company.rows[company.rows["as_of"] <= at - pd.Timedelta(days=90)]
        reached = rows["score"] >= (found.sql if found.terms.one_line else found.mql)
        bought = rows[reached & rows["customer_at"].notna()].drop_duplicates("purchase")
        past = bought["month"].value_counts()
        past = past.reindex(sorted(rows["month"].unique()), fill_value=0).iloc[:-1].tail(12)
    else:
        past = found.flow[name].tail(12)
    low, high = np.quantile(past, [0.1, 0.9]) if len(past) else (0.0, 0.0)
    return {f"naive_{name}": interval_score(low, high, value)}


def _lines(company: Company, found: Thresholds) -> dict[str, Any]:
    """Return true margins of the recommended lines, of the rivals', and of the best ones."""
    grid, terms, table = found.table.grid, found.terms, found.table
    tables = table.tables()
    mean = type(tables)(*(getattr(tables, f).mean(axis=0, keepdims=True) for f in vars(tables)))
    average = judge(mean, terms)
    ones = np.ones_like(average.margin)
    load_c = terms.demand * (mean.direct + mean.passed)[0]
    load_q = terms.demand * mean.qualified[0]
    planned = best_lines(
        Money(average.margin, ones * (load_q <= terms.qualification), load_c <= terms.closing),
        terms,
        None,
    )
    lines = {name: _places(found.row(name)) for name in RIVALS[:3]}
    lines["average-based planning"] = tuple(int(min(np.ceil(grid[i]), 101)) for i in planned)
    lines["recommended"] = _places(found.row())
    out: dict[str, Any] = {}
    truth = expect(company)
    # The true chances, but of demand no more than the forecast: what nobody knows beforehand.
    recent = company.leads.iloc[-RECENT_MONTHS:].sum()
    rate = terms.demand * recent / min(RECENT_MONTHS, len(company.months))
    guess = expect(
        replace(company, rate=np.full(1, rate), dispersion=max(terms.variation or 0.05, 1e-3))
    )
    foreseen = best_lines(
        Money(guess["lost"], guess["fits_qualification"], guess["fits_closing"]), terms, None
    )
    for over in ACCOUNTS:
        margin = truth[over] / truth["worth"]
        best = best_lines(
            Money(margin, truth["fits_qualification"], truth["fits_closing"]), terms, None
        )
        out[f"best_{over}"] = float(margin[best])
        for name, pair in lines.items():
            out[f"{name}_{over}"] = float(margin[pair])
        out[f"foreseeable_{over}"] = float(margin[foreseen])
    for name, pair in lines.items():
        out[f"{name}_fits"] = bool(
            min(truth["fits_closing"][pair], truth["fits_qualification"][pair]) >= 0.75
        )
    out["true_fit"] = float(
        min(truth[f"fits_{d}"][lines["recommended"]] for d in ("closing", "qualification"))
    )
    return out


def _places(row: dict[str, Any]) -> tuple[int, int]:
    sql = int(min(np.ceil(row["sql"]), 101))
    return (sql if row["mql"] is None else int(min(np.ceil(row["mql"]), 101))), sql
