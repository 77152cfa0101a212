"""Judging models and data: leaks, maturity, metrics, backtest, comparison, audit."""

from smarketing.evaluation.audit import Audit, audit
from smarketing.evaluation.backtest import Backtest, backtest
from smarketing.evaluation.comparison import Comparison, compare
from smarketing.evaluation.importances import importances
from smarketing.evaluation.leaks import LeakAudit, find_leaks
from smarketing.evaluation.maturity import Maturity, kaplan_meier, maturity

__all__ = [
    "Audit",
    "Backtest",
    "Comparison",
    "LeakAudit",
    "Maturity",
    "audit",
    "backtest",
    "compare",
    "find_leaks",
    "importances",
    "kaplan_meier",
    "maturity",
]
