"""Judging models and data: leaks, maturity, metrics, backtest, comparison, audit."""

from smarketing.evaluation.acceptance import acceptance
from smarketing.evaluation.audit import Audit, audit
from smarketing.evaluation.backtest import Backtest, backtest
from smarketing.evaluation.champions import Challenge, challenge
from smarketing.evaluation.comparison import Comparison, compare
from smarketing.evaluation.importances import importances
from smarketing.evaluation.leaks import LeakAudit, find_leaks
from smarketing.evaluation.maturity import Maturity, kaplan_meier, maturity
from smarketing.evaluation.monitor import Monitor, monitor
from smarketing.evaluation.monitoring import calibration_by_month, choose, drift, line_state, psi
from smarketing.evaluation.selection import explore, outside_share
from smarketing.evaluation.split_gap import SplitGap, split_gap
from smarketing.evaluation.windows import Window, curves_by, early_weights, shortest_window
from smarketing.scoring.cache import Cache

__all__ = [
    "Audit",
    "Backtest",
    "Cache",
    "Challenge",
    "Comparison",
    "LeakAudit",
    "Maturity",
    "Monitor",
    "SplitGap",
    "Window",
    "acceptance",
    "audit",
    "backtest",
    "calibration_by_month",
    "challenge",
    "choose",
    "compare",
    "curves_by",
    "drift",
    "early_weights",
    "explore",
    "find_leaks",
    "importances",
    "kaplan_meier",
    "line_state",
    "maturity",
    "monitor",
    "outside_share",
    "psi",
    "shortest_window",
    "split_gap",
]
