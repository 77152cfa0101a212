"""What a choice of lines gives, beside today's: one small table for the tuner."""

from __future__ import annotations

from typing import Any

from smarketing.language import numbers
from smarketing.language.numbers import DASH, about, money, percent
from smarketing.planning.lines.whatif import Answer
from smarketing.reporting.html.page import fill

ROWS = (
    ("mqls", "MQLs", "range"),
    ("precision_mql", "of them reach the target", "percent"),
    ("sales_ready", "Sales-ready leads", "range"),
    ("precision_sql", "of those straight to a rep, won", "percent"),
    ("leads_per_rep", "Leads per rep", "about"),
    ("customers", "Customers", "about"),
    ("margin", "Margin", "money"),
    ("overflow_qualification", "Qualification too full", "risk"),
    ("overflow_closing", "Closing too full", "risk"),
    ("idle_qualification", "Qualification idle", "percent"),
    ("idle_closing", "Closing idle", "percent"),
)
"""Value, its name, how it is said; in the order a reader asks."""


def answer_table(
    answer: Answer, today: Answer, confidence: float, people: float | None, currency: str
) -> str:
    """Return the numbers of a choice beside today's, as HTML.

    Parameters
    ----------
    answer, today : Answer
    confidence : float
        A desk is marked where it is too full more often than this leaves room for.
    people : float, optional
        Who work the sales-ready leads.
    currency : str
    """
    rows = []
    for name, label, form in ROWS:
        drawn, agreed = (_written(each, name, form, people, currency) for each in (answer, today))
        if (drawn, agreed) != (DASH, DASH):
            over = form == "risk" and (answer[name] or 0) > 1 - confidence + 1e-9
            rows.append((name, label, drawn, agreed, over))
    desks = "the desk" if answer["overflow_qualification"] is None else "both desks"
    if not answer.fits:
        desks = desks.replace("both", "the")
    state = f"fits {desks} ▲" if answer.fits else f"does not fit {desks} ▼"
    whole = "" if answer["overflow_closing"] is None else f"As drawn, a month {state}. "
    return fill(
        "line_answer.html.j2", fits=answer.fits, sentence=whole + answer.words, rows=rows
    ).markup


def _written(answer: Answer, name: str, form: str, people: float | None, currency: str) -> str:
    if name == "leads_per_rep":
        return about(answer["sales_ready"] / people) if people else DASH
    value: Any = answer[name]
    if value is None:
        return DASH
    if form == "range":
        low, high = answer[f"{name}_low"], answer[f"{name}_high"]
        return about(value) + ("" if low is None else f" ({low:,} to {high:,})")
    if form == "risk":
        return f"{percent(value)} of months"
    return money(value, currency) if form == "money" else getattr(numbers, form)(value)
