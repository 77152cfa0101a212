"""Why leads are given back and deals lost, by source and by persona."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.measures.count import GROUPS, check_group
from smarketing.measures.facts import Facts
from smarketing.results import Result

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


def reasons(facts: Facts, first: str, last: str | None = None, by: str = "source") -> Reasons:
    """Count why leads went off the path in some months, and why deals were lost.

    Parameters
    ----------
    facts : Facts
    first, last : str
        Local months of the rejection or loss, both included; one month if the last is left out.
    by : {"source", "campaign_id", "persona", "grade"}
        The grade of the first day takes facts :func:`smarketing.measures.facts.with_grades`.

    Raises
    ------
    CannotAnswer
        If no lead was given back, and no deal lost, in the months.
    UsageError
        If leads are not broken down by that.

    Examples
    --------
    >>> reasons(facts, "2026-08", "2026-10", by="persona").frame()  # doctest: +SKIP
    """
    check_group(by, facts)
    last = last or first
    start, end = facts.bounds(first)[0], facts.bounds(last)[1]
    rows = facts.reasons
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
    rows = rows.merge(facts.spells[["lead_id", "spell", by]], on=["lead_id", "spell"], how="left")
    rows = rows.assign(group=rows[by].fillna(GROUPS[by]), reason=rows.reason.fillna(NO_REASON))
    counted = rows.groupby(["kind", "group", "reason"]).size().rename("n").reset_index()
    counted["share"] = counted.n / counted.groupby(["kind", "group"]).n.transform("sum")
    allowed = facts.agreement.handover.reject_reasons
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
