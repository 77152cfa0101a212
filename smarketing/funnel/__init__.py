"""What became of the leads: conversion, velocity, hand-over and SLA, claims, campaigns."""

from smarketing.funnel.attainment import Attainment, attainment
from smarketing.funnel.business_hours import BusinessHours, elapsed_hours, hours_on_clock
from smarketing.funnel.campaigns import Campaigns, campaigns
from smarketing.funnel.claims import CLAIMS, Claim, Claims, check_claims
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.funnel.handover import handovers, missing_fields
from smarketing.funnel.history import PATH, History
from smarketing.funnel.promises import Promise
from smarketing.funnel.rates import wilson
from smarketing.funnel.reading import read_history
from smarketing.funnel.stages import Stages, Trend, stage_counts, trend
from smarketing.funnel.velocity import Velocity, velocity

__all__ = [
    "CLAIMS",
    "PATH",
    "Attainment",
    "BusinessHours",
    "Campaigns",
    "Claim",
    "Claims",
    "ClosedLoop",
    "History",
    "Promise",
    "Stages",
    "Trend",
    "Velocity",
    "attainment",
    "campaigns",
    "check_claims",
    "closed_loop",
    "elapsed_hours",
    "handovers",
    "hours_on_clock",
    "missing_fields",
    "read_history",
    "stage_counts",
    "trend",
    "velocity",
    "wilson",
]
