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
from smarketing.funnel.customers import credited_deals, without_deal
from smarketing.funnel.history import NO_CAMPAIGN, NO_LEAD, History, reached, window_days
from smarketing.funnel.rates import wilson
from smarketing.funnel.wording import MODEL_NAMES
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, money
from smarketing.language.plurals import trn
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


def campaigns(history: History, month: str | None = None, months: int = 12) -> Campaigns:
    """Compare the campaigns over the months up to one.

    Examples
    --------
    >>> campaigns(history, "2026-10").frame()[["name", "leads", "cost_per_lead"]]  # doctest: +SKIP
    """
    month = history.checked(month)
    first = str(pd.Period(month, freq="M") - (months - 1))
    runs = history.trusted
    cohort = runs[runs.month.between(first, month)]
    cohort = cohort.assign(campaign=cohort.campaign_id.fillna(NO_CAMPAIGN))
    table, notes = _counts(history, cohort), []
    _add_results(history, cohort, table)
    notes += _add_costs(history, months_between(first, month), table)
    _add_rates(history, cohort, table)
    models, aside = _attribution(history, first, month)
    if aside:
        notes.append(
            trn(
                "{n} won deal in another currency than {currency}, or without an amount, is not "
                "added.",
                "{n} won deals in another currency than {currency}, or without an amount, are not "
                "added.",
                aside,
                currency=history.agreement.currency,
            )
        )
    table = _named(history, table)
    if models is not None:
        models = _with_costs(models, table)
    return Campaigns(
        first_month=first,
        last_month=month,
        table=table,
        attribution=models.by_model() if models else {},
        revenue=models.revenue if models else None,
        currency=history.agreement.currency,
        notes=tuple(notes),
        models=models,
    )


def _counts(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    got_there = reached(cohort, history.recorded).groupby(cohort.campaign).sum()
    table = pd.DataFrame(index=got_there.index.rename("campaign_id"))
    for name, stage in _STAGES.items():
        table[name] = got_there[stage].astype("Int64") if stage in got_there else pd.NA
    return table.astype("Int64")


def _add_results(history: History, cohort: pd.DataFrame, table: pd.DataFrame) -> None:
    """Add customers and revenue; each belongs to the campaign of its first lead."""
    table["customers"], table["revenue"] = pd.NA, np.nan
    won = cohort[cohort.customer_at.notna()]
    customers = won.groupby("campaign").size()
    if history.wins is not None:
        deals = credited_deals(history, cohort)
        alone = without_deal(history, won)
        first = deals.drop_duplicates("buyer").groupby("campaign").size()
        customers = first.add(alone.groupby("campaign").size(), fill_value=0)
        cents = deals[deals.counted].groupby("campaign").cents.sum()
        table["revenue"] = cents.reindex(table.index, fill_value=0) / 100
    if "customer" in history.recorded or history.wins is not None:
        table["customers"] = customers.reindex(table.index, fill_value=0)
    table["customers"] = table.customers.astype("Int64")


def _add_costs(history: History, months: list[str], table: pd.DataFrame) -> list[str]:
    table["cost"] = np.nan
    notes = []
    if history.spend is None:
        notes.append(tr("Costs cannot be said: {why}.", why=history.why["spend"]))
    else:
        spend = history.spend[history.spend.month.astype(str).str[:7].isin(months)]
        currency = history.agreement.currency
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


def _add_rates(history: History, cohort: pd.DataFrame, table: pd.DataFrame) -> None:
    days = pd.Timedelta(days=window_days(history.agreement, "customer"))
    mature = cohort[cohort.started_at + days <= history.data_until]
    won = mature.customer_at <= mature.started_at + days
    by_campaign = won.groupby(mature.campaign)
    table["n"] = by_campaign.size().reindex(table.index, fill_value=0)
    hits = by_campaign.sum().reindex(table.index, fill_value=0).astype(int)
    if "customer" in history.recorded:
        table["rate"], table["low"], table["high"] = wilson(hits, table.n)
    else:
        table["rate"] = table["low"] = table["high"] = np.nan
    young = table.leads - table.n
    table["remark"] = [
        "; ".join(
            part
            for part in (
                tr("too few leads to judge (n = {n})", n=count(n)) if n < SMALL_N else "",
                trn("{n} lead too young", "{n} leads too young", wait) if wait else "",
            )
            if part
        )
        for n, wait in zip(table.n, young, strict=True)
    ]


def _named(history: History, table: pd.DataFrame) -> pd.DataFrame:
    table = table.reset_index()
    ids = table.campaign_id
    table.insert(1, "name", ids.map(_called))
    table.insert(2, "channel", None)
    if history.campaigns is not None:
        known = history.campaigns.set_index("campaign_id")
        table["name"] = ids.map(known.name).fillna(table.name)
        table["channel"] = ids.map(known.channel)
    return table.sort_values(["leads", "campaign_id"], ascending=[False, True], ignore_index=True)


def _called(campaign_id: str) -> str:
    """Return an id as a name, and what stands for none in words."""
    return tr(campaign_id) if campaign_id in (NO_CAMPAIGN, NO_LEAD) else campaign_id


def _attribution(history: History, first: str, last: str) -> tuple[Attribution | None, int]:
    """Return the revenue closed in the months by model, and the won deals not added."""
    if history.wins is None:
        return None, 0
    aside = ~history.wins.counted & history.wins.month.between(first, last)
    return attribute(*journeys(history, first, last), resamples=RESAMPLES), int(aside.sum())


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
