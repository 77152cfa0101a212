"""The volumes both sides can promise: from the goals back, and from the lines forward."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.planning.lines.plots import plot_volumes
from smarketing.planning.volumes.chances import check_confidence
from smarketing.planning.volumes.kept_so_far import KeptSoFar
from smarketing.planning.volumes.promise_wording import of_today, to_sign
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.simulate import (
    DRAWS,
    Outlook,
    all_kept,
    joint_promises,
    promised,
    simulate,
    volume_needed,
)
from smarketing.results import Picture, Result, plain

SIDES = {
    "mqls": "marketing",
    "sales_ready": "marketing",
    "acceptance_rate": "marketing",
    "customers": "sales",
    "revenue": "sales",
}
"""Measures of the SLA, and who promises them."""


@dataclass(frozen=True)
class SLAVolumes(Result):
    """What each side can promise a month at the lines recommended.

    Attributes
    ----------
    promises : pandas.DataFrame
        One row per measure: ``measure``, ``side``, ``expected`` (median), ``low``, ``high``
        (80 % interval), ``agreed`` today, ``chance_agreed``, ``kept_months`` of ``of_months``
        (in how many of the last months what is agreed was reached; missing where no month
        tells), ``recommended``, ``chance_recommended``, ``jointly`` (kept all at once with the
        same confidence). Chances and promises are missing where the record contradicts the
        forecast.
    joint_chance : float
        Chance that all recommended promises are kept in one month.
    joint_chance_jointly : float
        The same of the promises in ``jointly``.
    needs : pandas.DataFrame
        What the goal takes: one row per ``confidence`` with ``sales_ready``, ``mqls``,
        ``leads``, ``visitors``; ``enough_capacity`` says whether closing can work so many.
        Missing volumes: no number is enough.
    goal_customers : int or None
        The customers a month that `needs` are for.
    confidence : float
        Of one promise by itself.
    revenue_per_customer : float or None
        Mean of the deals drawn from.
    close_rate : float
        Customers per hand-over, posterior mean.
    sentences : dict of str to str
        ``both``, ``marketing``, ``sales``.
    words : tuple of str
        Which promises of today can be kept, and what is reachable instead; then what the goal
        takes. :attr:`of_promises` and :attr:`of_goal` are these two apart.
    months : tuple of str
        The coming months that the promises are for.
    notes : tuple of str
    """

    promises: pd.DataFrame
    joint_chance: float
    joint_chance_jointly: float
    needs: pd.DataFrame
    goal_customers: int | None
    confidence: float
    revenue_per_customer: float | None
    close_rate: float
    sentences: dict[str, str]
    words: tuple[str, ...]
    months: tuple[str, ...]
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the promises, one row per measure."""
        return self.promises.copy()

    def promise(self, measure: str) -> float | None:
        """Return the promise recommended for a measure; None where there is none."""
        row = self.promises[self.promises["measure"] == measure]
        if row.empty or pd.isna(row["recommended"].iloc[0]):
            return None
        return float(row["recommended"].iloc[0])

    def to_dict(self) -> dict[str, Any]:
        """Return promises, chances and needs as plain types, promises keyed by measure."""
        rows = {row["measure"]: row for row in plain(self.promises)}
        return super().to_dict() | {"promises": rows}

    @property
    def of_promises(self) -> tuple[str, ...]:
        """Those of :attr:`words` on promises of today, one each."""
        return self.words[: int(self.promises["agreed"].notna().sum())]

    @property
    def of_goal(self) -> tuple[str, ...]:
        """Those of :attr:`words` on what the goal takes."""
        return self.words[len(self.of_promises) :]

    def plot(self) -> Picture:
        """Draw each measure's forecast with what is agreed and what is recommended."""
        return plot_volumes(self.promises)


def promise_volumes(
    outlook: Outlook,
    agreement: Agreement,
    review_months: int = 3,
    draws: int = DRAWS,
    seed: int = 0,
    notes: tuple[str, ...] = (),
    record: Mapping[str, KeptSoFar] | None = None,
    with_money: bool = True,
) -> SLAVolumes:
    """Say what each side can promise, alone and jointly, and what the goal takes.

    Months until the next review of the agreement are pooled: a promise holds in a month drawn
    from them with ``sla.confidence`` (docs/method/volumes.md, "What is promised"). Where the
    months so far contradict the forecast (:class:`KeptSoFar`), neither chance nor promise is
    given.

    Parameters
    ----------
    outlook : Outlook
        At the lines recommended, at least `review_months` months long.
    agreement : smarketing.agreement.Agreement
        Its ``sla``, ``currency``.
    review_months : int
        Months the promises are for.
    draws, seed : int
        Of the simulation.
    notes : tuple of str
        Passed on to the result.
    record : mapping of str to KeptSoFar, optional
        How often today's promises were kept, at today's lines.
    with_money : bool
        Whether revenue may be promised.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> from smarketing.planning.volumes.simulate import fixed
    >>> sales = Bag(customers_per_month=5, revenue_per_month=None, first_contact=None)
    >>> agreement = Bag(currency="DKK", sla=Bag(confidence=0.8, marketing=None, sales=sales))
    >>> volumes = promise_volumes(Outlook(fixed(20), Rate.known(0.25)), agreement)
    >>> volumes.promise("customers"), volumes.needs.sales_ready.tolist()
    (3.0, [26, 30, 34])
    """
    confidence = check_confidence(agreement.sla.confidence)
    drawn = simulate(outlook, draws, seed)
    asked = [name for name in SIDES if name in drawn and (with_money or name != "revenue")]
    measures = {name: drawn[name][:, :review_months] for name in asked}
    agreed = {name: value for name, value in agreed_promises(agreement).items() if name in asked}
    today = drawn if not outlook.moved else simulate(outlook.at_todays_lines, draws, seed)
    contradicted = {
        name
        for name, value in agreed.items()
        if record
        and name in record
        and record[name].contradicts(float((today[name][:, :review_months] >= value).mean()))
    }
    promises = _promises(measures, agreed, record or {}, contradicted, confidence)
    sound = promises[promises["recommended"].notna()].set_index("measure")
    chances = {
        form: all_kept(measures, sound[form].to_dict()) for form in ("recommended", "jointly")
    }
    worth = float(outlook.amounts.mean()) if len(outlook.amounts) and with_money else None
    goal = _goal(agreed, worth) if outlook.sales_ready and outlook.close else None
    needs = _needs(goal, outlook, confidence, seed) if goal else pd.DataFrame()
    return SLAVolumes(
        promises=promises,
        joint_chance=chances["recommended"],
        joint_chance_jointly=chances["jointly"],
        needs=needs,
        goal_customers=goal,
        confidence=confidence,
        revenue_per_customer=worth,
        close_rate=outlook.close_rate.mean,
        sentences=to_sign(sound["recommended"].to_dict(), worth, agreement, confidence),
        words=tuple(of_today(promises, goal, needs, outlook, confidence, agreement.currency)),
        months=_months_ahead(outlook)[:review_months],
        notes=notes,
    )


def _months_ahead(outlook: Outlook) -> tuple[str, ...]:
    """Return the coming months that anything is forecast for."""
    for forecast in (outlook.sales_ready, outlook.customers, outlook.leads):
        if forecast is not None:
            return tuple(month for month in forecast.months if month)
    return ()


def _promises(
    measures: dict[str, np.ndarray],
    agreed: dict[str, float],
    record: Mapping[str, KeptSoFar],
    contradicted: set[str],
    confidence: float,
) -> pd.DataFrame:
    """Return the rows of the promises; of a forecast that the record contradicts none is made."""
    chances = {name: float((measures[name] >= value).mean()) for name, value in agreed.items()}
    sound = {name: values for name, values in measures.items() if name not in contradicted}
    recommended = {name: _tidy(name, promised(v, confidence)) for name, v in sound.items()}
    jointly, _ = joint_promises(sound, confidence)
    rows = []
    for name, values in measures.items():
        low, high = np.quantile(values, [0.1, 0.9])
        kept = record.get(name)
        row = {
            "measure": name,
            "side": SIDES[name],
            "expected": float(np.median(values)),
            "low": float(low),
            "high": float(high),
            "agreed": agreed.get(name),
            "chance_agreed": chances.get(name),
            "kept_months": None if kept is None else kept.kept,
            "of_months": None if kept is None else kept.months,
            "recommended": recommended.get(name),
            "chance_recommended": None,
            "jointly": None,
        }
        if name in sound:
            row["chance_recommended"] = float((values >= recommended[name]).mean())
            row["jointly"] = _tidy(name, jointly[name])
        else:
            row["chance_agreed"] = None
        rows.append(row)
    return pd.DataFrame(rows).astype(
        dict.fromkeys(("agreed", "chance_agreed", "kept_months", "of_months"), object)
    )


def agreed_promises(agreement: Agreement) -> dict[str, float]:
    """Return what the agreement promises today, by measure."""
    marketing, sales = agreement.sla.marketing, agreement.sla.sales
    promises = {
        "mqls": getattr(marketing, "mqls_per_month", None),
        "sales_ready": getattr(marketing, "sales_ready_per_month", None),
        "acceptance_rate": getattr(marketing, "acceptance_rate", None),
        "customers": getattr(sales, "customers_per_month", None),
        "revenue": getattr(sales, "revenue_per_month", None),
    }
    return {name: float(value) for name, value in promises.items() if value is not None}


def _goal(agreed: dict[str, float], worth: float | None) -> int | None:
    """Return the customers a month that the promises of sales come down to."""
    goals = [math.ceil(agreed["customers"])] if "customers" in agreed else []
    if "revenue" in agreed and worth:
        goals.append(math.ceil(agreed["revenue"] / worth - 1e-9))
    return max(goals, default=0) or None


def _needs(goal: int, outlook: Outlook, confidence: float, seed: int) -> pd.DataFrame:
    """Return what so many customers take, at the usual confidences and the agreed one."""
    rows = []
    for level in sorted({0.8, 0.9, 0.95, confidence}):
        row: dict[str, Any] = {"confidence": level, "customers": goal}
        row["sales_ready"] = _fewest(goal, [outlook.close_rate], level, seed)
        row["mqls"] = row["leads"] = row["visitors"] = None
        if outlook.per_lead is not None:
            leads = _fewest(goal, [outlook.per_lead, outlook.close_rate], level, seed)
            row["leads"] = leads
            per_lead = outlook.leads.mean.mean() if outlook.leads is not None else 0.0
            if leads is not None and per_lead > 0:
                for name in ("mqls", "visitors"):
                    if getattr(outlook, name) is not None:
                        row[name] = math.ceil(leads * getattr(outlook, name).mean.mean() / per_lead)
        enough = row["sales_ready"] is not None and row["sales_ready"] <= outlook.closing
        row["enough_capacity"] = enough
        rows.append(row)
    return pd.DataFrame(rows)


def _fewest(goal: int, steps: list[Rate], confidence: float, seed: int) -> int | None:
    try:
        return volume_needed(goal, steps, confidence, seed)
    except CannotAnswer:
        return None


def _tidy(name: str, value: float) -> float:
    """Return a promise in a form that can be signed: rounded down, never up."""
    if name == "acceptance_rate":
        return math.floor(value * 100 + 1e-9) / 100
    if name == "revenue" and value >= 10_000:
        return float(math.floor(value / 1000) * 1000)
    return float(math.floor(value + 1e-9))
