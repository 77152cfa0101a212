"""A million journeys of up to thirty touches, six models: how long, and how much memory.

python benchmarks/attribution.py [JOURNEYS] [RESAMPLES]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from smarketing.funnel.attribution.models import Journeys, attribute


def made_up(journeys: int, campaigns: int = 200, most: int = 30, seed: int = 0) -> Journeys:
    """Return random journeys; one in twenty wins something."""
    rng = np.random.default_rng(seed)
    touches = rng.integers(1, most + 1, journeys)
    journey = np.repeat(np.arange(journeys), touches)
    begins = np.concatenate([[0], np.cumsum(touches)[:-1]])
    after = touches[journey] - 1 - (np.arange(len(journey)) - begins[journey])
    won = rng.uniform(size=journeys) < 0.05
    return Journeys(
        campaigns=tuple(f"C{i:03d}" for i in range(campaigns)),
        journey=journey,
        campaign=rng.zipf(1.3, len(journey)) % campaigns,
        days_before=after * rng.uniform(0.5, 5.0, journeys)[journey],
        won=won,
        cents=np.where(won, rng.integers(100_000, 20_000_000, journeys), 0),
    )


def main() -> None:
    """Print the seconds, the peak memory and the sums."""
    journeys = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    resamples = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    told = made_up(journeys)
    began = time.perf_counter()
    answer = attribute(told, resamples=resamples)
    seconds = time.perf_counter() - began
    cents = (answer.table.revenue * 100).round().astype("int64").groupby(answer.table.model).sum()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{journeys:,} journeys, {len(told.journey):,} touches, {resamples} resamples")
    print(f"{seconds:.1f} s (30 allowed), {peak:.2f} GB at the most (4 allowed)")
    print(f"every model sums to revenue: {(cents == told.cents.sum()).all()}")


if __name__ == "__main__":
    main()
