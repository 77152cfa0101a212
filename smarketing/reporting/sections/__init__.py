"""The sections of the monthly page, each under a title that states its message."""

from smarketing.reporting.sections.about import data_quality, glossary, not_answered, provenance
from smarketing.reporting.sections.first import first_screen, trend
from smarketing.reporting.sections.loop import campaigns, funnel, velocity
from smarketing.reporting.sections.names import figure_of
from smarketing.reporting.sections.plan import lines, needs, policy_table, promised, volumes
from smarketing.reporting.sections.scores import model_table, scoring
from smarketing.reporting.sections.signing import (
    bottleneck_of,
    goals,
    goals_of,
    people,
    people_of,
    rules_of_thumb,
)
from smarketing.reporting.sections.sla import claims, promises

__all__ = [
    "bottleneck_of",
    "campaigns",
    "claims",
    "data_quality",
    "figure_of",
    "first_screen",
    "funnel",
    "glossary",
    "goals",
    "goals_of",
    "lines",
    "model_table",
    "needs",
    "not_answered",
    "people",
    "people_of",
    "policy_table",
    "promised",
    "promises",
    "provenance",
    "rules_of_thumb",
    "scoring",
    "trend",
    "velocity",
    "volumes",
]
