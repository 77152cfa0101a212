"""The simpler forms of planning in use, as cross-checks beside the simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
    """Hold the simpler forms against the simulation (methods.md, "SLA volumes").

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
    >>> from smarketing.planning.volumes.volume_history import Rate
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
    customers = None if not sale else math.ceil(revenue_goal / sale - 1e-9)
    close = outlook.close.mean
    rows = []

    def add(
        form: str, formula: str, says: float | None, unit: str, leaves: str, volume: bool = True
    ) -> None:
        chance = None
        if volume and says is not None and customers:
            worked = min(says, outlook.closing) if unit == "hand-overs" else says
            steps = [outlook.close] if unit == "hand-overs" else [outlook.per_lead, outlook.close]
            chance = chance_of_volume(customers, steps)(math.floor(worked + 1e-9))
        rows.append(
            {
                "form": form,
                "formula": formula,
                "says": says,
                "unit": unit,
                "chance": chance,
                "leaves_out": leaves,
            }
        )

    goal = words.money(revenue_goal, currency)
    if sale and close > 0:
        needed = revenue_goal / (sale * close)
        add(
            tr("goal ÷ (average sale × close rate)"),
            f"{goal} ÷ ({words.money(sale, currency)} × {numbers.chance(close)})",
            float(math.ceil(needed - 1e-9)),
            mark("hand-overs"),
            tr("chance: an average month is missed about every other time"),
        )
    if sale and outlook.opportunity is not None and outlook.per_lead is not None:
        to_opportunity = outlook.per_lead.mean * outlook.opportunity.mean
        to_sale = min(close / outlook.opportunity.mean, 1.0) if outlook.opportunity.mean else 0.0
        if to_opportunity * to_sale > 0:
            add(
                tr("goal ÷ (average sale × lead-to-opportunity × opportunity-to-sale)"),
                f"{goal} ÷ ({words.money(sale, currency)} × {words.rate(to_opportunity)} × "
                f"{numbers.chance(to_sale)})",
                float(math.ceil(revenue_goal / (sale * to_opportunity * to_sale) - 1e-9)),
                mark("leads"),
                tr("chance, and that more leads are often weaker ones"),
            )
    if reps is not None and leads_per_rep is not None:
        add(
            tr("leads per rep × reps"),
            f"{numbers.number(leads_per_rep, 2)} × {numbers.number(reps, 2)}",
            float(reps * leads_per_rep),
            mark("hand-overs"),
            tr("what the leads are worth, and that they do not come evenly"),
        )
    if sale:
        value = sale * close
        ready = float(outlook.sales_ready.mean.mean())
        add(
            tr("value per lead × leads"),
            f"{words.money(value, currency)} × {numbers.count(ready)}",
            value * ready,
            currency or "money",
            tr("the reps' capacity and the spread of deal sizes"),
            volume=False,
        )
    return CrossChecks(pd.DataFrame(rows, columns=[
        "form", "formula", "says", "unit", "chance", "leaves_out",
    ]))  # fmt: skip


def linear_pace(quota: float, month: str, working_days: int, days_gone: int) -> float:
    """Return what a monthly quota asks for by now if every working day brought the same.

    Parameters
    ----------
    quota : float
        For the month.
    month : str
        "YYYY-MM", for the message.
    working_days, days_gone : int
        Of the month.

    Examples
    --------
    >>> linear_pace(22, "2026-10", working_days=22, days_gone=5)
    5.0
    """
    if not 0 <= days_gone <= working_days or working_days < 1:
        raise UsageError(
            Problem(
                f"{month} has {working_days} working days",
                found=f"{days_gone} gone",
                allowed=f"0 to {working_days}",
            )
        )
    return quota * days_gone / working_days
