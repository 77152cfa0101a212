"""Judge planning where the truth is known: forecasts, lines, overflow over made-up companies.

    python -m benchmarks.planning --companies 1000 --out planning.json

One core, some minutes. Made-up companies differ in size (60 to 900 leads a month), length of
history (12 to 42 months), season, drift, luck, close rate, capacities and costs. Planning sees
their history only; the truth judges it (methods.md, "Lines" and "SLA volumes").
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from benchmarks.planning_world import ACCOUNTS, Company, expect, make_company, next_month
from smarketing.errors import CannotAnswer
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.margin import Money, judge
from smarketing.planning.lines.search import best_pair
from smarketing.planning.lines.thresholds import RECENT_MONTHS, Thresholds, recommend_thresholds
from smarketing.planning.volumes.outlook import demand_variation, expected_demand, make_outlook
from smarketing.planning.volumes.simulate import simulate
from smarketing.planning.volumes.volume_history import VolumeHistory

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
            demand=expected_demand(history),
            variation=demand_variation(history),
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
    >>> interval_score(4, 9, 12)
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
    planned = best_pair(
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
    foreseen = best_pair(
        Money(guess["lost"], guess["fits_qualification"], guess["fits_closing"]), terms, None
    )
    for over in ACCOUNTS:
        margin = truth[over] / truth["worth"]
        best = best_pair(
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


def summarise(rows: pd.DataFrame) -> dict[str, Any]:
    """Return coverage, margins and overflow with their sampling errors."""
    told = rows[rows["best_lost"].notna()]
    out: dict[str, Any] = {"companies": len(rows), "answered": len(told)}
    for name in MEASURES:
        part = told[told[f"pit_{name}"].notna()]
        pit = part[f"pit_{name}"].to_numpy()
        bins = np.histogram(pit, 10, (0, 1))[0]
        better = 1 - part[f"score_{name}"].sum() / part[f"naive_{name}"].sum()
        low, high = _paired(part[f"naive_{name}"] - part[f"score_{name}"])
        large = part[part[f"mean_{name}"] >= 30]
        out[name] = {
            "n": len(part),
            "transform_histogram": bins.tolist(),
            "p_uniform": float(stats.chisquare(bins).pvalue),
            "p_uniform_ks": float(stats.kstest(pit, "uniform").pvalue),
            "interval_score": float(part[f"score_{name}"].mean()),
            "naive_interval_score": float(part[f"naive_{name}"].mean()),
            "better_than_naive": float(better),
            "difference_95": [low, high],
            "covered_80_where_mean_30_or_more": float(large[f"inside_{name}"].mean()),
            "n_large": len(large),
        }
    for over in ACCOUNTS:
        out[f"lines_{over}"] = _margins(told, over)
    for desk in ("qualification", "closing"):
        part = told[told[f"risk_{desk}"].notna()]
        risk, seen = part[f"risk_{desk}"].astype(float), part[f"over_{desk}"].astype(float)
        error = float(np.sqrt((risk * (1 - risk)).sum()) / len(part))
        out[f"overflow_{desk}"] = {
            "n": len(part),
            "promised_at_most": 0.2,
            "predicted": float(risk.mean()),
            "seen": float(seen.mean()),
            "sampling_error": error,
            "z": float((seen.mean() - risk.mean()) / error),
        }
    return out


def _margins(told: pd.DataFrame, over: str) -> dict[str, Any]:
    """Return margins against the best lines', in units of what a company's leads are worth."""
    best, ours = told[f"best_{over}"], told[f"recommended_{over}"]
    each = (ours / best)[best > 0.01]
    out = {
        "n": len(told),
        "share_of_best": float(ours.sum() / best.sum()),
        "share_of_best_95": list(_ratio(ours, best)),
        "share_of_foreseeable": float(ours.sum() / told[f"foreseeable_{over}"].sum()),
        "share_of_foreseeable_95": list(_ratio(ours, told[f"foreseeable_{over}"])),
        "median_company": float(each.median()),
        "tenth_of_companies_below": float(each.quantile(0.1)),
    }
    for rival in RIVALS:
        theirs = told[f"{rival}_{over}"]
        known = theirs.notna()
        low, high = _ratio((ours - theirs)[known], best[known])
        out[rival] = {
            "n": int(known.sum()),
            "more_than_it": float((ours - theirs)[known].sum() / best[known].sum()),
            "interval_95": [low, high],
            "keeps_the_capacity": float(told.loc[known, f"{rival}_fits"].astype(float).mean()),
        }
    out["keeps_the_capacity"] = float(told["recommended_fits"].astype(float).mean())
    return out


def _ratio(part: pd.Series, whole: pd.Series) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a ratio of sums, paired by company."""
    a, b = part.to_numpy(float), whole.to_numpy(float)
    drawn = np.random.default_rng(0).integers(0, len(a), (1000, len(a)))
    low, high = np.quantile(a[drawn].sum(axis=1) / b[drawn].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _paired(difference: pd.Series) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean difference over companies."""
    return _ratio(difference, difference * 0 + 1)


def main() -> None:
    """Run the companies one after the other and write the summary as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--out", type=Path, default=Path("planning.json"))
    asked = parser.parse_args()
    began = time.monotonic()
    with threadpool_limits(1):
        rows = pd.DataFrame(
            [judge_company(seed) for seed in range(asked.first, asked.first + asked.companies)]
        )
    found = summarise(rows) | {"seconds": round(time.monotonic() - began)}
    rows.to_csv(asked.out.with_suffix(".csv"), index=False)
    asked.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
