"""Measure how often luck calls a model better, and whether AUC's intervals hold the truth.

python benchmarks/evaluation_null.py [TABLES]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from smarketing.evaluation.backtest import metrics
from smarketing.evaluation.comparison.model_comparison import RESAMPLES


@dataclass(frozen=True)
class World:
    """Leads of twelve months, each with some rows; `gap` is how far winners score above losers."""

    name: str
    leads: int
    rate: float
    gap: float
    most_rows: int


WORLDS = (
    World("400 leads, one row each, 20 % won", 400, 0.2, 1.0, 1),
    World("300 leads, 1 to 6 rows each, 20 % won", 300, 0.2, 1.0, 6),
    World("1,000 leads, 1 to 6 rows each, 4 % won", 1000, 0.04, 1.5, 6),
)


def table(world: World, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw a table: lead, month, outcome, weight, and a score that knows the outcome by `gap`."""
    month = np.sort(rng.integers(0, 12, world.leads))
    won = rng.uniform(size=world.leads) < world.rate
    rows = rng.integers(1, world.most_rows + 1, world.leads)
    lead = np.repeat(np.arange(world.leads), rows)
    own = rng.normal(size=(world.leads, 2))  # rows of a lead are alike: half of the spread
    noise = rng.normal(size=(len(lead), 2))
    scores = (own[lead] + noise) / np.sqrt(2)
    return {
        "lead": lead,
        "month": month[lead],
        "won": won[lead].astype(float),
        "weight": 1 / rows[lead],
        "score": scores[:, 0] + world.gap * won[lead],
        # Two models learned from the same leads score them alike.
        "blind": scores[:, 0],
        "other": 0.7 * scores[:, 0] + np.sqrt(1 - 0.7**2) * scores[:, 1],
    }


def called_better(world: World, tables: int) -> float:
    """Return the share of tables in which one of two blind models is called better."""
    told = 0
    for seed in range(tables):
        t = table(world, np.random.default_rng(seed))
        weight = t["weight"] * metrics.resample_leads(t["lead"], t["month"], RESAMPLES, seed)
        drawn = [metrics.auc(t["won"], t[name], weight) for name in ("blind", "other")]
        low, high = metrics.interval(drawn[0] - drawn[1])
        told += low > 0 or high < 0
    return told / tables


def held(world: World, tables: int) -> float:
    """Return the share of tables whose 95 % interval of the AUC holds the truth."""
    truth, hits = norm.cdf(world.gap / np.sqrt(2)), 0
    for seed in range(tables):
        t = table(world, np.random.default_rng(seed))
        weight = t["weight"] * metrics.resample_leads(t["lead"], t["month"], RESAMPLES, seed)
        low, high = metrics.interval(metrics.auc(t["won"], t["score"], weight))
        hits += low <= truth <= high
    return hits / tables


def main() -> None:
    """Print the shares for each world."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for world in WORLDS:
        began = time.process_time()
        print(world.name)
        print(f"  called better by luck: {called_better(world, tables):.1%} (at most 6.5 %)")
        print(f"  AUC held by its interval: {held(world, tables):.1%} (93 to 97 %)")
        print(f"  {tables:,} tables each, {time.process_time() - began:.0f} s CPU", flush=True)


if __name__ == "__main__":
    main()
