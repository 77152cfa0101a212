"""A workbench for the agreement between sales and marketing.

:func:`open` gives a :class:`Workspace`, whose methods answer every question; the estimator
:class:`PointsScorecard` learns a scorecard from any table. What is not listed in ``__all__`` may
change from one version to the next.

Examples
--------
>>> import smarketing
>>> with smarketing.open("data/demo") as ws:
...     ws.latest_month()
'2026-10'
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smarketing.errors import CannotAnswer, SmarketingError, UsageError
    from smarketing.evaluation.audit.data_audit import Audit
    from smarketing.evaluation.comparison.result import Comparison
    from smarketing.evaluation.monitoring.monthly_look import Monitor
    from smarketing.funnel.closed_loop import ClosedLoop
    from smarketing.planning.recommended import Recommendation
    from smarketing.planning.volumes.chances import chance_of, trials_needed
    from smarketing.reporting import show
    from smarketing.scoring.points.estimator import PointsScorecard
    from smarketing.scoring.population import Population
    from smarketing.scoring.scores import Scores
    from smarketing.workspace import Workspace
    from smarketing.workspace import open_workspace as open  # noqa: A004 - reads as smarketing.open

__version__ = version("smarketing")

# Imported when first used: `import smarketing` should not wait for scikit-learn.
_HOME = {
    "Audit": "smarketing.evaluation.audit.data_audit",
    "CannotAnswer": "smarketing.errors",
    "ClosedLoop": "smarketing.funnel.closed_loop",
    "Comparison": "smarketing.evaluation.comparison.result",
    "Monitor": "smarketing.evaluation.monitoring.monthly_look",
    "PointsScorecard": "smarketing.scoring.points.estimator",
    "Population": "smarketing.scoring.population",
    "Recommendation": "smarketing.planning.recommended",
    "Scores": "smarketing.scoring.scores",
    "SmarketingError": "smarketing.errors",
    "UsageError": "smarketing.errors",
    "Workspace": "smarketing.workspace",
    "chance_of": "smarketing.planning.volumes.chances",
    "open": "smarketing.workspace:open_workspace",
    "show": "smarketing.reporting.show:",
    "trials_needed": "smarketing.planning.volumes.chances",
}

__all__ = [
    "Audit",
    "CannotAnswer",
    "ClosedLoop",
    "Comparison",
    "Monitor",
    "PointsScorecard",
    "Population",
    "Recommendation",
    "Scores",
    "SmarketingError",
    "UsageError",
    "Workspace",
    "chance_of",
    "open",
    "show",
    "trials_needed",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, colon, attribute = _HOME[name].partition(":")
    home = import_module(module)
    return home if colon and not attribute else getattr(home, attribute or name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
