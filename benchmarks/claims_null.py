"""A thousand made-up histories in which no claim is true: how many verdicts are told all the same.

Then histories with planted effects: how often each is found, beside the power computed for it.

python benchmarks/claims_null.py [HISTORIES] [PLANTED]
"""

from __future__ import annotations

import math
import sys
import time
from functools import cache

import numpy as np
from scipy import stats

from smarketing.funnel.claims.check import check_claims
from tests.claims_world import GIVE_UP_SHARE, SLOW_SHARE, agreement, grades_of, made_up


def null_run(histories: int) -> None:
    """Print how many null histories, and how many of their claims, got a verdict."""
    agreed, began = agreement(), time.perf_counter()
    false, told, any_false = {}, {}, 0
    for seed in range(histories):
        rng = np.random.default_rng(seed)
        n = int(np.exp(rng.uniform(np.log(150), np.log(3000))))
        rate = float(rng.uniform(0.05, 0.5))
        history = made_up(agreed, rng, n, rate, campaigns=int(rng.integers(2, 9)))
        found = check_claims(history, grades=grades_of(history)).claims
        for claim in found:
            told[claim.name] = told.get(claim.name, 0) + 1
            false[claim.name] = false.get(claim.name, 0) + (claim.verdict != "cannot tell")
        any_false += any(claim.verdict != "cannot tell" for claim in found)
    claims, wrong = sum(told.values()), sum(false.values())
    print(f"{histories} null histories in {time.perf_counter() - began:.0f} s")
    print(f"histories with any verdict: {any_false / histories:.1%} (6.5 % allowed)")
    print(f"claims with a verdict: {wrong} of {claims} ({wrong / claims:.1%})")
    for name, n in told.items():
        print(f"  {name}: {false[name]} of {n} ({false[name] / n:.1%})")


def power_two(rate: float, other: float, n: int, n_other: int) -> float:
    """Return the power of the two-sided score test of two shares at 5 % (normal)."""
    pooled = (n * rate + n_other * other) / (n + n_other)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_other))
    spread = math.sqrt(rate * (1 - rate) / n + other * (1 - other) / n_other)
    gap, limit = abs(rate - other), stats.norm.ppf(0.975) * error
    return float(stats.norm.sf((limit - gap) / spread) + stats.norm.cdf((-limit - gap) / spread))


@cache
def power_promise(share: float, promised: float, n: int) -> float:
    """Return the exact power of the two-sided binomial test at 5 %."""
    counts = np.arange(n + 1)
    p_values = np.array([stats.binomtest(int(k), n, promised).pvalue for k in counts])
    return float(stats.binom(n, share).pmf(counts)[p_values <= 0.05].sum())


PLANTED = [
    ("leads_got_worse", {"late_factor": 0.6}, 1500, None),
    ("leads_got_worse", {"late_factor": 0.75}, 2400, None),
    ("sales_is_slow", {"in_time": 0.8}, 500, None),
    ("sales_is_slow", {"in_time": 0.84}, 1100, None),
    ("gives_up_after_one_call", {"one_call": 0.18}, 900, None),
    ("a1_ignored", {"ignored": 0.2}, 1400, None),
    ("a1_ignored", {"ignored": 0.16}, 3600, None),
    ("campaign_is_junk", {"junk_factor": 0.6}, 1100, "C0"),
    ("campaign_is_junk", {"junk_factor": 0.75}, 1700, "C0"),
]


def planted_run(histories: int, rate: float = 0.3) -> None:
    """Print how often each planted effect is found, and the power computed for its n."""
    agreed = agreement()
    for name, plant, n, campaign in PLANTED:
        found, computed = 0, []
        for seed in range(histories):
            rng = np.random.default_rng(10_000 + seed)
            history = made_up(agreed, rng, n, rate, **plant)
            claim = check_claims(
                history, names=[name], campaign=campaign, grades=grades_of(history)
            ).claims[0]
            found += claim.verdict == "supported"
            sizes = claim.n, claim.n_compared
            if name == "leads_got_worse":
                factor = plant["late_factor"]
                computed.append(power_two(rate * factor, rate, *sizes))
            elif name == "campaign_is_junk":
                computed.append(power_two(rate * plant["junk_factor"], rate, *sizes))
            elif name == "sales_is_slow":
                computed.append(power_promise(plant["in_time"], SLOW_SHARE, claim.n))
            elif name == "a1_ignored":
                computed.append(power_promise(plant["ignored"], 1 - SLOW_SHARE, claim.n))
            else:
                computed.append(power_promise(plant["one_call"], GIVE_UP_SHARE, claim.n))
        expected = float(np.mean(computed))
        print(
            f"  {name} {plant}, n = {claim.n}: found {found / histories:.1%},"
            f" computed {expected:.1%} ({(found / histories - expected) * 100:+.1f} points)"
        )


if __name__ == "__main__":
    if n_null := int(sys.argv[1]) if len(sys.argv) > 1 else 1000:
        null_run(n_null)
    planted_run(int(sys.argv[2]) if len(sys.argv) > 2 else 400)
