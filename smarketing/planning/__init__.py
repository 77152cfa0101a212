"""Planning: the lines under capacity, the volumes to promise, the next agreement."""

from smarketing.planning.goals.smart import SmartCheck, check_goals
from smarketing.planning.lines.by_group import GroupLines, recommend_lines_by
from smarketing.planning.lines.grades import GradeLines, recommend_grades
from smarketing.planning.lines.row_chances import add_chances
from smarketing.planning.lines.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.lines.whatif import Answer, WhatIf
from smarketing.planning.people.speed import ContactSpeed, worth_of_speed
from smarketing.planning.people.staffing import Staffing, people_needed
from smarketing.planning.proposal import changes_of, effects_of, propose
from smarketing.planning.recommendation import Recommendation, recommend
from smarketing.planning.volumes.back_check import BackCheck, back_check
from smarketing.planning.volumes.bottleneck import Bottleneck, find_bottleneck
from smarketing.planning.volumes.chances import chance_of, trials_needed
from smarketing.planning.volumes.outlook import make_outlook
from smarketing.planning.volumes.promises import SLAVolumes, promise_volumes
from smarketing.planning.volumes.simple_forms import CrossChecks, cross_check, linear_pace
from smarketing.planning.volumes.simulate import Outlook, simulate

__all__ = [
    "Answer",
    "BackCheck",
    "Bottleneck",
    "ContactSpeed",
    "CrossChecks",
    "GradeLines",
    "GroupLines",
    "Outlook",
    "Recommendation",
    "SLAVolumes",
    "SmartCheck",
    "Staffing",
    "Thresholds",
    "WhatIf",
    "add_chances",
    "back_check",
    "chance_of",
    "changes_of",
    "check_goals",
    "cross_check",
    "effects_of",
    "find_bottleneck",
    "linear_pace",
    "make_outlook",
    "people_needed",
    "promise_volumes",
    "propose",
    "recommend",
    "recommend_grades",
    "recommend_lines_by",
    "recommend_thresholds",
    "simulate",
    "trials_needed",
    "worth_of_speed",
]
