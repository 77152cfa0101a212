"""What stages, promises and models are called on a page, and figures in the house style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt

from smarketing.errors import CannotAnswer
from smarketing.funnel.wording import STAGE_NAMES
from smarketing.language.catalogue import mark, tr
from smarketing.reporting.figures.style import house_style
from smarketing.reporting.html.page import Html, shown, unanswered

__all__ = [
    "MODEL_NAMES",
    "PROMISE_NAMES",
    "REST",
    "SIDES",
    "STAGE_NAMES",
    "capital",
    "figure_of",
    "name_of",
    "span",
    "step",
    "target_of",
]

PROMISE_NAMES = {
    "mqls": mark("MQLs"),
    "sales_ready": mark("Sales-ready leads"),
    "acceptance": mark("Accepted by sales"),
    "first_contact": mark("First contact in time"),
    "follow_up": mark("Followed up as promised"),
    "disposition": mark("Answered in time"),
    "customers": mark("Customers"),
    "revenue": mark("Revenue"),
}

MODEL_NAMES = {
    "agreed": mark("Agreed scorecard"),
    "logistic": mark("Logistic model"),
    "boosted": mark("Boosted model"),
    "card": mark("Learned scorecard"),
    "status_quo": mark("Score in use today"),
}
REST = {
    "(all)": mark("(all)"),
    "(no source)": mark("(no source)"),
    "(no persona)": mark("(no persona)"),
    "(no grade)": mark("(no grade)"),
    "(no campaign)": mark("(no campaign)"),
    "(no lead)": mark("(no lead)"),
}
"""What stands in a column of names where there is none."""
SIDES = {"marketing": mark("Marketing"), "sales": mark("Sales")}
_TARGETS = {
    "mql": mark("MQL"),
    "sales_ready": mark("sales-ready lead"),
    "accepted": mark("accepted lead"),
    "sql": mark("SQL"),
    "opportunity": mark("opportunity"),
    "customer": mark("customer"),
}


def name_of(names: Mapping[str, str], code: str) -> str:
    """Return what a code is called on a page; the code itself where it has no name."""
    return tr(names[code]) if code in names else code


def target_of(stage: str) -> str:
    """Return a stage as the target that scores are judged by, in a sentence.

    Examples
    --------
    >>> target_of("sales_ready")
    'sales-ready lead'
    """
    return name_of(_TARGETS, stage)


def step(start: str, end: str) -> str:
    """Return the way from one stage to another.

    Examples
    --------
    >>> step("lead", "mql")
    'Leads → MQLs'
    """
    return f"{tr(STAGE_NAMES[start])} → {tr(STAGE_NAMES[end])}"


def span(low: str, high: str) -> str:
    """Return an interval or a stretch of months, its ends already written.

    Examples
    --------
    >>> span("3", "7")
    '3 to 7'
    """
    return tr("{low} to {high}", low=low, high=high)


def capital(text: str) -> str:
    """Return a text with a capital first letter.

    Examples
    --------
    >>> capital("other leads")
    'Other leads'
    """
    return text[:1].upper() + text[1:]


def figure_of(
    draw: Callable[[], Any], message: str = "", says: str = "", behind: Html | None = None
) -> Html:
    """Return a figure drawn in the house style, or the sentence on why it cannot be drawn."""
    with house_style():
        try:
            figure = draw()
        except CannotAnswer as reason:
            return unanswered(reason)
        piece = shown(figure, message, says, behind)
        plt.close(figure)  # a notebook would show it a second time
        return piece
