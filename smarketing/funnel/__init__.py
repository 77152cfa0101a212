"""What became of the leads: conversion, velocity, hand-over and SLA, claims, campaigns."""

from smarketing.funnel.attainment import Attainment, attainment
from smarketing.funnel.attribution import MODELS, Attribution, Journeys, attribute
from smarketing.funnel.breakdowns import Breakdown, breakdown
from smarketing.funnel.business_hours import BusinessHours, elapsed_hours, hours_on_clock
from smarketing.funnel.buying_groups import buying_groups, groups_of
from smarketing.funnel.campaigns import Campaigns, campaigns
from smarketing.funnel.claims import CLAIMS, Claim, Claims, check_claims
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.funnel.escalations import Escalations, escalations
from smarketing.funnel.evidence import stage_evidence
from smarketing.funnel.growth import BarMoves, Growth, bar_moves, mql_growth
from smarketing.funnel.handover import handovers, missing_fields
from smarketing.funnel.history import PATH, History, known_at
from smarketing.funnel.holding import Holding, holding
from smarketing.funnel.journeys import journeys
from smarketing.funnel.loss_audit import LossAudit, loss_audit, oddities
from smarketing.funnel.markov import removal_effects
from smarketing.funnel.nurture import Nurture, nurture
from smarketing.funnel.promises import Promise
from smarketing.funnel.rates import wilson
from smarketing.funnel.reading import read_history
from smarketing.funnel.reasons import Reasons, reasons
from smarketing.funnel.stages import Stages, Trend, stage_counts, trend
from smarketing.funnel.velocity import Velocity, velocity
from smarketing.funnel.weekly import WeeklyMeeting, week_bounds, weekly

__all__ = [
    "CLAIMS",
    "MODELS",
    "PATH",
    "Attainment",
    "Attribution",
    "BarMoves",
    "Breakdown",
    "BusinessHours",
    "Campaigns",
    "Claim",
    "Claims",
    "ClosedLoop",
    "Escalations",
    "Growth",
    "History",
    "Holding",
    "Journeys",
    "LossAudit",
    "Nurture",
    "Promise",
    "Reasons",
    "Stages",
    "Trend",
    "Velocity",
    "WeeklyMeeting",
    "attainment",
    "attribute",
    "bar_moves",
    "breakdown",
    "buying_groups",
    "campaigns",
    "check_claims",
    "closed_loop",
    "elapsed_hours",
    "escalations",
    "groups_of",
    "handovers",
    "holding",
    "hours_on_clock",
    "journeys",
    "known_at",
    "loss_audit",
    "missing_fields",
    "mql_growth",
    "nurture",
    "oddities",
    "read_history",
    "reasons",
    "removal_effects",
    "stage_counts",
    "stage_evidence",
    "trend",
    "velocity",
    "week_bounds",
    "weekly",
    "wilson",
]
