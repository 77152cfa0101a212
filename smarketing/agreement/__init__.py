"""What the two teams agreed: a file people read, a typed model, versions and changes."""

from smarketing.agreement.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FieldTest,
    Not,
    free_mail,
    matches,
    matches_pattern,
    parse_condition,
)
from smarketing.agreement.load import check_agreement, load_agreement
from smarketing.agreement.model import (
    Agreement,
    Calendar,
    Capacity,
    Economics,
    Goal,
    Line,
    Lines,
    Persona,
    Sla,
    Snapshots,
    Stage,
)
from smarketing.agreement.scorecard import Axis, Calibration, Rule, Scorecard

__all__ = [
    "Agreement",
    "AllOf",
    "AnyOf",
    "Axis",
    "Calendar",
    "Calibration",
    "Capacity",
    "Condition",
    "Economics",
    "FieldTest",
    "Goal",
    "Line",
    "Lines",
    "Not",
    "Persona",
    "Rule",
    "Scorecard",
    "Sla",
    "Snapshots",
    "Stage",
    "check_agreement",
    "free_mail",
    "load_agreement",
    "matches",
    "matches_pattern",
    "parse_condition",
]
