"""Why leads are given back and deals lost, by source and by persona."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.funnel.history import NO_CAMPAIGN, History
from smarketing.language.catalogue import mark, tr
from smarketing.measures.personas import UNMATCHED
from smarketing.results import Result

GROUPS = {
    "source": mark("(no source)"),
    "campaign_id": NO_CAMPAIGN,
    "persona": UNMATCHED,
    "grade": mark("(no grade)"),
}
"""What leads are broken down by, and the group of those without."""
NO_REASON = mark("(no reason)")


@dataclass(frozen=True)
class Reasons(Result):
    """Reasons of some months.

    Attributes
    ----------
    first_month, last_month : str
    by : str
        source, campaign_id, persona or grade.
    table : pandas.DataFrame
        ``kind`` (rejected, recycled, disqualified, lost), ``group``, ``reason``, ``n``,
        ``share`` of the kind's in the group, ``agreed`` (whether a rejection's reason is on the
        agreed list; null where none is agreed, or it is no rejection). Most frequent first.
    """

    first_month: str
    last_month: str
    by: str
    table: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row per kind, group and reason."""
        return self.table


def reasons(history: History, first: str, last: str | None = None, by: str = "source") -> Reasons:
    """Count why leads went off the path in some months, and why deals were lost.

    Parameters
    ----------
    history : History
    first, last : str
        Local months of the rejection or loss, both included; one month if the last is left out.
    by : {"source", "campaign_id", "persona", "grade"}
        The grade of the first day, of a history :func:`smarketing.funnel.with_grades`.

    Raises
    ------
    CannotAnswer
        If no lead was given back, and no deal lost, in the months.
    UsageError
        If leads are not broken down by that.

    Examples
    --------
    >>> reasons(history, "2026-08", "2026-10", by="persona").frame()  # doctest: +SKIP
    """
    check_group(by, history)
    last = last or first
    start, end = history.bounds(first)[0], history.bounds(last)[1]
    rows = history.reasons
    rows = rows[(rows["at"] >= start) & (rows["at"] < end)]
    # a deal of several leads was lost once
    again = rows.deal_id.notna() & rows.duplicated(["kind", "deal_id"])
    rows = rows[~again]
    if rows.empty:
        raise CannotAnswer(
            tr(
                "no lead was given back, and no deal lost, from {first} to {last}",
                first=first,
                last=last,
            )
        )
    rows = rows.merge(history.spells[["lead_id", "spell", by]], on=["lead_id", "spell"], how="left")
    rows = rows.assign(group=rows[by].fillna(GROUPS[by]), reason=rows.reason.fillna(NO_REASON))
    counted = rows.groupby(["kind", "group", "reason"]).size().rename("n").reset_index()
    counted["share"] = counted.n / counted.groupby(["kind", "group"]).n.transform("sum")
    allowed = history.agreement.handover.reject_reasons
    counted["agreed"] = pd.Series(
        [
            reason in allowed if allowed and kind == "rejected" else None
            for kind, reason in zip(counted.kind, counted.reason, strict=True)
        ],
        dtype="boolean",
    )
    order = ["kind", "n", "group", "reason"]
    counted = counted.sort_values(order, ascending=[True, False, True, True], ignore_index=True)
    return Reasons(first, last, by, counted)


def check_group(by: str, history: History) -> str:
    """Return what to break down by, if it can be.

    Raises
    ------
    UsageError
        If leads are not broken down by that.
    CannotAnswer
        If it is the grade, and the leads' grades are not given.
    """
    if by not in GROUPS:
        raise UsageError(
            Problem("leads are not broken down by that", found=repr(by), allowed=", ".join(GROUPS))
        )
    if by not in history.spells:
        raise CannotAnswer(tr("the leads' grades are not given"))
    return by
