"""Made-up companies whose truth is known: how leads come, how they close, what lines earn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace as Bag
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import nbinom

SCORES = np.arange(102)
"""Possible lines; nobody reaches the last."""
AHEAD = 3
"""Months that a plan is for."""
MQL_DAYS, SQL_DAYS = 45, 90
ACCOUNTS = ("lost", "late", "wasted")
"""What becomes of leads beyond a desk's capacity. Lost: they cost and earn nothing, as planning
counts. Late: worked at full cost, they close half as often. Wasted: they cost the same and earn
nothing."""


@dataclass(frozen=True)
class Company:
    """One company: its history as planning sees it, and the truth behind it.

    Attributes
    ----------
    rows : pandas.DataFrame
        One snapshot per lead, with its score and what became of it by the end of the history.
    months : tuple of str
        Of the history.
    rate : numpy.ndarray
        Expected leads of each coming month, shape (AHEAD,).
    dispersion : float
        Variance of a month's luck.
    share : numpy.ndarray
        Of leads at each score, shape (101,).
    p_sql, p_customer : numpy.ndarray
        True chances at each score, shape (101,).
    passed_per_sql : float
        Leads the desk passes on for each that becomes an SQL.
    agreement : object
        Lines of today, capacities, economics, confidence.
    traits : dict of str to float
        What differs from company to company.
    """

    rows: pd.DataFrame
    months: tuple[str, ...]
    rate: np.ndarray
    dispersion: float
    share: np.ndarray
    p_sql: np.ndarray
    p_customer: np.ndarray
    passed_per_sql: float
    agreement: Any
    traits: dict[str, float]

    @cached_property
    def per_lead(self) -> dict[str, np.ndarray]:
        """Return sums over leads at or above each line, per lead that comes, shape (102,)."""

        def above(value: np.ndarray) -> np.ndarray:
            return np.r_[(self.share * value)[::-1].cumsum()[::-1], 0.0]

        p_pass = np.minimum(self.p_sql * self.passed_per_sql, 1.0)
        return {
            "leads": above(np.ones(101)),
            "passed": above(p_pass),
            "won": above(self.p_customer),
        }


def make_company(seed: int) -> Company:
    """Draw a company: size, season, drift, luck, close rates, capacities and costs differ."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 43))
    size = float(np.exp(rng.uniform(np.log(60), np.log(900))))
    drift, season = rng.normal(0, 0.015), rng.uniform(0, 0.4)
    phase, dispersion = rng.uniform(0, 12), rng.uniform(0.001, 0.08)
    month = np.arange(n + AHEAD)
    wave = season * np.cos(2 * np.pi * (month - phase) / 12)
    odd = rng.normal(0, 0.08, 12) * rng.uniform()  # holidays and fairs are no wave
    rate = size * np.exp(drift * (month - n) + wave + odd[month % 12])
    counts = rng.poisson(rate * rng.gamma(1 / dispersion, dispersion, n + AHEAD))[:n]

    weights = rng.beta(rng.uniform(1, 3), rng.uniform(1.5, 5), 40_000)
    share = np.bincount(np.rint(weights * 100).astype(int), minlength=101) / 40_000
    score = np.arange(101)
    middle, steep = np.quantile(weights, rng.uniform(0.6, 0.95)) * 100, rng.uniform(0.03, 0.09)
    p_sql = rng.uniform(0.3, 0.9) / (1 + np.exp(-steep * (score - middle)))
    weaker = rng.uniform(0.0, 0.03)  # weak leads close less even once they are SQLs
    p_customer = p_sql * rng.uniform(0.15, 0.6) / (1 + np.exp(-weaker * (score - middle)))
    passed_per_sql = float(rng.uniform(1.0, 1.8))

    periods = pd.period_range(end="2026-10", periods=n, freq="M")
    rows = _history(rng, counts, periods, share, p_sql, p_customer, passed_per_sql)
    value = 1000.0 / (p_customer * share).sum() * rng.uniform(0.4, 3) * share.sum()
    one_line = rng.uniform() < 0.25
    desk = None if one_line else Bag(leads_per_month=max(2, round(size * rng.uniform(0.1, 0.7))))
    agreement = Bag(
        timezone="UTC",
        currency="DKK",
        snapshots=Bag(until="handover"),
        lines=Bag(
            mql=Bag(score=30, fit_at_least=0, target="sql", window_days=MQL_DAYS),
            sql=Bag(score=60, fit_at_least=0, target="customer", window_days=SQL_DAYS),
        ),
        capacity=Bag(
            qualification=desk,
            closing=Bag(leads_per_month=max(2, round(size * rng.uniform(0.03, 0.3)))),
        ),
        economics=Bag(
            revenue_per_customer=value,
            margin_share=1.0,
            cost_per_qualified_lead=rng.uniform(50, 200),
            cost_per_worked_lead=rng.uniform(500, 2000),
        ),
        sla=Bag(confidence=0.8, marketing=None, sales=None),
        review=Bag(agreement_every_months=AHEAD),
        goals=(),
    )
    traits = {"size": size, "months": n, "drift": drift, "season": season, "luck": dispersion}
    return Company(
        rows, tuple(periods.astype(str)), rate[n:], dispersion, share, p_sql, p_customer,
        passed_per_sql, agreement, traits,
    )  # fmt: skip


def _history(
    rng: np.random.Generator,
    counts: np.ndarray,
    periods: pd.PeriodIndex,
    share: np.ndarray,
    p_sql: np.ndarray,
    p_customer: np.ndarray,
    passed_per_sql: float,
) -> pd.DataFrame:
    total = int(counts.sum())
    score = rng.choice(101, total, p=share)
    start = np.repeat(periods.start_time.to_numpy("datetime64[s]"), counts)
    days = np.repeat(periods.days_in_month.to_numpy(), counts)
    as_of = pd.Series(start + (rng.uniform(0, 1, total) * days * 86400).astype("timedelta64[s]"))
    sql = rng.uniform(size=total) < p_sql[score]
    won = sql & (rng.uniform(size=total) < (p_customer / p_sql)[score])
    more = (passed_per_sql - 1) * p_sql / np.maximum(1 - p_sql, 1e-9)
    handed = sql | (rng.uniform(size=total) < np.clip(more, 0, 1)[score])
    end = periods[-1].end_time.floor("s")

    def after(happened: np.ndarray, low: float, high: float) -> pd.Series:
        wait = pd.to_timedelta((rng.uniform(low, high, total) * 86400).round(), unit="s")
        when = (as_of + wait).where(pd.Series(happened))
        return when.where(when <= end)

    rows = pd.DataFrame(
        {
            "lead_id": np.arange(total),
            "spell": 1,
            "started_at": as_of,
            "as_of": as_of,
            "month": np.repeat(periods.astype(str).to_numpy(), counts),
            "score": score,
            "mql_at": pd.NaT,
            "sales_ready_at": as_of.where(pd.Series(handed)),
            "accepted_at": pd.NaT,
            "sql_at": after(sql, 1, MQL_DAYS),
            "opportunity_at": pd.NaT,
            "customer_at": after(won, MQL_DAYS, SQL_DAYS),
        }
    )
    rows[["mql_at", "accepted_at", "opportunity_at"]] = np.datetime64("NaT", "s")
    return rows


def expect(company: Company) -> dict[str, Any]:
    """Return what every pair of lines truly gives a month, shape (102, 102).

    Thinned gamma–Poisson counts stay gamma–Poisson, so everything is exact but one thing: how
    full the qualification desk is enters the reps' load by its mean.

    Returns
    -------
    dict of str to numpy.ndarray
        The margin by each of :data:`ACCOUNTS`; ``fits_qualification``, ``fits_closing``:
        P(leads <= capacity); ``worth``: what a month's leads would bring in if all were worked.
    """
    one = company.agreement.capacity.qualification is None
    money, sums = company.agreement.economics, company.per_lead
    top = {name: value[None, :] for name, value in sums.items()}
    band = {name: np.maximum(value[:, None] - value[None, :], 0) for name, value in sums.items()}
    if one:
        band = {name: np.zeros((1, 102)) for name in sums}
    q_room = np.inf if one else company.agreement.capacity.qualification.leads_per_month
    c_room = company.agreement.capacity.closing.leads_per_month
    worth, q_cost, c_cost = (
        money.revenue_per_customer, money.cost_per_qualified_lead, money.cost_per_worked_lead
    )  # fmt: skip
    out: dict[str, Any] = dict.fromkeys((*ACCOUNTS, "fits_qualification", "fits_closing"), 0.0)
    for rate in company.rate:
        q_taken, q_fit = _taken(rate * band["leads"], company.dispersion, q_room)
        handed = rate * (top["leads"] + q_taken * band["passed"])
        c_taken, c_fit = _taken(handed, company.dispersion, c_room)
        won = rate * (top["won"] + q_taken * band["won"])
        sent = rate * band["leads"]
        lost = c_taken * (worth * won - c_cost * handed) - q_taken * sent * q_cost
        beyond = (1 - c_taken) * handed * c_cost + (1 - q_taken) * sent * q_cost
        missed = (1 - c_taken) * won + (1 - q_taken) * rate * band["won"]
        passed_late = (1 - q_taken) * rate * band["passed"] * c_cost
        months = {
            "lost": lost,
            "late": lost - beyond - passed_late + worth * missed / 2,
            "wasted": lost - beyond,
            "fits_qualification": q_fit,
            "fits_closing": c_fit,
        }
        out = {name: out[name] + value / len(company.rate) for name, value in months.items()}
    out = {name: np.broadcast_to(value, (102, 102)) for name, value in out.items()}
    return out | {"worth": worth * company.rate.mean() * sums["won"][0]}


def _taken(mean: np.ndarray, dispersion: float, room: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of leads a desk takes, E[min(N, room)] / E[N], and P(N <= room)."""
    if np.isinf(room):
        return np.ones_like(mean), np.ones_like(mean)
    shape = 1 / dispersion
    p = shape / (shape + np.maximum(mean, 1e-9))
    below = nbinom.cdf(room - 2, shape + 1, p)  # E[N; N < room] = mean · P(N' <= room - 2)
    share = below + room * nbinom.sf(room - 1, shape, p) / np.maximum(mean, 1e-9)
    return np.minimum(share, 1.0), nbinom.cdf(room, shape, p)


def next_month(company: Company, mql: float, sql: float, seed: int) -> dict[str, float]:
    """Draw what the first coming month brings at a pair of lines, and whether it overflows."""
    rng = np.random.default_rng(seed)
    one = company.agreement.capacity.qualification is None
    luck = rng.gamma(1 / company.dispersion, company.dispersion)
    counts = rng.poisson(company.rate[0] * luck * company.share)
    scores = np.repeat(np.arange(101), counts)
    straight = scores[scores >= sql]
    qualified = np.array([], int) if one else scores[(scores >= mql) & (scores < sql)]
    room = np.inf if one else company.agreement.capacity.qualification.leads_per_month
    over_q = len(qualified) > room
    taken = rng.permutation(qualified)[: int(min(room, len(qualified)))]
    sqls = rng.uniform(size=len(taken)) < company.p_sql[taken]
    more = (company.passed_per_sql - 1) * company.p_sql / np.maximum(1 - company.p_sql, 1e-9)
    passed = sqls | (rng.uniform(size=len(taken)) < np.clip(more, 0, 1)[taken])
    close = np.r_[
        company.p_customer[straight],
        np.where(sqls, company.p_customer[taken] / company.p_sql[taken], 0.0)[passed],
    ]
    c_room = company.agreement.capacity.closing.leads_per_month
    worked = rng.permutation(close)[: int(min(c_room, len(close)))]
    return {
        "mqls": float(len(qualified)),
        "sales_ready": float(len(close)),
        "customers": float((rng.uniform(size=len(worked)) < worked).sum()),
        "over_qualification": bool(over_q),
        "over_closing": bool(len(close) > c_room),
    }
