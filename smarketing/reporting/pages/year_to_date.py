"""The year so far: won since January, against what was promised by now and the goals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.sla import Goal, SalesPromise
from smarketing.clock import months_between
from smarketing.funnel.flow.stages import Trend, counted_stages
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day, money, quantity
from smarketing.language.plurals import trn
from smarketing.measures.count import count as count_of
from smarketing.measures.facts import Facts
from smarketing.measures.goals import progress
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


def year_to_date(facts: Facts, month: str) -> YearToDate:
    """Count the year so far.

    Parameters
    ----------
    facts : Facts
        By the agreement in force in the month.
    month : str
        The month reported.
    """
    agreement = facts.agreement
    year = [one for one in months_between(f"{month[:4]}-01", month) if one >= facts.first_month]
    sales = agreement.sla.sales or SalesPromise()
    customers, revenue = sales.customers_per_month, sales.revenue_per_month
    bought = "customer" in counted_stages(facts)
    earned = facts.wins is not None and bool(facts.wins.counted.any())
    return YearToDate(
        months=len(year),
        first=year[0] if year else month,
        customers=float(count_of(facts, "customers", months=year).total) if bought else None,
        revenue=float(count_of(facts, "revenue", months=year).total) if earned else None,
        customers_promised=customers * len(year) if customers else None,
        revenue_promised=revenue * len(year) if revenue else None,
        goals=tuple(_progress(facts, goal, month) for goal in agreement.goals),
        currency=agreement.currency,
    )


def _progress(facts: Facts, goal: Goal, month: str) -> dict[str, Any]:
    reached = progress(facts, goal, month)
    return {
        "name": goal.name,
        "measure": goal.measure,
        "target": goal.target,
        "since": reached.since,
        "by": goal.by,
        "so_far": reached.so_far,
        "due": reached.due,
    }


def _customers(n: float) -> str:
    return trn("{n} customer", "{n} customers", n)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def has_revenue(trend: Trend) -> bool:
    """Return whether any won deal has an amount: without one, revenue is unknown, not 0."""
    return bool(pd.to_numeric(trend.revenue.deals, errors="coerce").sum() > 0)


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
