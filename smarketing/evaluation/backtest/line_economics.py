"""What is at stake at a line: how many leads its team can work, what a win is worth."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, percent
from smarketing.language.stage_labels import stage_word
from smarketing.scoring.population import Population
from smarketing.scoring.targets import reached_at


@dataclass(frozen=True)
class Stakes:
    """The economics of one line.

    Parameters
    ----------
    leads_per_month : float
        Leads the line's team can work.
    per_win : float or None
        Margin of a lead that reaches the target, before the cost of working leads; None where
        the history cannot say what the target is worth.
    cost : float
        Cost of working one lead.
    currency : str
    notes : tuple of str
        How the value was found, a sentence each.
    """

    leads_per_month: float
    per_win: float | None
    cost: float
    currency: str
    notes: tuple[str, ...] = ()


def stakes_of(population: Population, agreement: Agreement, line: str) -> Stakes:
    """Return what is at stake at a line.

    The value of a customer is revenue × margin share; the value of an earlier target is that
    times the share of spells that reached the target and became customers, among those old
    enough to tell (docs/method/thresholds.md, "Expected margin").
    """
    money = agreement.economics
    customer = money.revenue_per_customer * money.margin_share
    desk = agreement.capacity.qualification if line == "mql" else None
    team = desk or agreement.capacity.closing
    cost = money.cost_per_qualified_lead if desk else money.cost_per_worked_lead
    target = getattr(agreement.lines, line).target
    if target == "customer":
        return Stakes(team.leads_per_month, customer, cost, agreement.currency)
    share, n = _customers_of(population, agreement, target)
    if share is None:
        unknown = tr(
            "What a lead that reaches {stage} is worth cannot be told: none is old enough to "
            "know whether it became a customer.",
            stage=stage_word(target),
        )
        return Stakes(team.leads_per_month, None, cost, agreement.currency, (unknown,))
    note = tr(
        "A lead that reaches {stage} is counted as {share} of a customer: so many of the "
        "{n} before it became one.",
        stage=stage_word(target),
        share=percent(share, 1),
        n=count(n),
    )
    return Stakes(team.leads_per_month, customer * share, cost, agreement.currency, (note,))


def _customers_of(
    population: Population, agreement: Agreement, target: str
) -> tuple[float | None, int]:
    rows = population.rows
    if not population.has_time or population.data_until is None:
        return None, 0
    spells = rows.drop_duplicates(["lead_id", "spell"])
    reached = reached_at(spells, target)
    window = pd.Timedelta(days=agreement.lines.sql.window_days)
    old = reached + window <= population.data_until
    if not old.any():
        return None, 0
    customers = spells.customer_at.notna() & (spells.customer_at <= population.data_until)
    return float(customers[old].mean()), int(old.sum())
