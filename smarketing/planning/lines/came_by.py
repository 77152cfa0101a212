"""How much came by the lines and how much beside them, in each month of history.

A line is a rule, and a CRM shows what people did: leads stamped below the line, leads above it
that nobody handed over. What is promised is counted as the CRM shows it, so each count has two
parts. One came *by the line*: the lead had crossed the MQL line (or the SQL line above it) when
it was stamped, handed over or won. The other came *beside it*. Moving a line moves the first part
only; how far people keep to a line is taken to stay as it was.
"""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.measures.catalogue import measure_of
from smarketing.measures.facts import KEY, Facts
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.line_record import LineRecord

PARTED = ("mqls", "sales_ready", "customers")
"""Measures that leads come to by the line, or beside it."""


def came_by(
    rows: pd.DataFrame, facts: Facts, agreement: Agreement, months: tuple[str, ...]
) -> pd.DataFrame:
    """Return how many came by the lines, month by month.

    A snapshot is a week apart from the next, so a lead stamped MQL up to so many days before the
    snapshot at which it crosses the line counts as having crossed it. At a hand-over there is a
    snapshot of its own.

    Parameters
    ----------
    rows : pandas.DataFrame
        Snapshots with the agreed card's ``score`` and ``fit``.
    facts : Facts
    agreement : Agreement
    months : tuple of str

    Returns
    -------
    pandas.DataFrame
        One row per month, a column for each of :data:`PARTED`.
    """
    agreed = AgreedLines.of(agreement)
    crossed = _first_crossing(rows, agreed)
    patience = pd.Timedelta(days=float(agreement.snapshots.every_days or 0))
    counts = {}
    for name in PARTED:
        happened = measure_of(name).rows(facts)
        happened = happened[happened["at"].notna()]
        key = pd.MultiIndex.from_frame(happened[KEY])
        at = pd.to_datetime(happened["at"]).reset_index(drop=True)
        since = pd.Series(crossed.reindex(key).to_numpy(), at.index)
        by_line = since <= at + (patience if name == "mqls" else pd.Timedelta(0))
        month = month_of(at, facts.timezone)[by_line]
        counts[name] = month.value_counts().reindex(list(months), fill_value=0)
    return pd.DataFrame(counts, index=list(months)).astype(float)


def _first_crossing(rows: pd.DataFrame, agreed: AgreedLines) -> pd.Series:
    """Return when each spell first stood at or above one of the lines."""
    above = pd.Series(False, index=rows.index)
    for score, fit in ((agreed.mql, agreed.fit_mql), (agreed.sql, agreed.fit_sql)):
        fits = rows["fit"] >= fit if "fit" in rows else True
        above |= (rows["score"] >= score) & fits
    return rows[above].groupby(KEY)["as_of"].min()


def read_record(by_line: pd.DataFrame, actuals: pd.DataFrame, flow: pd.DataFrame) -> LineRecord:
    """Return how far people kept to the lines of today in the months of `by_line`.

    Parameters
    ----------
    by_line : pandas.DataFrame
        What came by the lines (:func:`came_by`).
    actuals : pandas.DataFrame
        What came in all, in the same months; measures nobody records are missing.
    flow : pandas.DataFrame
        What today's lines would have given (:meth:`LineTable.flow`), with ``month``.
    """
    flow = flow.set_index("month").reindex(by_line.index, fill_value=0.0)
    line, crossing = by_line.mean(), flow[["mqls", "direct", "passed"]].mean()
    beside = {
        name: max(float((actuals[name] - by_line[name]).mean()), 0.0)
        for name in PARTED
        if name in actuals
    }
    return LineRecord(
        stamped=_share(line["mqls"], crossing["mqls"]) if "mqls" in beside else 1.0,
        handed=_handed(line["sales_ready"], crossing) if "sales_ready" in beside else 1.0,
        **beside,
    )


def _handed(by_line: float, crossing: pd.Series) -> float:
    """Return the share of leads above the SQL line handed over: what the desk did not pass on."""
    return min(max(_share(by_line - crossing["passed"], crossing["direct"]), 0.0), 1.0)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 1.0
