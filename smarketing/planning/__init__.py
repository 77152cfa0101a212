"""Planning: the lines under capacity, the volumes to promise, the next agreement."""

from smarketing.planning.chances import chance_of, trials_needed
from smarketing.planning.outlook import make_outlook
from smarketing.planning.proposal import changes_of, effects_of, propose
from smarketing.planning.recommendation import Recommendation, recommend
from smarketing.planning.row_chances import add_chances
from smarketing.planning.simulate import Outlook, simulate
from smarketing.planning.thresholds import Thresholds, recommend_thresholds
from smarketing.planning.volumes import SLAVolumes, promise_volumes
from smarketing.planning.whatif import Answer, WhatIf

__all__ = [
    "Answer",
    "Outlook",
    "Recommendation",
    "SLAVolumes",
    "Thresholds",
    "WhatIf",
    "add_chances",
    "chance_of",
    "changes_of",
    "effects_of",
    "make_outlook",
    "promise_volumes",
    "propose",
    "recommend",
    "recommend_thresholds",
    "simulate",
    "trials_needed",
]
