"""What stands on the journeys of those who got there, against those of the others."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.rates import newcombe
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count
from smarketing.measures.facts import Facts
from smarketing.measures.path import window_days
from smarketing.results import Result
from smarketing.warehouse.warehouse import Warehouse

LEAST_JOURNEYS = 20
"""Content on fewer journeys than this is not compared."""
MOST_SUBJECTS = 200

_KEY = ["lead_id", "spell"]


@dataclass(frozen=True)
class Content(Result):
    """Pages, assets, mails and search words on two kinds of journeys.

    Attributes
    ----------
    who, others : str
        The two kinds of journeys, in words.
    n, n_others : int
        Journeys of each kind.
    table : pandas.DataFrame
        ``kind`` and ``subject`` of what the leads themselves did; ``k`` of ``n`` journeys have
        it, a ``share``; ``k_others`` of ``n_others``, ``share_others``; ``difference`` of the
        shares with its 95 % interval ``low`` to ``high`` (Newcombe); ``remark`` on what is too
        rare to compare. The largest difference first.
    """

    who: str
    others: str
    n: int
    n_others: int
    table: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per piece of content."""
        return self.table


def customer_content(
    warehouse: Warehouse, facts: Facts, month: str | None = None, months: int = 12
) -> Content:
    """Compare what customers and other leads looked at, before either was decided.

    Journeys are spells started in the months up to one whose window to a customer is over. A
    customer's runs up to its order, another's up to the end of its window, so that nobody is
    compared on what came after. What stands on customers' journeys goes with buying; it need
    not be why they bought.

    Raises
    ------
    CannotAnswer
        If no event names what a lead looked at, or no journey is old enough.

    Examples
    --------
    >>> customer_content(warehouse, facts).frame().head()  # doctest: +SKIP
    """
    month = facts.checked(month)
    first = str(pd.Period(month, freq="M") - (months - 1))
    if "customer" not in facts.recorded:
        raise CannotAnswer(tr("no record shows which leads became customers"))
    runs = facts.trusted
    due = runs.started_at + pd.Timedelta(days=window_days(facts.agreement, "customer"))
    picked = runs.month.between(first, month) & (due <= facts.data_until)
    picked &= ~(runs.is_customer & runs.customer_at.isna())  # bought on an unknown day
    rows = runs[picked]
    won = rows.customer_at <= due[picked]
    spans = _spans(rows, won, rows.started_at, rows.customer_at.where(won, due[picked]))
    return _compared(warehouse, spans, tr("customers"), tr("other leads"))


def nurture_content(warehouse: Warehouse, facts: Facts) -> Content:
    """Compare what leads did that came over the MQL line later with what the rest did.

    Of the leads that were no MQLs within their first day (see
    :func:`smarketing.funnel.nurture`) and whose window is over: what they did after that day and
    before they became MQLs, or before the window was over.

    Raises
    ------
    CannotAnswer
        If no record shows when a lead became an MQL, or no event names what a lead looked at.
    """
    if "mql" not in facts.recorded:
        raise CannotAnswer(tr("no record shows when a lead became an MQL"))
    runs = facts.trusted
    first_day = runs.started_at + pd.Timedelta(hours=facts.agreement.snapshots.first_after_hours)
    due = runs.started_at + pd.Timedelta(days=float(facts.agreement.lines.mql.window_days))
    below = ~(runs.mql_at <= first_day) & ~(runs.ended_at <= first_day)
    below &= due <= facts.data_until
    rows = runs[below]
    hit = rows.mql_at <= due[below]
    spans = _spans(rows, hit, first_day[below], rows.mql_at.where(hit, due[below]))
    return _compared(
        warehouse, spans, tr("leads that came over the line later"), tr("leads that did not")
    )


def _spans(rows: pd.DataFrame, hit: pd.Series, start: pd.Series, end: pd.Series) -> pd.DataFrame:
    last = rows.next_started_at.where(rows.next_started_at < end, end)
    return rows[_KEY].assign(hit=hit, start=start, end=last)


def _compared(warehouse: Warehouse, spans: pd.DataFrame, who: str, others: str) -> Content:
    n, n_others = int(spans.hit.sum()), int((~spans.hit).sum())
    if not n or not n_others:
        raise CannotAnswer(
            tr(
                "what was looked at cannot be compared: {n} journeys are of {who}, {n_others} of "
                "{others}",
                n=count(n),
                who=who,
                n_others=count(n_others),
                others=others,
            )
        )
    if not warehouse.has("events"):
        raise CannotAnswer(warehouse.why_missing("events"))
    events = warehouse.table("events")
    own = events.filter((events.actor == "lead") & ~events.automatic & events.subject.notnull())
    seen = own.select("lead_id", "occurred_at", "kind", "subject").execute()
    if seen.empty:
        raise CannotAnswer(tr("no event names what a lead looked at"))
    seen = seen.merge(spans, on="lead_id")
    # the moment that decided is itself no reason for it: what led to it came before
    seen = seen[(seen.occurred_at >= seen.start) & (seen.occurred_at < seen.end)]
    seen = seen.drop_duplicates([*_KEY, "kind", "subject"])
    counts = seen.groupby(["kind", "subject"]).hit.agg(k="sum", journeys="size").reset_index()
    counts["k"] = counts.k.astype(int)
    counts["k_others"] = counts.journeys - counts.k
    counts = counts.sort_values(["journeys", "kind", "subject"], ascending=[False, True, True])
    counts = counts.head(MOST_SUBJECTS)
    rows = []
    for one in counts.itertuples():
        difference, low, high = newcombe(one.k, n, one.k_others, n_others)
        remark = ""
        if one.journeys < LEAST_JOURNEYS:
            remark = tr("on too few journeys to compare ({n})", n=count(one.journeys))
        rows.append(
            {
                "kind": one.kind, "subject": one.subject, "k": one.k, "n": n, "share": one.k / n,
                "k_others": one.k_others, "n_others": n_others,
                "share_others": one.k_others / n_others,
                "difference": difference, "low": low, "high": high, "remark": remark,
            }
        )  # fmt: skip
    columns = ["kind", "subject", "k", "n", "share", "k_others", "n_others", "share_others",
               "difference", "low", "high", "remark"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table = table.assign(rare=table.remark != "").sort_values(
        ["rare", "difference", "kind", "subject"], ascending=[True, False, True, True]
    )
    return Content(who, others, n, n_others, table.drop(columns="rare").reset_index(drop=True))
