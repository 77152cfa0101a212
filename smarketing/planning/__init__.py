"""Planning: the lines under capacity, the volumes to promise, the next agreement."""

from smarketing.planning.bottleneck import Bottleneck, find_bottleneck
from smarketing.planning.chances import chance_of, trials_needed
from smarketing.planning.outlook import make_outlook
from smarketing.planning.proposal import changes_of, effects_of, propose
from smarketing.planning.recommendation import Recommendation, recommend
from smarketing.planning.row_chances import add_chances
from smarketing.planning.simple_forms import CrossChecks, cross_check, linear_pace
from smarketing.planning.simulate import Outlook, simulate
from smarketing.planning.smart import SmartCheck, check_goals
from smarketing.planning.speed import ContactSpeed, worth_of_speed
from smarketing.planning.staffing import Staffing, people_needed
from smarketing.planning.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.volumes import SLAVolumes, promise_volumes
from smarketing.planning.whatif import Answer, WhatIf

__all__ = [
    "Answer",
    "Bottleneck",
    "ContactSpeed",
    "CrossChecks",
    "Outlook",
    "Recommendation",
    "SLAVolumes",
    "SmartCheck",
    "Staffing",
    "Thresholds",
    "WhatIf",
    "add_chances",
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
    "recommend_thresholds",
    "simulate",
    "trials_needed",
    "worth_of_speed",
]
