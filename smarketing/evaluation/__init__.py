"""Judging models and data: leaks, maturity, metrics, backtest, comparison, audit."""

from smarketing.evaluation.acceptance import acceptance
from smarketing.evaluation.audit import Audit, audit
from smarketing.evaluation.backtest import Backtest, backtest
from smarketing.evaluation.comparison import Comparison, compare
from smarketing.evaluation.importances import importances
from smarketing.evaluation.leaks import LeakAudit, find_leaks
from smarketing.evaluation.maturity import Maturity, kaplan_meier, maturity
from smarketing.evaluation.split_gap import SplitGap, split_gap
from smarketing.evaluation.windows import Window, curves_by, early_weights, shortest_window

__all__ = [
    "Audit",
    "Backtest",
    "Comparison",
    "LeakAudit",
    "Maturity",
    "SplitGap",
    "Window",
    "acceptance",
    "audit",
    "backtest",
    "compare",
    "curves_by",
    "early_weights",
    "find_leaks",
    "importances",
    "kaplan_meier",
    "maturity",
    "shortest_window",
    "split_gap",
]
