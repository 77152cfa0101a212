"""The measures of each model on the rows judged, and over the same resamples of leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from smarketing.evaluation.backtest import metrics
from smarketing.evaluation.backtest.line_economics import Stakes
from smarketing.evaluation.backtest.rolling import AGREED, STATUS_QUO
from smarketing.evaluation.comparison.capacity import Worked, same_picks, work_the_best
from smarketing.scoring.cache import Cache, kept_frame

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
    found = kept_frame(
        cache,
        lambda: _drawn(rows, names, stakes, resamples, seed),
        lambda: ["draws", rows, list(names), *money, resamples, seed],
    )
    columns = [column.split(" ") for column in found]
    return {
        name: {
            measure: found[f"{name} {measure}"].to_numpy() for of, measure in columns if of == name
        }
        for name in names
    }


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
    told = []
    for name in names:
        worth = by.get(name, {})
        money = {
            "value_per_year": worth.get("difference"),
            "value_low": worth.get("low"),
            "value_high": worth.get("high"),
        }
        told.append(
            {
                "model": name,
                "against": AGREED,
                **{key: None if value is None else times * value for key, value in money.items()},
                "currency": stakes.currency,
                "same_share": same_picks(agreed, worked_by(rows, name, stakes)),
            }
        )
    return told


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
    here = measures(rows, name, stakes)
    low, high = metrics.interval(drawn["auc"])
    close_low, close_high = metrics.interval(drawn["close_rate_at_capacity"])
    intercept, slope = metrics.calibration_line(y, p, days)
    values = {
        "name": name,
        "auc": here["auc"],
        "auc_low": low,
        "auc_high": high,
        "ap": metrics.average_precision(y, ranked_by(rows, name), w),
        "logloss": metrics.log_loss(y, p, days),
        "brier": metrics.brier(y, p, days),
        "ece": metrics.ece(y, p, days),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
        "lift_at_capacity": here["lift_at_capacity"],
        "close_rate_at_capacity": here["close_rate_at_capacity"],
        "close_rate_low": close_low,
        "close_rate_high": close_high,
        "value_at_capacity": here["value_at_capacity"],
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
    out = []
    for measure in ("auc", "close_rate_at_capacity", "value_at_capacity"):
        if of[name][measure] is None or of[AGREED][measure] is None:
            continue
        low, high = metrics.interval(drawn[name][measure] - drawn[AGREED][measure])
        difference = of[name][measure] - of[AGREED][measure]
        out.append(
            {
                "model": name,
                "against": AGREED,
                "measure": measure,
                "difference": difference,
                "low": low,
                "high": high,
            }
        )
    return out
