"""The year so far: won since January, against what was promised by now and the goals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.agreement.sla import Goal
from smarketing.funnel.flow.stages import Trend
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day, money, quantity
from smarketing.language.plurals import trn
from smarketing.planning.goals.reach import STAGES
from smarketing.reporting.pages.promise_rows import PromiseRow, paced


@dataclass(frozen=True)
class YearToDate:
    """What was won since January, up to and with the month reported.

    Parameters
    ----------
    months : int
        Months counted.
    first : str
        The first of them, "YYYY-MM": January, or where the data begins.
    customers, revenue : float or None
        By calendar: won in those months, whenever the leads came.
    customers_promised, revenue_promised : float or None
        What the agreement's months add up to.
    goals : tuple of dict
        ``name``, ``measure``, ``target``, ``by``, ``since``, ``so_far`` (None where the tables
        do not say), ``due`` (of the target by the month's end, spread evenly over its days; of
        what is counted, whole ones).
    currency : str
    """

    months: int
    first: str
    customers: float | None
    revenue: float | None
    customers_promised: float | None
    revenue_promised: float | None
    goals: tuple[dict[str, Any], ...]
    currency: str

    @property
    def sentence(self) -> str:
        """The year so far in words."""
        if self.customers is None:
            return ""
        text = self._bought(self.revenue, self.customers)
        revenue = self.revenue_promised if self.revenue is not None else None
        if promised := self._bought(revenue or None, self.customers_promised or None):
            text = trn(
                "{won} (promised for {n} month: {promised})",
                "{won} (promised for {n} months: {promised})",
                self.months,
                won=text,
                promised=promised,
            )
        if not self.first.endswith("-01"):
            text = tr("Since {month}, where the data begins: {won}", month=self.first, won=text)
        goals = [_goal(goal, self.currency) for goal in self.goals if goal["so_far"] is not None]
        parts = [text, tr("Goals: {goals}", goals="; ".join(goals)) if goals else ""]
        return " ".join(f"{part}." for part in parts if part)

    @property
    def head(self) -> str:
        """What the rows count, and for how long."""
        if not self.first.endswith("-01"):
            return trn("Since {month}, {n} month", "Since {month}, {n} months", self.months,
                       month=self.first)  # fmt: skip
        return trn("This year, {n} month", "This year, {n} months", self.months)

    @property
    def rows(self) -> list[PromiseRow]:
        """The year and the goals: what was promised, what came, on pace or behind."""
        rows = []
        if self.customers is not None and (promised := self.customers_promised):
            delivered = count(self.customers)
            rows.append(paced(_customers(promised), delivered, self.customers >= promised))
        if self.revenue is not None and (promised := self.revenue_promised):
            amount, delivered = money(promised, self.currency), money(self.revenue, self.currency)
            rows.append(paced(amount, delivered, self.revenue >= promised))
        for goal in self.goals:
            if goal["so_far"] is None:
                continue
            target, so_far, due = (
                quantity(goal[name], _unit(goal, self.currency))
                for name in ("target", "so_far", "due")
            )
            goal_by = tr(
                "Goal: {goal} {target} by {day}",
                goal=_lower(goal["name"]),
                target=target,
                day=day(goal["by"]),
            )
            note = tr("{due} due by now", due=due)
            rows.append(paced(goal_by, so_far, goal["so_far"] >= goal["due"], note))
        return rows

    def _bought(self, revenue: float | None, customers: float | None) -> str:
        bought = "" if customers is None else _customers(customers)
        if revenue is None:
            return bought
        amount = money(revenue, self.currency)
        if not bought:
            return amount
        return tr("{amount} from {customers}", amount=amount, customers=bought)


def year_to_date(trend: Trend, agreement: Agreement, month: str) -> YearToDate:
    """Add up the year so far from the monthly counts.

    Parameters
    ----------
    trend : Trend
        Thirteen months up to the month, so that January is among them.
    agreement : Agreement
    month : str
        The month reported.
    """
    year = [m for m in _months(trend) if m[:4] == month[:4] and m <= month]
    sales = agreement.sla.sales
    customers = sales.customers_per_month if sales else None
    revenue = sales.revenue_per_month if sales else None
    return YearToDate(
        months=len(year),
        first=year[0] if year else month,
        customers=_sum(trend, "customers", year),
        revenue=_sum(trend, "revenue", year),
        customers_promised=customers * len(year) if customers else None,
        revenue_promised=revenue * len(year) if revenue else None,
        goals=tuple(_progress(trend, agreement, goal, month) for goal in agreement.goals),
        currency=agreement.currency,
    )


def _customers(n: float) -> str:
    return trn("{n} customer", "{n} customers", n)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


_STAGES = {"leads": "lead", **STAGES}


def by_month(trend: Trend) -> pd.DataFrame:
    """Return the trend's counts with customers counted once a purchase, as the promises are.

    Several leads of one purchase are one customer; where there are deals, they say so.
    """
    counts = trend.counts
    if "customers" not in trend.revenue or trend.revenue.customers.isna().all():
        return counts
    buyers = counts.month.map(trend.revenue.set_index("month").customers)
    bought = (counts.stage == "customer") & buyers.notna()
    return counts.assign(calendar=counts.calendar.where(~bought, buyers).astype(int))


def has_revenue(trend: Trend) -> bool:
    """Return whether any won deal has an amount: without one, revenue is unknown, not 0."""
    return bool(pd.to_numeric(trend.revenue.deals, errors="coerce").sum() > 0)


def _months(trend: Trend) -> list[str]:
    return sorted(trend.counts.month.unique())


def _sum(trend: Trend, measure: str, months: Sequence[str]) -> float | None:
    if measure == "revenue":
        if not has_revenue(trend):
            return None
        values = trend.revenue.revenue[trend.revenue.month.isin(months)]
    elif measure in _STAGES:
        table = by_month(trend)
        table = table[table.month.isin(months)]
        values = table.calendar[table.stage == _STAGES[measure]]
    else:
        return None
    values = pd.to_numeric(values, errors="coerce").dropna()
    return float(values.sum()) if len(values) else None


def _progress(trend: Trend, agreement: Agreement, goal: Goal, month: str) -> dict[str, Any]:
    since = f"{agreement.valid_from:%Y-%m}"
    counted = [m for m in _months(trend) if since <= m <= month]
    reaches_back = bool(_months(trend)) and _months(trend)[0] <= since
    due = goal.target * _elapsed(agreement.valid_from, goal.by, month)
    so_far = _sum(trend, goal.measure, counted) if counted and reaches_back else None
    return {
        "name": goal.name,
        "measure": goal.measure,
        "target": goal.target,
        "since": agreement.valid_from,
        "by": goal.by,
        "so_far": so_far,
        "due": due if goal.measure == "revenue" else math.floor(due + 1e-9),
    }


def _elapsed(since: date, by: date, month: str) -> float:
    """Return how much of the days from one to another are over with a month's end."""
    end = min((pd.Period(month, freq="M") + 1).start_time.date(), by + timedelta(days=1))
    return max((end - since).days, 0) / max((by - since).days + 1, 1)


def _unit(goal: dict[str, Any], currency: str) -> str:
    return currency if goal["measure"] == "revenue" else "number"


def _goal(goal: dict[str, Any], currency: str) -> str:
    return tr(
        "{goal} {so_far} of {target} ({first} to {last})",
        goal=_lower(goal["name"]),
        so_far=quantity(goal["so_far"], _unit(goal, currency)),
        target=quantity(goal["target"], _unit(goal, currency)),
        first=day(goal["since"]),
        last=day(goal["by"]),
    )
