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
import pandas as pd
from scipy import stats

from smarketing.agreement.load import check_agreement
from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.funnel.claims.check import check_claims
from smarketing.funnel.history import History

START, DAYS = pd.Timestamp("2025-01-01"), 540
SLOW_SHARE, GIVE_UP_SHARE = 0.9, 0.1


def agreement() -> Agreement:
    """Return an agreement with the two promises the claims are held to."""
    return check_agreement(
        {
            "version": 1,
            "valid_from": "2025-01-01",
            "owners": {"marketing": "Marketing", "sales": "Sales"},
            "currency": "DKK",
            "timezone": "UTC",
            "scorecard": {
                "fit": {"cap": 50, "rules": []},
                "engagement": {"cap": 50, "half_life_days": 14, "rules": []},
            },
            "lines": {
                "mql": {"score": 40, "target": "sql", "window_days": 45},
                "sql": {"score": 65, "target": "customer", "window_days": 90},
            },
            "grades": {"fit": {"A": 35, "B": 20}, "engagement": {1: 35, 2: 15}},
            "capacity": {"closing": {"people": 4, "leads_per_person_per_month": 12}},
            "economics": {
                "revenue_per_customer": 40000,
                "margin_share": 0.6,
                "cost_per_qualified_lead": 250,
                "cost_per_worked_lead": 1500,
            },
            "sla": {
                "confidence": 0.8,
                "sales": {
                    "first_contact": {
                        "share": SLOW_SHARE,
                        "within_hours": 24,
                        "clock": "elapsed",
                    },
                    "follow_up": {
                        "share": 1 - GIVE_UP_SHARE,
                        "attempts": 5,
                        "within_days": 14,
                    },
                },
            },
        }
    )


def made_up(
    agreed: Agreement,
    rng: np.random.Generator,
    n: int,
    rate: float,
    late_factor: float = 1.0,
    junk_factor: float = 1.0,
    in_time: float = SLOW_SHARE,
    one_call: float = GIVE_UP_SHARE,
    ignored: float = 1 - SLOW_SHARE,
    campaigns: int = 5,
) -> History:
    """Return a company that hands over `n` leads in 18 months, true to the given shares."""
    day = np.sort(rng.uniform(0, DAYS, n))
    handed = START + pd.to_timedelta((day * 86400).round(), unit="s")
    paid = rng.uniform(size=n) < 0.5
    campaign = rng.integers(0, campaigns, n)
    last_judged = DAYS - 45
    late = day > last_judged - 91
    chance = rate * np.where(paid, 0.7, 1.3)
    chance = chance * np.where(late, late_factor, 1) * np.where(campaign == 0, junk_factor, 1)
    won = rng.uniform(size=n) < chance
    ids = pd.Series([f"L{i:05d}" for i in range(n)], dtype="str")
    never = pd.Series(pd.NaT, index=range(n), dtype="datetime64[us]")
    handed = pd.Series(handed).astype("datetime64[us]")
    spells = pd.DataFrame(
        {
            "lead_id": ids,
            "spell": 1,
            "started_at": handed,
            "sales_ready_at": handed,
            "sql_at": (handed + pd.Timedelta(days=20)).where(pd.Series(won)),
            **{
                f"{stage}_at": never
                for stage in (
                    "mql",
                    "accepted",
                    "opportunity",
                    "customer",
                    "rejected",
                    "recycled",
                    "disqualified",
                )
            },
            "ended_at": never,
            "source": np.where(paid, "paid", "organic"),
            "campaign_id": [f"C{i}" for i in campaign],
            "account_id": None,
            "owner_id": None,
            "next_started_at": never,
            "month": month_of(handed, "UTC"),
        }
    )
    # first contact is quick or a week late; who is not given up on is reached at the second call
    quick = rng.uniform(size=n) < in_time
    # (a lead turns SQL after the days of the follow-up promise, so the calls alone decide)
    again = rng.uniform(size=n) >= one_call
    # of the best grade those called late are never called instead; as many are given up on
    best = is_best(ids)
    tried = ~best | (rng.uniform(size=n) >= ignored)
    quick = np.where(best, rng.uniform(size=n) < in_time / (1 - ignored), quick)
    again = np.where(best, rng.uniform(size=n) >= one_call / (1 - ignored), again)
    first = handed + pd.to_timedelta(np.where(quick, 1, 7 * 24), unit="h")
    again &= tried
    attempts = pd.concat(
        [
            pd.DataFrame({"lead_id": ids[tried], "occurred_at": first[tried], "connected": False}),
            pd.DataFrame(
                {
                    "lead_id": ids[again],
                    "occurred_at": first[again] + pd.Timedelta(hours=1),
                    "connected": True,
                }
            ),
        ]
    )
    nothing = pd.DataFrame({"lead_id": pd.Series([], dtype="str"), "occurred_at": never[:0]})
    return History(
        agreement=agreed,
        data_until=START + pd.Timedelta(days=DAYS),
        history_from=None,
        spells=spells,
        recorded=("lead", "sales_ready", "sql"),
        wins=None,
        win_spells=pd.DataFrame({"deal_id": [], "lead_id": [], "spell": []}),
        attempts=attempts.sort_values(["occurred_at", "lead_id"], ignore_index=True),
        assigned=nothing,
        touches=nothing.assign(campaign_id=None),
        campaigns=None,
        spend=None,
        visits=None,
        fields=(),
        why={"deals": "made up without deals"},
    )


def is_best(ids: pd.Series) -> np.ndarray:
    """Return which leads are of grade A1: three of ten."""
    return (ids.str[1:].astype(int) % 10 < 3).to_numpy()


def grades_of(history: History) -> pd.DataFrame:
    """Return the grade of each lead, as the claim about A1 asks for it."""
    ids = history.spells.lead_id
    return pd.DataFrame({"lead_id": ids, "spell": 1, "grade": np.where(is_best(ids), "A1", "B2")})


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
