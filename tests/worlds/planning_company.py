"""Made-up companies whose truth is known: how leads come, how they close, what lines earn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace as Bag
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from tests.worlds.planning_leads import MQL_DAYS, SQL_DAYS, draw_history, draw_leads

SCORES = np.arange(102)
"""Possible lines; nobody reaches the last."""
AHEAD = 3
"""Months that a plan is for."""
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
        A lead's first snapshot, and a second one where its score rose later: the MQL line is
        often crossed first and the SQL line later. With what became of it by the end of the
        history, and the ``purchase`` it was part of.
    months : tuple of str
        Of the history.
    rate : numpy.ndarray
        Expected leads of each coming month, shape (AHEAD,).
    dispersion : float
        Variance of a month's luck.
    joint : numpy.ndarray
        Of leads with each first score and each best score, shape (101, 101).
    p_sql, p_customer : numpy.ndarray
        True chances at each best score of a lead that had it at once, shape (101,).
    risen : float
        Chances of a lead whose score rose ÷ those of one that had the score at once.
    together : float
        Part of the leads that come in twos from one account: they buy together, or not at all.
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
    joint: np.ndarray
    p_sql: np.ndarray
    p_customer: np.ndarray
    risen: float
    together: float
    passed_per_sql: float
    agreement: Any
    traits: dict[str, float]

    @cached_property
    def leads(self) -> pd.Series:
        """Return how many leads came in each month."""
        first = self.rows.drop_duplicates("lead_id")["month"].value_counts()
        return first.reindex(list(self.months), fill_value=0).astype(float)

    @cached_property
    def per_lead(self) -> dict[str, np.ndarray]:
        """Return, per lead that comes, what reaches each line, shape (102,).

        ``leads``, those ``passed`` on if qualified, purchases (``won``) with a lead there; and
        ``qualified``, who goes to the desk at each pair of lines, shape (102, 102).
        """

        def above(value: np.ndarray) -> np.ndarray:
            return np.r_[value[::-1].cumsum()[::-1], 0.0]

        best = self.joint.sum(axis=0)
        rose = np.triu(np.ones_like(self.joint), 1)
        factor = (self.joint * np.where(rose, self.risen, 1.0)).sum(axis=0)
        passes = np.minimum(self.p_sql * self.passed_per_sql, 1.0)
        twos, reach = self.together / 2, above(best)
        # The second of two shares the fate of the first, whatever its own score.
        passed = above((1 - twos) * factor * passes + twos * best * (factor * passes).sum())
        own = above(factor * self.p_customer)
        won = (1 - twos) * own + twos * (own[0] - own) * reach
        first = above(self.joint.sum(axis=1))
        both = np.zeros((102, 102))
        both[:101, :101] = self.joint[::-1, ::-1].cumsum(axis=0).cumsum(axis=1)[::-1, ::-1]
        # Crossed the MQL line at its first snapshot below the SQL line, or at its second.
        sent = reach[:, None] - reach[None, :] - first[None, :] + both
        return {"leads": reach, "passed": passed, "won": won, "qualified": np.triu(sent)}


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
    start = np.rint(weights * 100).astype(int)
    rises = rng.uniform(size=40_000) < rng.uniform(0.0, 0.35)
    climb = np.ceil(rng.exponential(rng.uniform(5, 20), 40_000)).astype(int)
    end = np.minimum(np.where(rises, start + climb, start), 100)
    joint = np.bincount(start * 101 + end, minlength=101 * 101).reshape(101, 101) / 40_000
    share = joint.sum(axis=0)
    risen, together = float(rng.uniform(0.6, 1.0)), float(rng.uniform(0, 0.3))
    score = np.arange(101)
    middle, steep = np.quantile(weights, rng.uniform(0.6, 0.95)) * 100, rng.uniform(0.03, 0.09)
    p_sql = rng.uniform(0.3, 0.9) / (1 + np.exp(-steep * (score - middle)))
    weaker = rng.uniform(0.0, 0.03)  # weak leads close less even once they are SQLs
    p_customer = p_sql * rng.uniform(0.15, 0.6) / (1 + np.exp(-weaker * (score - middle)))
    passed_per_sql = float(rng.uniform(1.0, 1.8))

    periods = pd.period_range(end="2026-10", periods=n, freq="M")
    truth = (joint, p_sql, p_customer, risen, together, passed_per_sql)
    rows = draw_history(rng, counts, periods, truth)
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
    traits |= {"rises": float(rises.mean()), "risen": risen, "together": together}
    return Company(
        rows, tuple(periods.astype(str)), rate[n:], dispersion, *truth, agreement, traits,
    )  # fmt: skip


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
    top = {name: sums[name][None, :] for name in ("leads", "won")}
    band = {name: np.maximum(sums[name][:, None] - sums[name], 0) for name in ("passed", "won")}
    band["leads"] = sums["qualified"]
    if one:
        band = {name: np.zeros((1, 102)) for name in band}
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
    n = rng.poisson(company.rate[0] * luck)
    truth = (
        company.joint, company.p_sql, company.p_customer, company.risen, company.together,
        company.passed_per_sql,
    )  # fmt: skip
    leads = draw_leads(rng, np.arange(n), np.full(n, n), truth)
    straight = leads.best >= sql
    at_first = (leads.first >= mql) & (leads.first < sql)
    at_second = (leads.first < mql) & (leads.best >= mql) & ~straight
    qualified = np.flatnonzero((at_first | at_second) & (not one))
    room = np.inf if one else company.agreement.capacity.qualification.leads_per_month
    taken = rng.permutation(qualified)[: int(min(room, len(qualified)))]
    passed = taken[leads.handed[taken] & ~straight[taken]]
    ready = np.r_[np.flatnonzero(straight), passed]
    c_room = company.agreement.capacity.closing.leads_per_month
    worked = rng.permutation(ready)[: int(min(c_room, len(ready)))]
    return {
        "mqls": float(len(qualified)),
        "sales_ready": float(len(ready)),
        "customers": float(len(np.unique(leads.purchase[worked][leads.won[worked]]))),
        "over_qualification": bool(len(qualified) > room),
        "over_closing": bool(len(ready) > c_room),
    }
