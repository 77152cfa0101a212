"""What became of the leads: conversion, velocity, hand-over and SLA, claims, campaigns."""

from smarketing.funnel.attribution.campaigns import Campaigns, campaigns
from smarketing.funnel.attribution.journeys import journeys
from smarketing.funnel.attribution.markov import removal_effects
from smarketing.funnel.attribution.models import MODELS, Attribution, Journeys, attribute
from smarketing.funnel.buying_groups import buying_groups, groups_of
from smarketing.funnel.claims.check import Claim, Claims, check_claims
from smarketing.funnel.claims.growth import BarMoves, Growth, bar_moves, mql_growth
from smarketing.funnel.claims.library import CLAIMS
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.funnel.evidence import stage_evidence
from smarketing.funnel.flow.breakdowns import Breakdown, breakdown
from smarketing.funnel.flow.content import Content, customer_content, nurture_content
from smarketing.funnel.flow.holding import Holding, holding
from smarketing.funnel.flow.loss_audit import LossAudit, loss_audit
from smarketing.funnel.flow.nurture import Nurture, nurture
from smarketing.funnel.flow.oddities import odd_cases, oddities
from smarketing.funnel.flow.reasons import Reasons, reasons
from smarketing.funnel.flow.stages import Stages, Trend, stage_counts, trend
from smarketing.funnel.flow.velocity import Velocity, velocity
from smarketing.funnel.history import PATH, History, known_at, with_grades
from smarketing.funnel.key_figures import KeyFigures, key_figures
from smarketing.funnel.rates import wilson
from smarketing.funnel.reading import read_history
from smarketing.funnel.sla.attainment import Attainment, attainment
from smarketing.funnel.sla.business_hours import BusinessHours, elapsed_hours, hours_on_clock
from smarketing.funnel.sla.escalations import Escalations, escalations
from smarketing.funnel.sla.handover import handovers, missing_fields
from smarketing.funnel.sla.promises import Promise
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
    "Content",
    "Escalations",
    "Growth",
    "History",
    "Holding",
    "Journeys",
    "KeyFigures",
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
    "customer_content",
    "elapsed_hours",
    "escalations",
    "groups_of",
    "handovers",
    "holding",
    "hours_on_clock",
    "journeys",
    "key_figures",
    "known_at",
    "loss_audit",
    "missing_fields",
    "mql_growth",
    "nurture",
    "nurture_content",
    "odd_cases",
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
    "with_grades",
]
