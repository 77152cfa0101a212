"""The simpler forms of planning in use, as cross-checks beside the simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from smarketing.errors import Problem, UsageError
from smarketing.language import numbers
from smarketing.language.catalogue import mark, tr
from smarketing.planning import wording as words
from smarketing.planning.volumes.simulate import Outlook, chance_of_volume
from smarketing.results import Result


@dataclass(frozen=True)
class CrossChecks(Result):
    """What rules of thumb say of the same goal, and what they leave out.

    Attributes
    ----------
    checks : pandas.DataFrame
        One row per form: ``form``, ``formula`` (with its numbers), ``says`` (leads, hand-overs
        or money a month; missing where it cannot be told), ``unit``, ``chance`` (that the goal
        is met with that many, by the simulation's rates; missing where it is no volume),
        ``leaves_out``.
    """

    checks: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per form."""
        return self.checks.copy()


def cross_check(
    outlook: Outlook,
    revenue_goal: float,
    reps: float | None = None,
    leads_per_rep: float | None = None,
    currency: str = "",
) -> CrossChecks:
    """Hold the simpler forms against the simulation (docs/method/volumes.md, "Rules of thumb").

    Parameters
    ----------
    outlook : Outlook
        With deal amounts; with rates of opportunity and leads where recorded.
    revenue_goal : float
        Revenue a month wanted, in `currency`.
    reps, leads_per_rep : float, optional
        People in closing and the leads a month each can work.
    currency : str

    Returns
    -------
    CrossChecks

    Raises
    ------
    UsageError
        If the goal is not above zero.

    Examples
    --------
    >>> import numpy as np
    >>> from smarketing.planning.volumes.rate import Rate
    >>> from smarketing.planning.volumes.simulate import fixed
    >>> known = Outlook(fixed(20), Rate.known(0.25), amounts=np.array([40_000.0]))
    >>> checks = cross_check(known, 200_000, reps=4, leads_per_rep=12).frame()
    >>> checks[["form", "says"]].head(2).values.tolist()
    [['goal ÷ (average sale × close rate)', 20.0], ['leads per rep × reps', 48.0]]
    """
    if not revenue_goal > 0:
        raise UsageError(
            Problem("a revenue goal is needed", found=str(revenue_goal), allowed="> 0")
        )
    sale = float(outlook.amounts.mean()) if len(outlook.amounts) else None
    rules = [] if not sale else _from_the_goal(outlook, revenue_goal, sale, currency)
    if reps is not None and leads_per_rep is not None:
        rules.append(_from_the_desks(reps, leads_per_rep))
    if sale:
        rules.append(_from_the_leads(outlook, sale, currency))
    customers = None if not sale else math.ceil(revenue_goal / sale - 1e-9)
    return CrossChecks(
        pd.DataFrame(
            [rule._asdict() | {"chance": _chance(rule, outlook, customers)} for rule in rules],
            columns=["form", "formula", "says", "unit", "chance", "leaves_out"],
        )
    )


class _Rule(NamedTuple):
    """One form: its formula with numbers, and what it says."""

    form: str
    formula: str
    says: float
    unit: str
    leaves_out: str


def _from_the_goal(
    outlook: Outlook, revenue_goal: float, sale: float, currency: str
) -> list[_Rule]:
    """Return the forms that divide the goal by what a hand-over, or a lead, brings on average."""
    goal, average = words.money(revenue_goal, currency), words.money(sale, currency)
    close, rules = outlook.close_rate.mean, []
    if close > 0:
        rules.append(
            _Rule(
                tr("goal ÷ (average sale × close rate)"),
                f"{goal} ÷ ({average} × {numbers.chance(close)})",
                float(math.ceil(revenue_goal / (sale * close) - 1e-9)),
                mark("hand-overs"),
                tr("chance: an average month is missed about every other time"),
            )
        )
    if outlook.opportunity is None or outlook.per_lead is None:
        return rules
    to_opportunity = outlook.per_lead.mean * outlook.opportunity.mean
    to_sale = min(close / outlook.opportunity.mean, 1.0) if outlook.opportunity.mean else 0.0
    if to_opportunity * to_sale > 0:
        rules.append(
            _Rule(
                tr("goal ÷ (average sale × lead-to-opportunity × opportunity-to-sale)"),
                f"{goal} ÷ ({average} × {words.rate(to_opportunity)} × {numbers.chance(to_sale)})",
                float(math.ceil(revenue_goal / (sale * to_opportunity * to_sale) - 1e-9)),
                mark("leads"),
                tr("chance, and that more leads are often weaker ones"),
            )
        )
    return rules


def _from_the_desks(reps: float, leads_per_rep: float) -> _Rule:
    return _Rule(
        tr("leads per rep × reps"),
        f"{numbers.number(leads_per_rep, 2)} × {numbers.number(reps, 2)}",
        float(reps * leads_per_rep),
        mark("hand-overs"),
        tr("what the leads are worth, and that they do not come evenly"),
    )


def _from_the_leads(outlook: Outlook, sale: float, currency: str) -> _Rule:
    value, ready = sale * outlook.close_rate.mean, outlook.ready_a_month
    return _Rule(
        tr("value per lead × leads"),
        f"{words.money(value, currency)} × {numbers.count(ready)}",
        value * ready,
        currency or "money",
        tr("the reps' capacity and the spread of deal sizes"),
    )


def _chance(rule: _Rule, outlook: Outlook, customers: int | None) -> float | None:
    """Return the chance of so many customers with the volume a form says; None for money."""
    volume, steps = rule.says, [outlook.close_rate]
    if not customers or rule.unit not in ("hand-overs", "leads"):
        return None
    if rule.unit == "hand-overs":
        volume = min(volume, outlook.closing)
    elif outlook.per_lead is not None:
        steps = [outlook.per_lead, *steps]
    return chance_of_volume(customers, steps)(math.floor(volume + 1e-9))
