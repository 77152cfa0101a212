"""A scorecard learned from history: few lines, whole points, the form of an agreed one."""

from smarketing.scoring.points.estimator import PointsScorecard
from smarketing.scoring.points.inputs import CannotLearn

__all__ = ["CannotLearn", "PointsScorecard"]
