"""All models on the same later leads, with intervals, and an honest verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.line_economics import Stakes, stakes_of
from smarketing.evaluation.backtest.rolling import AGREED, STATUS_QUO, Backtest, Progress
from smarketing.evaluation.backtest.rolling import backtest as run_backtest
from smarketing.evaluation.comparison.acceptance import acceptance
from smarketing.evaluation.comparison.early import judge_early
from smarketing.evaluation.comparison.importances import importances
from smarketing.evaluation.comparison.resampled_metrics import (
    at_capacity,
    draws,
    measures,
    numbers,
    paired,
    ranked_by,
)
from smarketing.evaluation.comparison.verdict import verdict_of
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, number
from smarketing.language.stage_labels import stage_word
from smarketing.results import Result, plain
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population

RESAMPLES = 300
KEYS = (
    "name", "auc", "auc_low", "auc_high", "ap", "logloss", "brier", "ece",
    "calibration_intercept", "calibration_slope", "lift_at_capacity", "close_rate_at_capacity",
    "close_rate_low", "close_rate_high", "value_at_capacity", "n", "n_won",
)  # fmt: skip


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
        return pd.DataFrame([{key: row[key] for key in KEYS} for row in rows], columns=list(KEYS))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; the importances as records."""
        return plain({**super().to_dict(), "importances": self.importances})

    def plot(self) -> Any:
        """Draw each model's AUC with its interval; the verdict's first sentence is the title."""
        from smarketing.evaluation.comparison.plots import dots_and_intervals

        return dots_and_intervals(self.frame(), self.verdict)


def compare(
    population: Population,
    agreement: Agreement,
    line: str = "sql",
    models: Sequence[str] | None = None,
    backtest: Backtest | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Comparison:
    """Judge all models on the same later leads.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    line : str
        ``sql`` (its capacity is closing's) or ``mql`` (qualification's, where there is one).
    models : sequence of str, optional
        By default the agreed card and all learned models.
    backtest : Backtest, optional
        One made before; otherwise it is run.
    resamples : int
        Of the bootstrap over leads, blocked by month, behind every interval.
    seed : int
    progress : callable, optional
    cache : Cache, optional
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Raises
    ------
    CannotAnswer
        If no row can be judged, or all of them won, or none.

    Examples
    --------
    >>> comparison = compare(population, agreement)  # doctest: +SKIP
    >>> comparison.frame()[["name", "auc", "auc_low", "auc_high"]]  # doctest: +SKIP
    """
    judged_by = backtest or run_backtest(
        population, agreement, line, models, seed=seed, progress=progress, cache=cache
    )
    rows = judged_by.judged()
    _check(rows, judged_by)
    stakes = stakes_of(population, agreement, judged_by.line)
    names = sorted(n for n in judged_by.models if models is None or n in models)
    usable = [n for n in names if rows[f"p_{n}"].notna().all()]
    notes = [*judged_by.notes, *_capacity_notes(judged_by, stakes)]
    notes += [
        tr(
            "{model} is not judged: its points cannot be turned into a probability without "
            "outcomes.",
            model=n,
        )
        for n in names
        if n not in usable
    ]
    if not usable:
        why = " ".join(notes).rstrip(".")
        raise CannotAnswer(tr("no model can be judged: {why}", why=why))
    drawn = draws(rows, usable, stakes, resamples, seed, cache)
    table = tuple(numbers(rows, n, drawn[n], stakes) for n in usable)
    differences = tuple(
        d for n in usable if n != AGREED and AGREED in usable for d in paired(table, drawn, n)
    )
    today = _status_quo(rows, usable, stakes, resamples, seed, cache)
    monthly = judged_by.split == "rolling"
    others = [n for n in usable if n != AGREED] if AGREED in usable else []
    means = at_capacity(rows, others, differences, stakes, monthly)
    shown = importances(population, agreement, judged_by.line, usable, cache)
    return Comparison(
        models=tuple(plain(row) for row in table),
        status_quo=today,
        differences=tuple(plain(row) for row in differences),
        verdict=verdict_of(table, differences, stakes, len(rows), monthly, means),
        line=judged_by.line,
        target=judged_by.target,
        window_days=judged_by.window_days,
        leads_per_month=stakes.leads_per_month,
        currency=stakes.currency,
        split=judged_by.split,
        split_note=judged_by.split_note,
        months=judged_by.months,
        immature=judged_by.n_immature,
        notes=tuple(notes),
        importances=shown,
        acceptance=tuple(
            {"name": n, **acceptance(rows.outcome.astype(float), ranked_by(rows, n), rows.weight)}
            for n in usable
        ),
        at_capacity=tuple(plain(row) for row in means),
        early=tuple(
            plain(row)
            for row in judge_early(
                population, agreement, judged_by, usable, resamples, seed, progress, cache
            )
        ),
    )


def _check(rows: pd.DataFrame, judged_by: Backtest) -> None:
    if rows.empty:
        raise CannotAnswer(
            tr(
                "no model can be judged: the window of {days} days is over for none of the {n} "
                "rows of {months}",
                days=number(judged_by.window_days),
                n=count(judged_by.n_immature),
                months=", ".join(judged_by.months),
            )
        )
    won = int(rows.outcome.sum())
    if won in (0, len(rows)):
        told = {
            "n": count(len(rows)),
            "stage": stage_word(judged_by.target),
            "days": number(judged_by.window_days),
        }
        raise CannotAnswer(
            tr(
                "no model can be judged: none of the {n} rows reached {stage} within {days} days, "
                "so nothing tells good scores from bad ones",
                **told,
            )
            if won == 0
            else tr(
                "no model can be judged: every one of the {n} rows reached {stage} within {days} "
                "days, so nothing tells good scores from bad ones",
                **told,
            )
        )


def _status_quo(
    rows: pd.DataFrame,
    names: Sequence[str],
    stakes: Stakes,
    resamples: int,
    seed: int,
    cache: Cache | None,
) -> dict[str, Any] | None:
    if f"p_{STATUS_QUO}" not in rows:
        return None
    have = rows[rows[f"p_{STATUS_QUO}"].notna()].reset_index(drop=True)
    if have.empty or have.outcome.nunique() < 2:
        return None
    drawn = draws(have, [STATUS_QUO], stakes, resamples, seed, cache)
    values = plain(numbers(have, STATUS_QUO, drawn[STATUS_QUO], stakes))
    same = {n: float(measures(have, n, stakes)["auc"]) for n in names}
    note = tr(
        "Measured on the {k} of {n} rows that have the score in use today; the models' AUC on "
        "those same rows stands beside it.",
        k=count(len(have)),
        n=count(len(rows)),
    )
    return {**values, "models_on_same_rows": same, "note": note}


def _capacity_notes(judged_by: Backtest, stakes: Stakes) -> list[str]:
    k = number(stakes.leads_per_month)
    if judged_by.split == "random":
        what = tr(
            "At capacity: the {k} best of all leads, since without dates there are no months.", k=k
        )
    else:
        what = tr(
            "At capacity: the {k} best leads of each month that were not worked before, each "
            "spell once.",
            k=k,
        )
    return [what, *stakes.notes]
