"""Time a backtest of 24 months, four models and 100,000 leads.

python benchmarks/backtest_speed.py [LEADS] [MONTHS]

The four: the agreed card, the logistic and the boosted model, and the score in use today.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from smarketing.agreement.load import load_agreement
from smarketing.agreement.model import Agreement
from smarketing.evaluation.backtest.rolling import Backtest, backtest
from smarketing.scoring.feature_set import FeatureSet
from smarketing.scoring.population import Population

UNTIL = pd.Timestamp("2026-11-01")
NUMBERS, TEXTS = 14, 6


def made_up(leads: int, seed: int = 0) -> Population:
    """Return one row per lead over three years, fourteen numbers and six texts; 5 % win."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.uniform(0, 3 * 365, leads))
    start = UNTIL - pd.Timedelta(days=3 * 365) + pd.to_timedelta(days, unit="D")
    numbers = {f"number_{i}": rng.poisson(2, leads).astype(float) for i in range(NUMBERS)}
    texts = {
        f"text_{i}": rng.choice([f"value {k}" for k in range(5 * (i + 1))], leads)
        for i in range(TEXTS)
    }
    pull = numbers["number_0"] + numbers["number_1"] / 2 + (texts["text_0"] == "value 1") - 3
    won = rng.uniform(size=leads) < 1 / (1 + np.exp(3 - pull))
    took = pd.to_timedelta(rng.uniform(9, 80, leads), unit="D")
    rows = pd.DataFrame(
        {
            "lead_id": [f"L{i:06d}" for i in range(leads)],
            "spell": 1,
            "started_at": start,
            "as_of": start + pd.Timedelta(days=1),
            "customer_at": pd.Series(start + took).where(pd.Series(won)),
            "sales_ready_at": pd.Series(pd.NaT, range(leads), dtype="datetime64[us]"),
            "number": 1,
            "last_at_handover": False,
            "weight": 1.0,
            "fit": 20,
            "score": np.clip(20 + 5 * numbers["number_0"], 0, 100).astype(int),
            "score_today": numbers["number_1"],
            **numbers,
            **texts,
        }
    )
    kinds = dict.fromkeys(numbers, "number") | dict.fromkeys(texts, "category")
    return Population(rows, FeatureSet(tuple(kinds), kinds, ()), True, {}, UNTIL)


def timed(population: Population, agreement: Agreement, months: int) -> tuple[Backtest, float]:
    """Return the backtest and the seconds it took by the wall clock."""
    began = time.perf_counter()
    return backtest(population, agreement, months=months), time.perf_counter() - began


def main() -> None:
    """Print the seconds and what was judged."""
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    agreement = load_agreement(Path(__file__).parents[1] / "data" / "demo" / "agreement.yml")
    population = made_up(leads)
    began = time.process_time()
    judged, seconds = timed(population, agreement, months)
    named = [c[2:] for c in judged.rows if c.startswith("p_")]
    print(f"{leads:,} leads, {len(judged.months)} months, models: {', '.join(named)}")
    print(f"{len(judged.rows):,} rows judged, {int(judged.judged().outcome.sum()):,} won")
    print(f"{seconds:.0f} s (120 allowed), {time.process_time() - began:.0f} s CPU")


if __name__ == "__main__":
    main()
