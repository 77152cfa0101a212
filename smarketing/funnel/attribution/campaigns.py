"""What campaigns brought and cost, and which of them the revenue is traced back to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smarketing.clock import months_between
from smarketing.errors import CannotAnswer
from smarketing.funnel import plots as figures
from smarketing.funnel.attribution.journeys import journeys
from smarketing.funnel.attribution.models import Attribution, attribute
from smarketing.funnel.rates import wilson
from smarketing.funnel.wording import MODEL_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count as in_words
from smarketing.language.numbers import money
from smarketing.language.plurals import trn
from smarketing.measures.catalogue import OF_STAGE
from smarketing.measures.conversion import conversion
from smarketing.measures.count import count
from smarketing.measures.facts import NO_CAMPAIGN, NO_LEAD, Facts
from smarketing.results import Picture, Result

SMALL_N = 30
"""Fewer leads than this say little about a campaign."""

RESAMPLES = 200
"""Bootstrap resamples behind the intervals of attributed revenue."""

_STAGES = {"leads": "lead", "mqls": "mql", "sales_ready": "sales_ready", "sqls": "sql"}


@dataclass(frozen=True)
class Campaigns(Result):
    """Campaigns side by side over some months.

    Attributes
    ----------
    first_month, last_month : str
        Local months; leads started in them are followed to the data's end, costs and closed
        revenue are of these months.
    table : pandas.DataFrame
        ``campaign_id``, ``name``, ``channel``; ``leads``, ``mqls``, ``sales_ready``, ``sqls``,
        ``customers`` and ``revenue`` of its leads (null where not recorded; a deal or customer
        of several leads belongs to the first of them, so columns add up); ``cost`` and
        ``cost_per_lead``, ``cost_per_mql``, ``cost_per_sales_ready``, ``cost_per_sql``,
        ``cost_per_customer``; ``return_rate``, (revenue − cost) ÷ cost; ``n`` leads whose window
        is over, ``rate`` of them customers within it, ``low`` to ``high``; ``remark``.
    attribution : dict of str to dict of str to float
        Model → campaign → revenue closed in the months, in the currency; campaigns by id, and
        "(no campaign)", "(no lead)". Each model sums to `revenue`.
    revenue : float or None
    currency : str
    notes : tuple of str
        What was not added, in sentences.
    models : Attribution or None
        The same split with intervals and n, and ``name``, ``cost``, ``return_rate`` and its
        interval ``return_low`` to ``return_high`` per model and campaign.
    """

    first_month: str
    last_month: str
    table: pd.DataFrame
    attribution: dict[str, dict[str, float]]
    revenue: float | None
    currency: str
    notes: tuple[str, ...]
    models: Attribution | None = None

    def frame(self) -> pd.DataFrame:
        """Return one row per campaign, most leads first."""
        return self.table

    def plot(self) -> Picture:
        """Draw each campaign's return on cost under the six models, with intervals.

        Raises
        ------
        CannotAnswer
            If no campaign has both a cost and revenue that can be credited.
        """
        rows = None if self.models is None else self.models.table
        paid = rows if rows is None else rows[rows.return_rate.notna()]
        if paid is None or paid.empty:
            raise CannotAnswer(tr("no campaign has a cost to hold its revenue against"))
        return figures.returns_by_model(paid, MODEL_NAMES)

    def attributed(self) -> pd.DataFrame:
        """Return ``campaign_id``, ``name`` and a column of revenue per attribution model."""
        wide = pd.DataFrame(self.attribution).fillna(0.0).rename_axis("campaign_id").reset_index()
        names = self.table.set_index("campaign_id").name
        wide.insert(1, "name", wide.campaign_id.map(names).fillna(wide.campaign_id.map(_called)))
        return wide


def campaigns(facts: Facts, month: str | None = None, months: int = 12) -> Campaigns:
    """Compare the campaigns over the months up to one.

    Examples
    --------
    >>> campaigns(facts, "2026-10").frame()[["name", "leads", "cost_per_lead"]]  # doctest: +SKIP
    """
    month = facts.checked(month)
    first = str(pd.Period(month, freq="M") - (months - 1))
    table = _counts(facts, months_between(first, month))
    notes = _add_costs(facts, months_between(first, month), table)
    _add_rates(facts, first, month, table)
    models, aside = _attribution(facts, first, month)
    if aside:
        notes.append(
            trn(
                "{n} won deal in another currency than {currency}, or without an amount, is not "
                "added.",
                "{n} won deals in another currency than {currency}, or without an amount, are not "
                "added.",
                aside,
                currency=facts.agreement.currency,
            )
        )
    table = _named(facts, table)
    if models is not None:
        models = _with_costs(models, table)
        notes += _unearned(models, facts.agreement.currency)
    return Campaigns(
        first_month=first,
        last_month=month,
        table=table,
        attribution=models.by_model() if models else {},
        revenue=models.revenue if models else None,
        currency=facts.agreement.currency,
        notes=tuple(notes),
        models=models,
    )


def _counts(facts: Facts, months: list[str]) -> pd.DataFrame:
    """Count the leads of the months by campaign, and what became of them."""

    def by_campaign(measure: str) -> pd.Series:
        return count(
            facts, measure, "campaign_id", basis="cohort", months=months, since=facts.history_from
        ).by_group()

    leads = by_campaign("leads")
    table = pd.DataFrame(index=leads.index.rename("campaign_id"))
    for name, stage in _STAGES.items():
        known = stage in facts.recorded
        table[name] = by_campaign(OF_STAGE[stage]).reindex(table.index) if known else pd.NA
        if known:
            table[name] = table[name].fillna(0)
    table = table.astype("Int64")
    table["customers"], table["revenue"] = pd.NA, np.nan
    if "customer" in facts.recorded or facts.wins is not None:
        table["customers"] = by_campaign("customers").reindex(table.index, fill_value=0)
    if facts.wins is not None:
        table["revenue"] = by_campaign("revenue").reindex(table.index, fill_value=0.0)
    return table.astype({"customers": "Int64"})


def _add_costs(facts: Facts, months: list[str], table: pd.DataFrame) -> list[str]:
    table["cost"] = np.nan
    notes = []
    if facts.spend is None:
        notes.append(tr("Costs cannot be said: {why}.", why=facts.why["spend"]))
    else:
        spend = facts.spend[facts.spend.month.astype(str).str[:7].isin(months)]
        currency = facts.agreement.currency
        same = spend.currency.isna() | (spend.currency == currency)
        table["cost"] = (spend[same].groupby("campaign_id").cost.sum()).reindex(table.index)
        if (~same).any():
            others = ", ".join(sorted(spend.currency[~same].unique()))
            notes.append(
                trn(
                    "{n} cost in {others} is not added to {currency}.",
                    "{n} costs in {others} are not added to {currency}.",
                    int((~same).sum()),
                    others=others,
                    currency=currency,
                )
            )
        silent = spend[same & ~spend.campaign_id.isin(table.index)]
        if len(silent):
            notes.append(
                trn(
                    "{n} campaign cost {amount} and brought no lead.",
                    "{n} campaigns cost {amount} and brought no lead.",
                    silent.campaign_id.nunique(),
                    amount=money(silent.cost.sum(), currency),
                )
            )
    counts = {
        "lead": "leads", "mql": "mqls", "sales_ready": "sales_ready", "sql": "sqls",
        "customer": "customers",
    }  # fmt: skip
    for one, column in counts.items():
        number = table[column].astype("Float64")
        table[f"cost_per_{one}"] = (table.cost / number.mask(number == 0)).astype(float)
    table["return_rate"] = ((table.revenue - table.cost) / table.cost.mask(table.cost == 0)).astype(
        float
    )
    return notes


def _add_rates(facts: Facts, first: str, last: str, table: pd.DataFrame) -> None:
    runs = facts.trusted
    cohort = runs[runs.month.between(first, last)]
    rates = conversion(facts, "lead", "customer", cohort, "campaign_id").reindex(table.index)
    table["n"], hits = rates.n, rates.k
    if "customer" in facts.recorded:
        table["rate"], table["low"], table["high"] = wilson(hits, table.n)
    else:
        table["rate"] = table["low"] = table["high"] = np.nan
    table["remark"] = [
        "; ".join(
            part
            for part in (
                tr("too few leads to judge (n = {n})", n=in_words(n)) if n < SMALL_N else "",
                trn("{n} lead too young", "{n} leads too young", wait) if wait else "",
            )
            if part
        )
        for n, wait in zip(rates.n, rates.n_immature, strict=True)
    ]


def _named(facts: Facts, table: pd.DataFrame) -> pd.DataFrame:
    table = table.reset_index()
    ids = table.campaign_id
    table.insert(1, "name", ids.map(_called))
    table.insert(2, "channel", None)
    if facts.campaigns is not None:
        known = facts.campaigns.set_index("campaign_id")
        table["name"] = ids.map(known.name).fillna(table.name)
        table["channel"] = ids.map(known.channel)
    return table.sort_values(["leads", "campaign_id"], ascending=[False, True], ignore_index=True)


def _called(campaign_id: str) -> str:
    """Return an id as a name, and what stands for none in words."""
    return tr(campaign_id) if campaign_id in (NO_CAMPAIGN, NO_LEAD) else campaign_id


def _attribution(facts: Facts, first: str, last: str) -> tuple[Attribution | None, int]:
    """Return the revenue closed in the months by model, and the won deals not added."""
    if facts.wins is None:
        return None, 0
    aside = ~facts.wins.counted & facts.wins.month.between(first, last)
    return attribute(*journeys(facts, first, last), resamples=RESAMPLES), int(aside.sum())


def _unearned(models: Attribution, currency: str) -> list[str]:
    """Say how much the Markov model credits to campaigns whose journeys won nothing."""
    table = models.table.set_index("campaign_id")
    rows, others = table[table.model == "markov"], table[table.model == "linear"].revenue
    rows = rows[(rows.revenue > 0) & (rows.won_journeys == 0) & (others.reindex(rows.index) == 0)]
    if rows.empty:
        return []
    return [
        trn(
            "The Markov model credits {amount} to {n} campaign that won nothing ({names}; journeys:"
            " {journeys}): it shares the wins of campaigns that came after it in other journeys."
            " The other models give it nothing.",
            "The Markov model credits {amount} to {n} campaigns that won nothing ({names};"
            " journeys: {journeys}): it shares the wins of campaigns that came after them in other"
            " journeys. The other models give them nothing.",
            len(rows),
            amount=money(rows.revenue.sum(), currency),
            journeys=in_words(int(rows.journeys.sum())),
            names=", ".join(rows.sort_values("name").name),
        )
    ]


def _with_costs(models: Attribution, table: pd.DataFrame) -> Attribution:
    """Add each campaign's cost, and its return with the interval of the revenue."""
    rows = models.table
    known = table.set_index("campaign_id")
    cost = rows.campaign_id.map(known.cost)
    paid = cost.mask(cost == 0)
    rows = rows.assign(
        name=[known.name.get(one, _called(one)) for one in rows.campaign_id],
        cost=cost,
        return_rate=(rows.revenue - cost) / paid,
        return_low=(rows.low - cost) / paid,
        return_high=(rows.high - cost) / paid,
    )
    return replace(models, table=rows)
