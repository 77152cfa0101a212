"""How many reach each stage of the funnel: of a cohort, and in a calendar month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.clock import months_between
from smarketing.funnel import plots as figures
from smarketing.funnel.rates import wilson
from smarketing.funnel.wording import never_recorded
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count as in_words
from smarketing.language.plurals import trn
from smarketing.language.stage_labels import stage_word
from smarketing.measures.catalogue import OF_STAGE, counted_as
from smarketing.measures.conversion import conversion
from smarketing.measures.count import count
from smarketing.measures.facts import Facts
from smarketing.measures.path import PATH, WAYS_OFF, moment, steps, window_days
from smarketing.results import Picture, Result

_ENOUGH_TO_TELL = 20
"""Spells with both stages, from which their order is told."""
UNDATED_SHARE = 0.02
"""From this share of customers without a closing date on, the headline says so."""


@dataclass(frozen=True)
class Stages(Result):
    """Counts and rates of one month; cohort and calendar stand apart, never mixed.

    Attributes
    ----------
    month : str
        Local month, "YYYY-MM".
    counts : pandas.DataFrame
        ``stage``; ``cohort``: of the leads that came in the month, how many entered it by the
        data's end; ``skipped``: those that have no record of it and went on to a later one;
        ``calendar``: how many entered it in the month, whenever they came; ``undated``: those of
        all time that stand in no month, as nobody noted when. Customers are counted as the
        agreement says, all else by lead.
    rates : pandas.DataFrame
        ``from``, ``to``, ``basis``, ``k`` of ``n``, ``rate`` with its 95 % Wilson interval
        ``low`` to ``high``, ``window_days``, ``n_immature`` (younger than the window, and in
        neither number), ``immature``.
    recycled : int
        Spells of the cohort that are a lead's second or later.
    backward : int
        Spells of the cohort with a stage recorded before an earlier one.
    left_out : dict of str to str
        Stages no table records -> the sentence that says so.
    notes : tuple of str
        What else a reader must know, in sentences.
    usable : bool
        False for a cohort before the trusted history.
    data_until : pandas.Timestamp
    headline : str
        What belongs beside the month's first sentence; empty for nothing.
    """

    month: str
    counts: pd.DataFrame
    rates: pd.DataFrame
    recycled: int
    backward: int
    left_out: dict[str, str]
    notes: tuple[str, ...]
    usable: bool
    data_until: pd.Timestamp
    headline: str = ""

    def frame(self) -> pd.DataFrame:
        """Return one row per stage."""
        return self.counts

    def plot(self) -> Picture:
        """Draw the cohort as bars, stage below stage."""
        return figures.funnel_bars(self.counts, self.month, self.data_until)


def stage_counts(facts: Facts, month: str | None = None) -> Stages:
    """Count the stages of a month by cohort and by calendar.

    Parameters
    ----------
    facts : Facts
    month : str, optional
        Local month "YYYY-MM"; by default the last complete one.

    Raises
    ------
    CannotAnswer
        If the data says nothing of the month.

    Examples
    --------
    >>> stage_counts(facts, "2026-10").frame()  # doctest: +SKIP
    """
    month = facts.checked(month)
    cohort = facts.spells[facts.spells.month == month]
    path = counted_stages(facts)
    off = [stage for stage in WAYS_OFF if facts.spells[moment(stage)].notna().any()]
    rows = [_row(facts, stage, month, cohort, path) for stage in (*path, *off)]
    visitors = None
    if facts.visits is not None:
        visitors = int(count(facts, "visitors", months=[month]).total)
        rows.insert(0, {"stage": "visitor", "calendar": visitors})
    whole = dict.fromkeys(("cohort", "skipped", "calendar", "undated"), "Int64")
    usable = facts.history_from is None or facts.bounds(month)[0] >= facts.history_from
    return Stages(
        month=month,
        counts=pd.DataFrame(rows, columns=["stage", *whole]).astype(whole),
        rates=_rates(facts, cohort, visitors, month),
        recycled=int((cohort.spell > 1).sum()),
        backward=int(is_backward(cohort, facts.recorded).sum()),
        left_out=_left_out(facts, path, visitors),
        notes=_notes(facts),
        usable=bool(usable),
        data_until=facts.data_until,
        headline=_headline(facts),
    )


def counted_stages(facts: Facts) -> tuple[str, ...]:
    """Return the stages that are counted: those recorded, and customers where there are deals."""
    if "customer" in facts.recorded or facts.wins is None:
        return facts.recorded
    return (*facts.recorded, "customer")


def _row(
    facts: Facts, stage: str, month: str, cohort: pd.DataFrame, path: tuple[str, ...]
) -> dict[str, int | str]:
    by_calendar = count(facts, OF_STAGE[stage], months=[month])
    skipped = 0
    if stage in path[1:-1]:
        later = [moment(one) for one in path[path.index(stage) + 1 :]]
        skipped = int((cohort[moment(stage)].isna() & cohort[later].notna().any(axis=1)).sum())
    return {
        "stage": stage,
        "cohort": int(count(facts, OF_STAGE[stage], basis="cohort", months=[month]).total),
        "skipped": skipped,
        "calendar": int(by_calendar.total),
        "undated": int(by_calendar.undated),
    }


@dataclass(frozen=True)
class Trend(Result):
    """Thirteen months of every stage, so that a month stands beside the same one a year before.

    Attributes
    ----------
    month : str
        The last month shown.
    counts : pandas.DataFrame
        ``month``, ``stage``, ``cohort``, ``calendar``, ``immature`` (some spell of the cohort
        is open and younger than its window), ``usable``, ``complete`` (the data covers it).
    revenue : pandas.DataFrame
        ``month``, ``revenue`` of deals won in the month, in the agreement's currency, ``deals``
        that it is from, ``customers``.
    currency : str
    promised : dict of str to float
        Stage -> what the agreement promises a month.
    undated : int
        Customers that stand in no month, as nobody noted when their deals were closed.
    """

    month: str
    counts: pd.DataFrame
    revenue: pd.DataFrame
    currency: str | None
    promised: dict[str, float]
    undated: int = 0

    def frame(self) -> pd.DataFrame:
        """Return one row per month and stage."""
        return self.counts

    def plot(self) -> Picture:
        """Draw hand-overs (or leads) and customers by month, the promise as an outline."""
        return figures.trend_bars(self.counts, self.promised)


def trend(facts: Facts, month: str | None = None, months: int = 13) -> Trend:
    """Return every stage's counts for the months up to one, by cohort and by calendar.

    Examples
    --------
    >>> trend(facts, "2026-10").frame().query("stage == 'sales_ready'")  # doctest: +SKIP
    """
    month = facts.checked(month)
    last = pd.Period(month, freq="M")
    window = months_between(str(last - (months - 1)), month)
    window = [one for one in window if one >= facts.first_month]
    due = facts.open.started_at + pd.Timedelta(days=window_days(facts.agreement, "customer"))
    waiting = set(facts.open.month[due > facts.data_until])
    end = facts.data_until + pd.Timedelta(days=1)
    bounds = {one: facts.bounds(one) for one in window}
    rows = []
    for stage in counted_stages(facts):
        measure = OF_STAGE[stage]
        cohort = count(facts, measure, basis="cohort", months=window).by_month()
        calendar = count(facts, measure, months=window).by_month()
        rows += [
            {
                "month": one,
                "stage": stage,
                "cohort": int(cohort[one]),
                "calendar": int(calendar[one]),
                "immature": one in waiting,
                "usable": facts.history_from is None or first >= facts.history_from,
                "complete": after <= end,
            }
            for one, (first, after) in bounds.items()
        ]
    return Trend(
        month=month,
        counts=pd.DataFrame(rows),
        revenue=_revenue(facts, window),
        currency=facts.agreement.currency,
        promised=_promised(facts),
        undated=int(count(facts, "customers").undated),
    )


def _rates(facts: Facts, cohort: pd.DataFrame, visitors: int | None, month: str) -> pd.DataFrame:
    parts = []
    if visitors:
        new = int(count(facts, "new_leads", months=[month]).total)
        parts.append(
            pd.DataFrame(
                [{"from": "visitor", "to": "lead", "basis": "calendar", "k": new, "n": visitors}]
            )
        )
    for start, target in steps(facts.recorded):
        counted = conversion(facts, start, target, cohort)
        parts.append(counted.assign(**{"from": start, "to": target, "basis": "cohort"}))
    columns = ["from", "to", "basis", "k", "n", "window_days", "n_immature"]
    table = pd.concat([part.reindex(columns=columns) for part in parts] or [pd.DataFrame()])
    table = table.reindex(columns=columns).reset_index(drop=True)
    table["rate"], table["low"], table["high"] = wilson(table.k, table.n)
    table["n_immature"] = table.n_immature.fillna(0).astype(int)
    table["window_days"] = table.window_days.astype(float)
    table["immature"] = table.n_immature > 0
    return table.astype({"k": int, "n": int})


def is_backward(runs: pd.DataFrame, stages: tuple[str, ...]) -> pd.Series:
    """Return which spells have a stage recorded before an earlier one."""
    backward = pd.Series(False, index=runs.index)
    latest = runs.started_at
    for stage in stages[1:]:
        entered = runs[moment(stage)]
        backward |= entered < latest
        latest = entered.fillna(latest)
    return backward


def _notes(facts: Facts) -> tuple[str, ...]:
    notes = [counted_as(facts.agreement)]
    undated = {name: int(count(facts, name).undated) for name in ("leads", "customers")}
    if undated["leads"]:
        notes.append(
            trn(
                "{n} lead has no date: it counts in totals and open leads, but in no month.",
                "{n} leads have no date: they count in totals and open leads, but in no month.",
                undated["leads"],
            )
        )
    notes += [undated_wins(facts), *_against_the_order(facts)]
    return tuple(filter(None, notes))


def _headline(facts: Facts) -> str:
    customers = count(facts, "customers")
    few = customers.undated < UNDATED_SHARE * customers.total
    return "" if few or not customers.undated else undated_wins(facts)


def undated_wins(facts: Facts) -> str:
    """Return the sentence that says how many customers stand in no month; empty if all do."""
    customers = count(facts, "customers")
    if not customers.undated:
        return ""
    return tr(
        "{n} of {all} customers have no closing date: they count in the month their lead came, but "
        "in no closing month.",
        n=in_words(customers.undated),
        all=in_words(customers.total),
    )


def _against_the_order(facts: Facts) -> list[str]:
    """Name neighbours on the path that most records enter the other way round."""
    notes = []
    for first, second in zip(facts.recorded[1:], facts.recorded[2:], strict=False):
        both = facts.spells[[moment(first), moment(second)]].dropna()
        backward = (both[moment(second)] < both[moment(first)]).mean()
        if len(both) >= _ENOUGH_TO_TELL and backward > 0.5:
            notes.append(
                tr(
                    "Most records enter {here} before {there}; the agreement names them the other "
                    "way round.",
                    here=stage_word(second),
                    there=stage_word(first),
                )
            )
    return notes


def _left_out(facts: Facts, path: tuple[str, ...], visitors: int | None) -> dict[str, str]:
    sentences = {
        stage: tr("{no_record} The stage is left out.", no_record=never_recorded(stage))
        for stage in PATH
        if stage not in path
    }
    if visitors is None:
        sentences["visitor"] = tr("Visitors are left out: {why}.", why=facts.why["visits"])
    return sentences


def _revenue(facts: Facts, months: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"month": months})
    if facts.wins is None:
        return table.assign(revenue=None, deals=None, customers=None)
    for column, measure in (
        ("revenue", "revenue"),
        ("deals", "revenue_deals"),
        ("customers", "customers"),
    ):
        table[column] = table.month.map(count(facts, measure, months=months).by_month())
    return table


def _promised(facts: Facts) -> dict[str, float]:
    marketing = facts.agreement.sla.marketing or MarketingPromise()
    sales = facts.agreement.sla.sales or SalesPromise()
    agreed = {
        "mql": marketing.mqls_per_month,
        "sales_ready": marketing.sales_ready_per_month,
        "customer": sales.customers_per_month,
    }
    return {stage: float(promise) for stage, promise in agreed.items() if promise is not None}
