"""Populations drawn straight, for tests of what learns from them: no warehouse between."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from smarketing.scoring.feature_set import FeatureSet
from smarketing.scoring.population import Population

UNTIL = pd.Timestamp("2026-03-01")
"""Where their data ends."""


def made_up_population(leads: int = 1200, seed: int = 0, rate: float = 0.25) -> Population:
    """Return two looks at each of some leads; `size` and `visits` sell."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        np.sort(rng.uniform(0, 360, leads)), unit="D"
    )
    size, visits = rng.normal(size=leads), rng.poisson(2, leads)
    chance = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + size + 0.4 * (visits - 2))))
    won = rng.uniform(size=leads) < chance
    took = pd.to_timedelta(rng.uniform(9, 60, leads), unit="D")
    one = pd.DataFrame(
        {
            "lead_id": [f"L{i:05d}" for i in range(leads)],
            "spell": 1,
            "started_at": start,
            "customer_at": pd.Series(start + took).where(pd.Series(won)),
            "sales_ready_at": pd.NaT,
            "size": size,
            "visits": visits.astype(float),
            "fit": np.clip(20 + 8 * size, 0, 50).astype(int),
            "score": np.clip(30 + 6 * size + 3 * visits, 0, 100).astype(int),
            "score_today": np.where(rng.uniform(size=leads) < 0.5, visits, np.nan),
        }
    )
    one["sales_ready_at"] = pd.to_datetime(one.sales_ready_at)
    looks = [
        one.assign(as_of=one.started_at + pd.Timedelta(days=7 * n - 6), number=n) for n in (1, 2)
    ]
    rows = pd.concat(looks).sort_values(["lead_id", "as_of"], ignore_index=True)
    rows["weight"], rows["last_at_handover"] = 0.5, False
    rows["ended_at"] = rows.customer_at
    features = FeatureSet(("size", "visits"), {"size": "number", "visits": "number"}, ())
    return Population(rows, features, True, {}, UNTIL)


def undated_population(leads: int = 600, seed: int = 0) -> Population:
    """Return one row per lead that says how it ended, but not when."""
    population = made_up_population(leads, seed)
    rows = population.rows.drop_duplicates("lead_id", ignore_index=True)
    rows["outcome"] = rows.customer_at.notna().astype("boolean")
    rows = rows.assign(as_of=pd.NaT, started_at=pd.NaT, weight=1.0)
    return dataclasses.replace(population, rows=rows, has_time=False, data_until=None)
