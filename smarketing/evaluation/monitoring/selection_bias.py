"""Outcomes exist only for leads that were worked: how far the others lie outside, what to do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest import metrics
from smarketing.evaluation.backtest.line_economics import stakes_of
from smarketing.evaluation.backtest.model_names import AGREED
from smarketing.evaluation.backtest.rolling import Backtest
from smarketing.evaluation.backtest.splits import LEAST_CONVERSIONS, above_line
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, money
from smarketing.language.plurals import trn
from smarketing.results import Result
from smarketing.scoring.cache import Cache, cached_numbers
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population

EXPLORED = 0.1
"""Share of the leads below the line that an exploration would work."""


def outside_share(worked: pd.DataFrame, scored: pd.DataFrame) -> tuple[float, float]:
    """Return how well worked leads are told from the scored ones, and how many lie outside.

    Outcomes exist only for leads that were worked; what a model says of others is a guess as
    far as they differ. A boosted model is taught to tell the two sets apart, cross-fitted.

    Parameters
    ----------
    worked, scored : pandas.DataFrame
        The same feature columns; at least 30 rows each, otherwise (NaN, NaN).

    Returns
    -------
    (float, float)
        AUC (0.5: the same kind of leads), and the share of scored leads that look less like
        worked ones than 99 of 100 worked leads do.
    """
    if min(len(worked), len(scored)) < LEAST_CONVERSIONS:
        return float("nan"), float("nan")
    X = pd.concat([worked, scored], ignore_index=True)
    is_worked = np.arange(len(X)) < len(worked)
    fold = np.random.default_rng(0).permutation(np.arange(len(X)) % 3)
    chance = np.empty(len(X))
    for k in range(3):
        model = MODELS["boosted"]().fit(X[fold != k], is_worked[fold != k])
        chance[fold == k] = model.predict_proba1(X[fold == k])
    edge = np.quantile(chance[is_worked], 0.01)
    share = float((chance[~is_worked] < edge).mean())
    return float(metrics.auc(is_worked, chance)), share


@dataclass(frozen=True)
class Exploration(Result):
    """A random share of leads below the line, worked to learn what becomes of them.

    Parameters
    ----------
    leads_per_month : float
    months : float
        Until the rate below the line is known to half the width asked for.
    cost_per_month : float
        Cost of working them less the margin of what they win; may be negative.
    """

    leads_per_month: float
    months: float
    cost_per_month: float
    currency: str

    @property
    def sentence(self) -> str:
        """The proposal in words."""
        return trn(
            "Work {leads} leads a month drawn at random below the line for {n} month: it costs "
            "{cost} a month after what they win, and tells what becomes of leads nobody calls "
            "today.",
            "Work {leads} leads a month drawn at random below the line for {n} months: it costs "
            "{cost} a month after what they win, and tells what becomes of leads nobody calls "
            "today.",
            self.months,
            leads=count(self.leads_per_month),
            cost=money(self.cost_per_month, self.currency),
        )


def explore(
    below_per_month: float,
    share: float,
    expected_rate: float,
    half_width: float,
    per_win: float,
    cost: float,
    currency: str,
) -> Exploration:
    """Propose the explored slice with its cost.

    Parameters
    ----------
    below_per_month : float
        Leads below the line.
    share : float
        Of them, to be worked, in (0, 1].
    expected_rate : float
        What is believed of them.
    half_width : float
        Of the 95 % interval of their rate, after the exploration.
    per_win, cost : float
        Margin of a win, cost of working a lead.
    currency : str

    Examples
    --------
    >>> explore(200, 0.05, 0.04, 0.04, 24_000, 1_500, "DKK").months
    10.0
    """
    leads = below_per_month * share
    needed = np.ceil(expected_rate * (1 - expected_rate) * (1.96 / half_width) ** 2)
    months = float(np.ceil(needed / leads)) if leads > 0 else float("inf")
    return Exploration(leads, months, leads * (cost - expected_rate * per_win), currency)


def told_apart(
    population: Population, new: pd.DataFrame, cache: Cache | None
) -> tuple[int, int, float | None, float | None]:
    """Return how many spells were handed over, how many were not, and how far these differ.

    The AUC and the share of :func:`outside_share`, None where either are too few. `new` holds
    the first row of each spell.
    """
    handed = new.sales_ready_at.notna().to_numpy(bool)
    X = population.X(new).reset_index(drop=True)

    def make() -> np.ndarray:
        return np.array(outside_share(X[handed], X[~handed]))

    power, outside = cached_numbers(cache, make, lambda: ["outside", population.fingerprint])
    counts = int(handed.sum()), int((~handed).sum())
    if not np.isfinite(outside):
        return (*counts, None, None)
    return (*counts, float(power), float(outside))


def propose_exploration(
    population: Population, judged: Backtest, agreement: Agreement, line: str, month: str
) -> Exploration:
    """Propose a slice of the fresh leads below the line, of the twelve months up to this one."""
    stakes = stakes_of(population, agreement, line)
    if stakes.per_win is None:
        raise CannotAnswer(
            tr("the cost of an exploration cannot be told: {reason}", reason=stakes.notes[0])
        )
    fresh = judged.rows[(judged.rows.number == 1) & ~judged.rows.last_at_handover]
    months = sorted(fresh.month.unique())[-12:]
    below = fresh[fresh.month.isin(months) & ~above_line(fresh, agreement, line)]
    if below.empty or not below[f"p_{AGREED}"].notna().any():
        raise CannotAnswer(tr("no fresh lead stood below the line up to {month}", month=month))
    rate = float(below[f"p_{AGREED}"].mean())
    return explore(
        round(len(below) / len(months)),
        EXPLORED,
        rate,
        max(rate, 0.005),
        stakes.per_win,
        stakes.cost,
        stakes.currency,
    )
