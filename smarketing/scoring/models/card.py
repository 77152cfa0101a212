"""The learned card as one of the models: its reasons are its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from smarketing.agreement.model import Grades
from smarketing.agreement.scorecard import Scorecard
from smarketing.scoring.card_lines import lines_of
from smarketing.scoring.events import what_leads_did
from smarketing.scoring.models.base import LEAST_EFFECT, Model, Reason, Reasons
from smarketing.scoring.points.estimator import PointsScorecard


@dataclass(frozen=True)
class LineReason(Reason):
    """A line of a learned card; `value` is whether the lead is on it."""

    def __str__(self) -> str:
        return f"{'' if self.value else 'not: '}{self.feature} ({self.effect:+.2f})"


class Card(Model):
    """A learned scorecard of few lines and whole points, on both axes.

    What leads did gives engagement, all else fit.

    Attributes
    ----------
    scorecard_ : PointsScorecard
        With ``card_`` and ``grades_``.

    Examples
    --------
    >>> X = pd.DataFrame({"visits": [0.0, 1, 2, 3, 4, 5] * 50, "source": ["web", "fair"] * 150})
    >>> model = Card().fit(X, X.visits >= 3)
    >>> str(model.reasons(X.head(1))[0][1][0]).startswith("not: visits at least 3")
    True
    """

    name = "card"

    def __init__(self, max_lines: int = 15, max_points: int = 20) -> None:
        self.max_lines, self.max_points = max_lines, max_points

    def _fit(self, rows: pd.DataFrame, outcome: np.ndarray, weight: np.ndarray) -> None:
        self.scorecard_ = self._empty().fit(rows, outcome, weight)

    def _importance(self) -> dict[str, float]:
        """Return how far each feature moves the log-odds: its lines' standard deviations.

        A line that joins two features counts half for each.
        """
        learned, total = self.scorecard_, dict.fromkeys(self.features_, 0.0)
        spread = np.sqrt(learned.train_rates_ * (1 - learned.train_rates_))
        for line, one in zip(lines_of(learned.card_), spread.tolist(), strict=True):
            fields = set() if line.rule.when is None else line.rule.when.fields()
            for name in fields:
                total[name] += learned.calibration_.slope * line.rule.points * one / len(fields)
        return total

    def reasons(self, X: pd.DataFrame, top: int = 5) -> list[Reasons]:
        """Return the lines that speak for and against each lead, the strongest first.

        Effects are log-odds against the average lead of the training rows: a line most leads
        are on says little for a lead, and much against one that is not.
        """
        rows = self._checked(X)
        if rows.empty:
            return []
        parts = self.scorecard_.explain(rows.reset_index(drop=True))
        parts["effect"] *= self.scorecard_.calibration_.slope
        result: list[Reasons] = [([], []) for _ in range(len(rows))]
        for row in parts[parts["effect"].abs() >= LEAST_EFFECT].itertuples():
            side = result[row.row][row.effect < 0]
            if len(side) < top:
                side.append(LineReason(row.line, bool(row.met), float(row.effect)))
        return result

    def grid(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return ``fit``, ``engagement``, ``score`` and ``grade`` of each lead."""
        return self.scorecard_.grid(self._checked(X))

    def state(self) -> dict[str, Any]:
        """Return what a file has to hold, in plain types."""
        learned = self.scorecard_
        return {
            **super().state(),
            "limits": [self.max_lines, self.max_points],
            "card": learned.to_agreement(),
            "grades": {"fit": learned.grades_.fit, "engagement": learned.grades_.engagement},
            "train_rates": learned.train_rates_,
            "left_out": learned.left_out_,
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Take up what :meth:`state` returned."""
        super().restore(state)
        self.max_lines, self.max_points = state["limits"]
        learned = self._empty()
        learned.card_ = Scorecard.model_validate(state["card"])
        learned.grades_ = Grades.model_validate(state["grades"])
        learned.train_rates_, learned.left_out_ = state["train_rates"], state["left_out"]
        learned.recall(self.used_, np.array([False, True]))
        self.scorecard_ = learned
        return self

    def _empty(self) -> PointsScorecard:
        did = what_leads_did(self.features_)
        engagement = [name for name in self.used_ if name in did]
        return PointsScorecard(self.max_lines, self.max_points, engagement=engagement)

    def _ready(self, X: pd.DataFrame) -> pd.DataFrame:
        return X  # a card asks for values as they are in the tables

    def _chances(self, rows: pd.DataFrame) -> np.ndarray:
        return self.scorecard_.predict_proba(rows)[:, 1]
