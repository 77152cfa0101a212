"""What stages, promises and models are called on a page, and figures in the house style."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt

from smarketing.errors import CannotAnswer
from smarketing.funnel.words import STAGE_NAMES
from smarketing.reporting.figures import house_style
from smarketing.reporting.page import Html, shown, unanswered

__all__ = ["MODEL_NAMES", "PROMISE_NAMES", "STAGE_NAMES", "figure_of"]

PROMISE_NAMES = {
    "mqls": "MQLs",
    "sales_ready": "Sales-ready leads",
    "acceptance": "Accepted by sales",
    "first_contact": "First contact in time",
    "follow_up": "Followed up as promised",
    "disposition": "Answered in time",
    "customers": "Customers",
    "revenue": "Revenue",
}


MODEL_NAMES = {
    "agreed": "Agreed scorecard",
    "logistic": "Logistic model",
    "boosted": "Boosted model",
    "card": "Learned scorecard",
    "status_quo": "Score in use today",
}


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
