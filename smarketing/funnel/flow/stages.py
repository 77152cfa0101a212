"""How many reach each stage of the funnel: of a cohort, and in a calendar month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.sla import MarketingPromise, SalesPromise
from smarketing.clock import month_of, months_between
from smarketing.funnel import plots as figures
from smarketing.funnel.history import PATH, History, moment, reached, steps, window_days
from smarketing.funnel.rates import wilson
from smarketing.funnel.wording import never_recorded
from smarketing.language.catalogue import tr
from smarketing.language.stage_labels import stage_word
from smarketing.results import Picture, Result

WAYS_OFF = ("rejected", "recycled", "disqualified")


@dataclass(frozen=True)
class Stages(Result):
    """Counts and rates of one month; cohort and calendar stand apart, never mixed.

    Attributes
    ----------
    month : str
        Local month, "YYYY-MM".
    counts : pandas.DataFrame
        ``stage``; ``cohort``: of the spells started in the month, how many reached it (or a
        later one) by the data's end; ``skipped``: those of them with no record of this stage;
        ``calendar``: how many spells entered it in the month, whenever they started.
    rates : pandas.DataFrame
        ``from``, ``to``, ``basis``, ``k`` of ``n``, ``rate`` with its 95 % Wilson interval
        ``low`` to ``high``, ``window_days``, ``n_immature`` (still open, and younger than the
        window), ``immature``.
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

    def frame(self) -> pd.DataFrame:
        """Return one row per stage."""
        return self.counts

    def plot(self) -> Picture:
        """Draw the cohort as bars, stage below stage."""
        return figures.funnel_bars(self.counts, self.month, self.data_until)


def stage_counts(history: History, month: str | None = None) -> Stages:
    """Count the stages of a month by cohort and by calendar.

    A spell that reached a later stage counts for the earlier ones too, so that a cohort never
    grows along the way; what it skipped is counted beside.

    Parameters
    ----------
    history : History
    month : str, optional
        Local month "YYYY-MM"; by default the last complete one.

    Raises
    ------
    CannotAnswer
        If no lead came in the month.

    Examples
    --------
    >>> stage_counts(history, "2026-10").frame()  # doctest: +SKIP
    """
    month = history.checked(month)
    runs = history.spells
    cohort = runs[runs.month == month]
    stages = history.recorded
    got_there = reached(cohort, stages)
    counts = pd.DataFrame(
        {
            "stage": stages,
            "cohort": [int(got_there[stage].sum()) for stage in stages],
            "skipped": [
                int((got_there[stage] & cohort[moment(stage)].isna()).sum()) for stage in stages
            ],
            "calendar": [int(history.within(runs[moment(stage)], month).sum()) for stage in stages],
        }
    ).astype(dict.fromkeys(("cohort", "skipped", "calendar"), "Int64"))
    off = pd.DataFrame(
        {
            "stage": WAYS_OFF,
            "cohort": [int(cohort[f"{stage}_at"].notna().sum()) for stage in WAYS_OFF],
            "skipped": 0,
            "calendar": [
                int(history.within(runs[f"{stage}_at"], month).sum()) for stage in WAYS_OFF
            ],
        }
    ).astype(counts.dtypes)
    off = off[[bool(runs[f"{stage}_at"].notna().any()) for stage in WAYS_OFF]]
    visitors = _visitors(history, month)
    top = pd.DataFrame(
        {"stage": ["visitor"], "cohort": pd.NA, "skipped": pd.NA, "calendar": [visitors]}
    ).astype(counts.dtypes)
    usable = history.history_from is None or history.bounds(month)[0] >= history.history_from
    return Stages(
        month=month,
        counts=pd.concat([top] * (visitors is not None) + [counts, off], ignore_index=True),
        rates=_rates(history, cohort, got_there, visitors),
        recycled=int((cohort.spell > 1).sum()),
        backward=int(is_backward(cohort, stages).sum()),
        left_out=_left_out(history, visitors),
        notes=_notes(history),
        usable=bool(usable),
        data_until=history.data_until,
    )


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
        ``month``, ``revenue`` of deals won in the month, in the agreement's currency, ``deals``.
    currency : str
    promised : dict of str to float
        Stage -> what the agreement promises a month.
    """

    month: str
    counts: pd.DataFrame
    revenue: pd.DataFrame
    currency: str | None
    promised: dict[str, float]

    def frame(self) -> pd.DataFrame:
        """Return one row per month and stage."""
        return self.counts

    def plot(self) -> Picture:
        """Draw hand-overs (or leads) and customers by month, the promise as an outline."""
        return figures.trend_bars(self.counts, self.promised)


def trend(history: History, month: str | None = None, months: int = 13) -> Trend:
    """Return every stage's counts for the months up to one, by cohort and by calendar.

    Examples
    --------
    >>> trend(history, "2026-10").frame().query("stage == 'sales_ready'")  # doctest: +SKIP
    """
    month = history.checked(month)
    last = pd.Period(month, freq="M")
    window = months_between(str(last - (months - 1)), month)
    window = [m for m in window if m >= history.months[0]]
    runs, stages = history.spells, history.recorded
    got_there = reached(runs, stages)
    young = _undecided(history, runs, "lead", window_days(history.agreement, "customer"))
    waiting = young.groupby(runs.month).any()
    end = history.data_until + pd.Timedelta(days=1)
    rows = []
    for stage in stages:
        cohort = got_there[stage].groupby(runs.month).sum()
        calendar = month_of(runs[moment(stage)], history.timezone).value_counts()
        for m in window:
            first, after = history.bounds(m)
            rows.append(
                {
                    "month": m,
                    "stage": stage,
                    "cohort": int(cohort.get(m, 0)),
                    "calendar": int(calendar.get(m, 0)),
                    "immature": bool(waiting.get(m, False)),
                    "usable": history.history_from is None or first >= history.history_from,
                    "complete": after <= end,
                }
            )
    return Trend(
        month=month,
        counts=pd.DataFrame(rows),
        revenue=_revenue(history, window),
        currency=history.agreement.currency,
        promised=_promised(history),
    )


def _rates(
    history: History, cohort: pd.DataFrame, got_there: pd.DataFrame, visitors: int | None
) -> pd.DataFrame:
    rows = []
    if visitors:
        new = int((cohort.spell == 1).sum())
        rows.append({"from": "visitor", "to": "lead", "basis": "calendar", "k": new, "n": visitors})
    for start, target in steps(history.recorded):
        at_start = cohort[got_there[start]]
        days = window_days(history.agreement, target)
        missing = at_start[~got_there.loc[at_start.index, target]]
        rows.append(
            {
                "from": start,
                "to": target,
                "basis": "cohort",
                "k": int(got_there[target].sum()),
                "n": len(at_start),
                "window_days": days,
                "n_immature": int(_undecided(history, missing, start, days).sum()),
            }
        )
    table = pd.DataFrame(
        rows, columns=["from", "to", "basis", "k", "n", "window_days", "n_immature"]
    )
    table["rate"], table["low"], table["high"] = wilson(table.k, table.n)
    table["n_immature"] = table.n_immature.fillna(0).astype(int)
    table["window_days"] = table.window_days.astype(float)
    table["immature"] = table.n_immature > 0
    return table


def _undecided(history: History, runs: pd.DataFrame, start: str, days: float) -> pd.Series:
    """Return which spells are open and have not been in their stage as long as its window."""
    known = [moment(stage) for stage in history.recorded[history.recorded.index(start) :]]
    since = runs[known].bfill(axis=1).iloc[:, 0].astype("datetime64[us]")  # also of no rows
    return runs.ended_at.isna() & (since + pd.Timedelta(days=days) > history.data_until)


def is_backward(runs: pd.DataFrame, stages: tuple[str, ...]) -> pd.Series:
    """Return which spells have a stage recorded before an earlier one."""
    times = runs[[moment(stage) for stage in stages]]
    latest_before = times.ffill(axis=1).shift(axis=1)
    return (times < latest_before).any(axis=1)


def _notes(history: History) -> tuple[str, ...]:
    usual = [stage for stage in PATH if stage in history.recorded]
    return tuple(
        tr(
            "Most records enter {here} before {there}; the stages are counted in that order.",
            here=stage_word(first),
            there=stage_word(second),
        )
        for place, first in enumerate(history.recorded)
        for second in history.recorded[place + 1 :]
        if usual.index(second) < usual.index(first)
    )


def _visitors(history: History, month: str) -> int | None:
    if history.visits is None:
        return None
    days = pd.to_datetime(history.visits.day).dt.strftime("%Y-%m")  # days are local already
    return int(history.visits.visitors[days == month].sum())


def _left_out(history: History, visitors: int | None) -> dict[str, str]:
    sentences = {
        stage: tr("{no_record} The stage is left out.", no_record=never_recorded(stage))
        for stage in PATH
        if stage not in history.recorded
    }
    if visitors is None:
        sentences["visitor"] = tr("Visitors are left out: {why}.", why=history.why["visits"])
    return sentences


def _revenue(history: History, months: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"month": months})
    if history.wins is None:
        return table.assign(revenue=None, deals=None, customers=None)
    counted = history.wins[history.wins.counted]
    by_month = counted.groupby("month").cents
    table["revenue"] = table.month.map(by_month.sum()).fillna(0) / 100
    table["deals"] = table.month.map(by_month.size()).fillna(0).astype(int)
    buyers = history.wins.groupby("month").buyer.nunique()
    table["customers"] = table.month.map(buyers).fillna(0).astype(int)
    return table


def _promised(history: History) -> dict[str, float]:
    marketing = history.agreement.sla.marketing or MarketingPromise()
    sales = history.agreement.sla.sales or SalesPromise()
    agreed = {
        "mql": marketing.mqls_per_month,
        "sales_ready": marketing.sales_ready_per_month,
        "customer": sales.customers_per_month,
    }
    return {stage: float(promise) for stage, promise in agreed.items() if promise is not None}
