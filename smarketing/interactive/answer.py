"""What a choice of lines gives, beside today's: one small table for the tuner."""

from __future__ import annotations

from typing import Any

import markupsafe

from smarketing.language import numbers
from smarketing.language.numbers import DASH, about, money, percent
from smarketing.planning.lines.whatif import Answer

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
        drawn, was = (_said(each, name, form, people, currency) for each in (answer, today))
        if (drawn, was) == (DASH, DASH):
            continue
        over = form == "risk" and (answer[name] or 0) > 1 - confidence + 1e-9
        mark = ' class="bad"' if over else ""
        rows.append(
            f'<tr data-name="{name}"><th scope="row">{label}</th>'
            f"<td{mark}>{markupsafe.escape(drawn)}{' ▼' if over else ''}</td>"
            f"<td>{markupsafe.escape(was)}</td></tr>"
        )
    state = "fits both desks" if answer.fits else "does not fit the desks"
    if answer["overflow_qualification"] is None:
        state = "fits the desk" if answer.fits else "does not fit the desk"
    sign = "▲" if answer.fits else "▼"
    shown = "" if answer["overflow_closing"] is None else f"As drawn, a month {state} {sign}. "
    words = markupsafe.escape(f"{shown}{answer.words}")
    return (
        f'<p class="{"good" if answer.fits else "bad"}" aria-live="polite">{words}</p>'
        '<table><thead><tr><th scope="col">A month</th><th scope="col">As drawn</th>'
        f'<th scope="col">Today</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def _said(answer: Answer, name: str, form: str, people: float | None, currency: str) -> str:
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
