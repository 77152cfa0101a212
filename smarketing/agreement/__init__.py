"""What the two teams agreed: a file people read, a typed model, versions and changes."""

from smarketing.agreement.accept import NextVersion, accept, pending_changes, roll_back
from smarketing.agreement.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FieldTest,
    Not,
    free_mail,
    parse_condition,
)
from smarketing.agreement.diff import Change, diff
from smarketing.agreement.history import AgreementHistory, agreement_history
from smarketing.agreement.load import check_agreement, load_agreement
from smarketing.agreement.matching import matches, matches_pattern
from smarketing.agreement.model import (
    Agreement,
    Calendar,
    Line,
    Lines,
    Persona,
    Snapshots,
    Stage,
)
from smarketing.agreement.promises import Capacity, Economics, Goal, Sla
from smarketing.agreement.proposal import (
    Proposal,
    make_proposal,
    read_proposal,
    write_proposal,
)
from smarketing.agreement.reviews import (
    last_review,
    next_review,
    note_review,
    review_reminder,
)
from smarketing.agreement.schema import json_schema
from smarketing.agreement.scorecard import Axis, Calibration, Rule, Scorecard
from smarketing.agreement.versions import agreement_valid_at, agreement_versions

__all__ = [
    "Agreement",
    "AgreementHistory",
    "AllOf",
    "AnyOf",
    "Axis",
    "Calendar",
    "Calibration",
    "Capacity",
    "Change",
    "Condition",
    "Economics",
    "FieldTest",
    "Goal",
    "Line",
    "Lines",
    "NextVersion",
    "Not",
    "Persona",
    "Proposal",
    "Rule",
    "Scorecard",
    "Sla",
    "Snapshots",
    "Stage",
    "accept",
    "agreement_history",
    "agreement_valid_at",
    "agreement_versions",
    "check_agreement",
    "diff",
    "free_mail",
    "json_schema",
    "last_review",
    "load_agreement",
    "make_proposal",
    "matches",
    "matches_pattern",
    "next_review",
    "note_review",
    "parse_condition",
    "pending_changes",
    "read_proposal",
    "review_reminder",
    "roll_back",
    "write_proposal",
]
