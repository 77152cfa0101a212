"""What the records say against themselves: CRM against line, odd cases, losses between systems."""

from __future__ import annotations

from smarketing.evaluation.monitoring.crm_against_line import AgainstLine
from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, month_name
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import Html, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.wording import some_of


def line_and_crm(against: AgainstLine | None, why: str = "") -> Html:
    """Return the two by two of hand-overs and the SQL line, with the leads on which they differ."""
    if against is None:
        return unanswered(why) if why else Html("")
    below, missed = against.handed_below, against.missed_above
    handed = int(against.leads.handed_over.sum())
    title = trn(
        "{k} of {handovers} came from below the SQL line; {n} lead above it was not handed over",
        "{k} of {handovers} came from below the SQL line; {n} leads above it were not handed over",
        len(missed),
        k=count(len(below)),
        handovers=trn("{n} hand-over", "{n} hand-overs", handed),
    )
    labels = {"line": tr("By the agreed score"), "handed_over": tr("Handed over"),
              "not_handed_over": tr("Not handed over"), "leads": tr("Leads")}  # fmt: skip
    shown = against.frame()
    sums = shown.drop(columns="line").sum()
    shown = shown.assign(line=[tr(name) for name in shown.line])
    shown.loc[len(shown)] = {"line": tr("all"), **sums.to_dict()}
    caption = tr(
        "CRM against line, {month}: leads by the score at their hand-over, else by their best of "
        "the month",
        month=month_name(against.month),
    )
    pieces = [heading(title, 3), table(shown, labels, caption=caption)]
    if below:
        text = tr("Handed over below the line: {leads}.", leads=some_of(below))
        pieces.append(paragraph(text, "note"))
    if missed:
        text = tr("Above it and not handed over: {leads}.", leads=some_of(missed))
        pieces.append(paragraph(text, "note"))
    return joined(*pieces)


def odd_cases(loop: ClosedLoop) -> Html:
    """Return what does not happen by the book, counted, each with what is done about it."""
    rows = loop.oddities
    if rows.empty:
        return Html("")
    some = int((rows.k > 0).sum())
    labels = {"what": tr("Case"), "k": tr("Count"), "n": tr("of"),
              "answer": tr("What is done about it"), "examples": tr("Such as")}  # fmt: skip
    title = trn(
        "{n} kind of odd cases, each with a defined answer",
        "{n} kinds of odd cases, each with a defined answer",
        some,
    )
    shown = rows.assign(
        what=[tr(what) for what in rows.what], answer=[tr(answer) for answer in rows.answer]
    )
    return joined(
        heading(title, 3), table(shown, labels, caption=tr("What does not happen by the book"))
    )


def losses(loop: ClosedLoop) -> Html:
    """Return what one table knows and the other does not."""
    if loop.losses is None or loop.losses.table.empty:
        return Html("")
    rows = loop.losses.table
    lost = rows[rows.k > 0]
    if lost.empty:
        title = trn(
            "Nothing is lost between the tables: {n} join looked at",
            "Nothing is lost between the tables: {n} joins looked at",
            len(rows),
        )
        return heading(title, 3)
    labels = {"what": tr("Lost"), "k": tr("Count"), "n": tr("of"), "join": tr("By the join"),
              "examples": tr("Such as")}  # fmt: skip
    title = trn(
        "{n} kind of rows lost between the tables",
        "{n} kinds of rows lost between the tables",
        len(lost),
    )
    caption = trn("Of {n} join looked at", "Of {n} joins looked at", len(rows))
    shown = lost.assign(what=[tr(what) for what in lost.what])
    return joined(heading(title, 3), table(shown, labels, caption=caption))
