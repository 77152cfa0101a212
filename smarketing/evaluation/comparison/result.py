"""What a comparison of models answers: the models' measures, their differences, a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.evaluation.comparison.plots import dots_and_intervals
from smarketing.results import Picture, Result

_OF_THE_STATUS_QUO = ["models_on_same_rows", "note"]


@dataclass(frozen=True)
class Comparison(Result):
    """Models judged on the same later leads.

    Parameters
    ----------
    models : tuple of dict
        By name: ``name``, ``auc`` with its 95 % interval ``auc_low``, ``auc_high``, ``ap``
        (average precision), ``logloss``, ``brier``, ``ece``, ``calibration_intercept``,
        ``calibration_slope``, ``lift_at_capacity``, ``close_rate_at_capacity`` (with
        ``close_rate_low``, ``close_rate_high``), ``value_at_capacity`` (margin a month, in the
        agreement's currency), ``n`` (rows), ``n_won``. None where it cannot be computed.
    status_quo : dict or None
        The same for the score in use today, on the rows that have it; under
        ``models_on_same_rows`` the models' AUC on those rows.
    differences : tuple of dict
        Each learned model against the agreed card, paired: ``model``, ``against``, ``measure``
        (auc, close_rate_at_capacity, value_at_capacity), ``difference``, ``low``, ``high``.
    verdict : str
        What to make of it; "better" only where the interval of the AUC excludes zero.
    line, target, window_days
        What was predicted.
    leads_per_month : float
        The capacity the leads at capacity were worked under.
    currency : str
    split, split_note : str
        ``rolling`` or ``random``, and what that means.
    months : tuple of str
        The months judged.
    immature : int
        Rows left out because their window is not over.
    notes : tuple of str
    importances : pandas.DataFrame
        ``model``, ``feature``, ``importance``, ``kind``: the learned models' first 15 drivers
        (:func:`smarketing.evaluation.comparison.importances.importances`).
    acceptance : tuple of dict
        By name, whether each model passes MadKudu's acceptance test, with a ``sentence``
        (:func:`smarketing.evaluation.comparison.acceptance.acceptance`).
    at_capacity : tuple of dict
        What each learned model would mean for the team, against the agreed card: money a year
        with its interval, and the share of leads that both would work
        (:func:`smarketing.evaluation.comparison.resampled_metrics.at_capacity`).
    early : tuple of dict
        By model, an estimate on recent months whose windows are not over, marked "early,
        weighted" and part of nothing else here
        (:func:`smarketing.evaluation.comparison.early.judge_early`).
    """

    models: tuple[dict[str, Any], ...]
    status_quo: dict[str, Any] | None
    differences: tuple[dict[str, Any], ...]
    verdict: str
    line: str
    target: str
    window_days: float
    leads_per_month: float
    currency: str
    split: str
    split_note: str
    months: tuple[str, ...]
    immature: int
    notes: tuple[str, ...]
    importances: pd.DataFrame
    acceptance: tuple[dict[str, Any], ...] = ()
    at_capacity: tuple[dict[str, Any], ...] = ()
    early: tuple[dict[str, Any], ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return one row per model, the status quo last."""
        rows = [*self.models, *([self.status_quo] if self.status_quo else [])]
        return pd.DataFrame(rows).drop(columns=_OF_THE_STATUS_QUO, errors="ignore")

    def plot(self) -> Picture:
        """Draw each model's AUC with its interval; the verdict's first sentence is the title."""
        return dots_and_intervals(self.frame(), self.verdict)
