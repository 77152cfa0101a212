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
from smarketing.planning.volumes.outlook import demand_variation, expected_demand
from tests.agreements import example_agreement
from tests.worlds.made_facts import made_history
from tests.worlds.planning_company import ACCOUNTS, Company, expect, make_company, next_month

AGREED = example_agreement(timezone="UTC")
RIVALS = ("fill the capacity", "top 20 %", "best F1", "average-based planning")


def judge_company(seed: int) -> dict[str, Any]:
    """Plan for one company from its history and hold the plan against its truth."""
    company = make_company(seed)
    at = pd.Period(company.months[-1], "M").end_time.floor("s")
    history = made_history(AGREED, company.rows.drop_duplicates("lead_id"), at)
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
    happened = next_month(company, found.mql, found.sql, seed + 1_000_003)
    row |= _lines(company, found)
    taken = found.row()
    for desk in ("qualification", "closing"):
        risk = taken[f"overflow_{desk}"]
        if risk is not None:
            row |= {f"risk_{desk}": risk, f"over_{desk}": happened[f"over_{desk}"]}
    return row


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
