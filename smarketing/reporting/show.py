"""How answers look in a notebook: tables, figures and sentences in the house style.

Everything here returns something that a notebook displays; nothing is computed.
"""

from __future__ import annotations

import pandas as pd

from smarketing.evaluation.audit.data_audit import Audit
from smarketing.language.sentences import sentence
from smarketing.planning.recommended import Recommendation
from smarketing.reporting.figures.style import use_house_style
from smarketing.reporting.html.page import Html, bullets, figure_of, joined, paragraph, unanswered
from smarketing.reporting.html.table import facts, table
from smarketing.reporting.pages.advice import of_lines
from smarketing.reporting.pages.sections.deep_dive import deep_dive
from smarketing.reporting.pages.sections.model_scores import acceptance_and_early, model_table
from smarketing.reporting.pages.sections.plan import needs, policy_table, promised
from smarketing.reporting.pages.sections.quality import line_and_crm, losses, odd_cases
from smarketing.reporting.pages.sections.signing import (
    bottleneck_of,
    goals_of,
    people_of,
    rules_of_thumb,
)
from smarketing.reporting.pages.sections.teams import breakdowns, key_figures, nurture, who_holds

__all__ = [
    "acceptance_and_early",
    "advice",
    "bottleneck_of",
    "breakdowns",
    "bullets",
    "deep_dive",
    "facts",
    "figure_of",
    "goals_of",
    "joined",
    "key_figures",
    "line_and_crm",
    "line_steps",
    "losses",
    "maturities",
    "model_table",
    "needs",
    "nurture",
    "odd_cases",
    "paragraph",
    "people_of",
    "policy_table",
    "promised",
    "rules_of_thumb",
    "sentence",
    "table",
    "unanswered",
    "use_house_style",
    "who_holds",
]


def maturities(audit: Audit) -> Html:
    """Show how long leads take to reach each threshold's target; why not, without dates."""
    figures = [figure_of(each.plot) for each in audit.maturity.values()]
    no_dates = unanswered("The leads carry no dates, so nothing is too young or too old")
    return joined(*(figures or [no_dates]))


def advice(recommendation: Recommendation, currency: str) -> Html:
    """Show which thresholds are recommended, in a sentence; why none, where there is none."""
    lines = recommendation.thresholds
    text = of_lines(lines, currency) if lines else recommendation.cannot["thresholds"]
    return paragraph(text, "lead")


def line_steps(recommendation: Recommendation, currency: str) -> Html:
    """Show the recommended thresholds moved a few points, for pages without sliders."""
    lines = recommendation.thresholds
    if lines is None:
        return unanswered(recommendation.cannot["thresholds"])
    rows = pd.concat([lines.policies.head(1), lines.nearby], ignore_index=True)
    return policy_table(rows, currency, "The recommended lines, moved a few points")
