"""The measures of each model on the rows judged, and over the same resamples of leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

from smarketing.evaluation.backtest import metrics
from smarketing.evaluation.backtest.line_economics import Stakes
from smarketing.evaluation.backtest.model_names import AGREED, STATUS_QUO
from smarketing.evaluation.comparison.capacity import Worked, same_picks, work_the_best
from smarketing.scoring.cache import Cache, cached_frame

CHUNK = 50
"""Resamples held in memory at once."""


def draws(
    rows: pd.DataFrame,
    names: Sequence[str],
    stakes: Stakes,
    resamples: int,
    seed: int,
    cache: Cache | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Return each model's measures over the same resamples, so that they can be paired."""
    money = (stakes.leads_per_month, stakes.per_win, stakes.cost)
    columns = cached_frame(
        cache,
        lambda: _drawn(rows, names, stakes, resamples, seed),
        lambda: ["draws", rows, list(names), *money, resamples, seed],
    )
    by_model: dict[str, dict[str, NDArray]] = {name: {} for name in names}
    for column in columns:
        name, measure = column.split(" ")
        by_model[name][measure] = columns[column].to_numpy()
    return by_model


def _drawn(
    rows: pd.DataFrame, names: Sequence[str], stakes: Stakes, resamples: int, seed: int
) -> pd.DataFrame:
    month = rows.month.fillna("").to_numpy(object)
    drawn = metrics.resample_leads(rows.lead_id.to_numpy(object), month, resamples, seed)
    out: dict[str, list[np.ndarray]] = {}
    for start in range(0, resamples, CHUNK):
        count = drawn[start : start + CHUNK].astype(float)
        for name in names:
            for measure, values in measures(rows, name, stakes, count).items():
                out.setdefault(f"{name} {measure}", []).append(values)
    return pd.DataFrame({column: np.concatenate(parts) for column, parts in out.items()})


def measures(
    rows: pd.DataFrame, name: str, stakes: Stakes, count: np.ndarray | None = None
) -> dict[str, Any]:
    """Return a model's AUC and what it brings at capacity, or one of each per resample."""
    y = rows.outcome.to_numpy(float)
    score = ranked_by(rows, name)
    weight = rows.weight.to_numpy(float) * (1.0 if count is None else count)
    got = worked_by(rows, name, stakes, count)
    base = (weight @ y) / weight.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        lift = got.close_rate / base
    return {
        "auc": metrics.auc(y, score, weight),
        "close_rate_at_capacity": got.close_rate,
        "lift_at_capacity": lift,
        "value_at_capacity": got.value(stakes.per_win, stakes.cost)
        if stakes.per_win is not None
        else np.full(np.shape(got.won), np.nan),
    }


def worked_by(
    rows: pd.DataFrame, name: str, stakes: Stakes, count: np.ndarray | None = None
) -> Worked:
    """Return what the leads would have brought that a model chooses for the line's team."""
    spell = rows.groupby(["lead_id", "spell"], sort=False).ngroup().to_numpy()
    month = rows.month.fillna("").to_numpy(object)
    y = rows.outcome.to_numpy(float)
    return work_the_best(spell, month, y, ranked_by(rows, name), stakes.leads_per_month, count)


def at_capacity(
    rows: pd.DataFrame,
    names: Sequence[str],
    differences: Sequence[dict[str, Any]],
    stakes: Stakes,
    monthly: bool,
) -> list[dict[str, Any]]:
    """Return what each learned model would mean for the team, against the agreed card.

    ``model``, ``against``; ``value_per_year`` with its 95 % interval ``value_low``,
    ``value_high`` (of all leads judged, where there are no months; None where the history cannot
    tell what a win is worth); ``currency``; ``same_share``, the share of the leads that both
    would work.
    """
    by = {d["model"]: d for d in differences if d["measure"] == "value_at_capacity"}
    times = 12 if monthly else 1
    agreed = worked_by(rows, AGREED, stakes)

    def money(name: str, key: str) -> float | None:
        return times * by[name][key] if name in by else None

    return [
        {
            "model": name,
            "against": AGREED,
            "value_per_year": money(name, "difference"),
            "value_low": money(name, "low"),
            "value_high": money(name, "high"),
            "currency": stakes.currency,
            "same_share": same_picks(agreed, worked_by(rows, name, stakes)),
        }
        for name in names
    ]


def ranked_by(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Rank by points where there are points: a new calibration each month must not reorder them.

    Learned models rank by what they say of the lead; that it was handed over is not their merit.
    """
    points = {AGREED: "score", STATUS_QUO: "score_today"}
    return rows[points.get(name, f"r_{name}")].to_numpy(float)


def numbers(
    rows: pd.DataFrame, name: str, drawn: dict[str, np.ndarray], stakes: Stakes
) -> dict[str, Any]:
    """Return all measures of a model with their intervals, None where there is no number."""
    y, w = rows.outcome.to_numpy(float), rows.weight.to_numpy(float)
    p, days = rows[f"p_{name}"].to_numpy(float), rows.day_weight.to_numpy(float)
    point = measures(rows, name, stakes)
    low, high = metrics.interval(drawn["auc"])
    close_low, close_high = metrics.interval(drawn["close_rate_at_capacity"])
    intercept, slope = metrics.calibration_line(y, p, days)
    values = {
        "name": name,
        "auc": point["auc"],
        "auc_low": low,
        "auc_high": high,
        "ap": average_precision_score(y, ranked_by(rows, name), sample_weight=w),
        "logloss": log_loss(y, np.clip(p, 1e-12, 1 - 1e-12), sample_weight=days),
        "brier": brier_score_loss(y, p, sample_weight=days),
        "ece": metrics.ece(y, p, days),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
        "lift_at_capacity": point["lift_at_capacity"],
        "close_rate_at_capacity": point["close_rate_at_capacity"],
        "close_rate_low": close_low,
        "close_rate_high": close_high,
        "value_at_capacity": point["value_at_capacity"],
        "n": len(rows),
        "n_won": int(y.sum()),
    }
    return {key: _number(value) for key, value in values.items()}


def _number(value: Any) -> Any:
    if isinstance(value, (str, int)):
        return value
    return float(value) if np.isfinite(value) else None


def paired(
    table: Sequence[dict[str, Any]], drawn: dict[str, dict[str, np.ndarray]], name: str
) -> list[dict[str, Any]]:
    """Return the differences of a learned model to the agreed card, over the same resamples."""
    of = {row["name"]: row for row in table}
    names = {"model": name, "against": AGREED}
    out = []
    for measure in ("auc", "close_rate_at_capacity", "value_at_capacity"):
        model, agreed = of[name][measure], of[AGREED][measure]
        if model is not None and agreed is not None:
            low, high = metrics.interval(drawn[name][measure] - drawn[AGREED][measure])
            ends = {"difference": model - agreed, "low": low, "high": high}
            out.append({**names, "measure": measure, **ends})
    return out
