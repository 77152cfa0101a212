"""What the records say against themselves: CRM against line, odd cases, losses between systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarketing.language.numbers import count, month_name, noun
from smarketing.reporting.page import Html, heading, joined, paragraph, unanswered
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.funnel import ClosedLoop
    from smarketing.reporting.against_line import AgainstLine

EXAMPLES = 8


def line_and_crm(found: AgainstLine | None, why: str = "") -> Html:
    """Return the two by two of hand-overs and the SQL line, with the leads on which they differ."""
    if found is None:
        return unanswered(why) if why else Html("")
    below, missed = found.handed_below, found.missed_above
    handed = len(found.leads[found.leads.handed_over])
    title = (
        f"{count(len(below))} of {noun(handed, 'hand-over')} came from below the SQL line; "
        f"{noun(len(missed), 'lead')} above it {'was' if len(missed) == 1 else 'were'} not"
        " handed over"
    )
    labels = {"line": "By the agreed score", "handed_over": "Handed over",
              "not_handed_over": "Not handed over", "leads": "Leads"}  # fmt: skip
    shown = found.frame()
    sums = shown.drop(columns="line").sum()
    shown.loc[len(shown)] = {"line": "all", **sums.to_dict()}
    pieces = [
        heading(title, 3),
        table(
            shown,
            labels,
            caption=f"CRM against line, {month_name(found.month)}: leads by the score at their"
            " hand-over, else by their best of the month",
        ),
    ]
    for ids, says in (
        (below, "Handed over below the line"),
        (missed, "Above it and not handed over"),
    ):
        if ids:
            more = f" and {len(ids) - EXAMPLES:,} more" if len(ids) > EXAMPLES else ""
            pieces.append(paragraph(f"{says}: {', '.join(ids[:EXAMPLES])}{more}.", "note"))
    return joined(pieces)


def odd_cases(loop: ClosedLoop) -> Html:
    """Return what does not happen by the book, counted, each with what is done about it."""
    rows = loop.oddities
    if rows.empty:
        return Html("")
    some = int((rows.k > 0).sum())
    labels = {"what": "Case", "k": "Count", "n": "of", "answer": "What is done about it",
              "examples": "Such as"}  # fmt: skip
    return joined(
        [
            heading(f"{noun(some, 'kind')} of odd cases, each with a defined answer", 3),
            table(rows, labels, caption="What does not happen by the book"),
        ]
    )


def losses(loop: ClosedLoop) -> Html:
    """Return what one table knows and the other does not."""
    if loop.losses is None or loop.losses.table.empty:
        return Html("")
    rows = loop.losses.table
    lost = rows[rows.k > 0]
    if lost.empty:
        title = f"Nothing is lost between the tables: {noun(len(rows), 'join')} looked at"
        return heading(title, 3)
    labels = {"what": "Lost", "k": "Count", "n": "of", "join": "By the join", "examples": "Such as"}
    return joined(
        [
            heading(f"{noun(len(lost), 'kind')} of rows lost between the tables", 3),
            table(lost, labels, caption=f"Of {noun(len(rows), 'join')} looked at"),
        ]
    )
