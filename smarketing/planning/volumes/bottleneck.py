"""Which rate is the bottleneck: what one more point of each stage is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.language.plurals import trn
from smarketing.planning import wording as words
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.simulate import Outlook, volume_needed
from smarketing.results import Result

POINT = 0.01
STEPS = {
    "leads_per_visitor": mark("Visitors who leave contact data"),
    "sales_ready_per_lead": mark("Leads handed over"),
    "customers_per_sales_ready": mark("Hand-overs won"),
}
IN_TEXT = {
    "leads_per_visitor": mark("visitors who leave contact data"),
    "sales_ready_per_lead": mark("leads handed over"),
    "customers_per_sales_ready": mark("hand-overs won"),
}


@dataclass(frozen=True)
class Bottleneck(Result):
    """What each rate of the funnel gives, and what a point more of it would.

    Attributes
    ----------
    rates : pandas.DataFrame
        One row per step: ``step``, ``label``, ``rate``, ``customers`` and ``margin`` a month
        that one percentage point more adds, ``tenth_more`` (customers that a tenth more of the
        rate adds), ``sales_ready_needed`` (for the goal at the agreed confidence, with one
        point more; missing without a goal, or where no volume is enough).
    customers : float
        Expected a month as it is.
    step : str or None
        The bottleneck: where one point more adds most; None if nothing would add a customer.
    sentence : str
    """

    rates: pd.DataFrame
    customers: float
    step: str | None
    sentence: str

    def frame(self) -> pd.DataFrame:
        """Return one row per step."""
        return self.rates.copy()


def find_bottleneck(
    outlook: Outlook,
    goal: int | None = None,
    confidence: float = 0.8,
    customer_value: float | None = None,
    currency: str = "",
) -> Bottleneck:
    """Say what one more percentage point of each step of the funnel is worth a month.

    Steps multiply: visitors · leads per visitor · hand-overs per lead · customers per hand-over.
    Hand-overs beyond the closing capacity are not worked, so where reps are full more leads add
    nothing and only a better close rate does. A point more of a small rate is much to ask, so a
    tenth more of each stands beside it.

    Parameters
    ----------
    outlook : Outlook
    goal : int, optional
        Customers a month wanted.
    confidence : float
        With which the goal is to be met.
    customer_value : float, optional
        Revenue × margin share of a customer.
    currency : str

    Returns
    -------
    Bottleneck

    Examples
    --------
    >>> from smarketing.planning.volumes.simulate import fixed
    >>> twenty = Outlook(fixed(20), Rate.known(0.25), leads=fixed(200), per_lead=Rate.known(0.1))
    >>> worst = find_bottleneck(twenty, goal=5)
    >>> worst.step, worst.frame()["customers"].round(2).tolist()
    ('sales_ready_per_lead', [0.5, 0.2])
    """
    ready = outlook.ready_a_month
    close = outlook.close_rate.mean
    rates: dict[str, float] = {}
    leads = None if outlook.leads is None else float(outlook.leads.mean.mean())
    visitors = None if outlook.visitors is None else float(outlook.visitors.mean.mean())
    if leads and visitors and leads <= visitors:
        rates["leads_per_visitor"] = leads / visitors
    if leads and ready <= leads:
        rates["sales_ready_per_lead"] = ready / leads
    rates["customers_per_sales_ready"] = close

    def customers(step: str, factor: float) -> float:
        """Return customers a month with one rate so many times as high."""
        if step == "customers_per_sales_ready":
            return min(ready, outlook.closing) * close * factor
        return min(ready * factor, outlook.closing) * close

    now = min(ready, outlook.closing) * close
    rows = []
    for step, rate in rates.items():
        more = _more(step, rate, ready, close, outlook.closing)
        tenth = customers(step, min(1.1, 1 / rate if rate > 0 else 1.1)) - now
        rows.append(
            {
                "step": step,
                "label": tr(STEPS[step]),
                "rate": rate,
                "customers": more,
                "margin": None if customer_value is None else more * customer_value,
                "tenth_more": tenth,
                "sales_ready_needed": _needed(step, outlook, goal, confidence),
            }
        )
    table = pd.DataFrame(rows)
    best = table["customers"].to_numpy(dtype=float)
    worst = None if best.max() <= 1e-9 else str(table["step"].iloc[int(best.argmax())])
    return Bottleneck(table, now, worst, _sentence(table, worst, outlook, ready, currency))


def _more(step: str, rate: float, ready: float, close: float, closing: float) -> float:
    """Return the customers that a point more of a rate adds, no rate above 1."""
    raised = min(rate + POINT, 1.0)
    if step == "customers_per_sales_ready":
        return min(ready, closing) * (raised - rate)
    if rate <= 0:
        return 0.0
    return (min(ready * raised / rate, closing) - min(ready, closing)) * close


def _needed(step: str, outlook: Outlook, goal: int | None, confidence: float) -> int | None:
    if goal is None or goal < 1:
        return None
    close = outlook.close_rate
    if step == "customers_per_sales_ready":
        # One point more, with the same evidence behind it.
        more = min(close.mean + POINT, 1.0)
        trials = close.trials + 1
        close = Rate.known(more) if close.exact is not None else _shifted(more, trials)
    try:
        return volume_needed(goal, [close], confidence)
    except CannotAnswer:
        return None


def _shifted(mean: float, trials: float) -> Rate:
    return Rate(max(mean * trials - 0.5, 0.0), max(trials - 1, 0.0))


def _sentence(
    table: pd.DataFrame, step: str | None, outlook: Outlook, ready: float, currency: str
) -> str:
    full = math.isfinite(outlook.closing) and ready >= outlook.closing
    if step is None:
        if outlook.closing < 1:
            return tr("No single rate is the bottleneck: closing has no capacity.")
        return tr("No single rate is the bottleneck: almost nothing is won or comes.")
    row = table.set_index("step").loc[step]
    more = words.figures(row["customers"], 2)
    values = {
        "step": tr(IN_TEXT[step]),
        "rate": words.rate(row["rate"]),
        "customers": trn("{n} customer", "{n} customers", round(row["customers"], 2), n=more),
    }
    margin: Any = row["margin"]
    if margin is not None and np.isfinite(margin):
        text = tr(
            "The bottleneck is {step}: one point more than {rate} adds {customers} a month, "
            "{margin} of margin",
            margin=words.money(float(margin), currency),
            **values,
        )
    else:
        text = tr(
            "The bottleneck is {step}: one point more than {rate} adds {customers} a month",
            **values,
        )
    if full:
        text = tr("{bottleneck}; reps are full, so more leads would add nothing", bottleneck=text)
    return f"{text}."
