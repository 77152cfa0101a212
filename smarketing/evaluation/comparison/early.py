"""Recent months judged before their windows are over: an estimate, kept apart and marked as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest import metrics
from smarketing.evaluation.backtest.rolling import Backtest, Progress, backtest
from smarketing.evaluation.backtest.splits import line_of
from smarketing.evaluation.comparison.resampled_metrics import ranked_by
from smarketing.evaluation.maturity.windows import early_weights
from smarketing.language.catalogue import mark, tr
from smarketing.scoring.cache import Cache, cached_frame
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import count_once

KEYS = ["lead_id", "spell", "as_of"]
LEAST_WINS = 10
WINDOWS = 2
MARK = mark("early, weighted")


def judge_early(
    population: Population,
    agreement: Agreement,
    judged_by: Backtest,
    names: Sequence[str],
    resamples: int = 300,
    seed: int = 0,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> tuple[dict[str, Any], ...]:
    """Judge models on the last two windows, the leads too young for the backtest among them.

    Rows whose window is over count as what became of them, early wins of younger rows for
    themselves and for those that cannot be seen yet
    (:func:`smarketing.evaluation.maturity.windows.early_weights`). It takes young leads to
    convert as fast as the older ones did, so it never enters the comparison proper.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    judged_by : Backtest
        Its rows are used as far as they are recent; younger months are predicted anew.
    names : sequence of str
        Models to judge.
    resamples : int
    seed : int
    progress : callable, optional
    cache : Cache, optional
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Returns
    -------
    tuple of dict
        By model: ``name``, ``how`` ("early, weighted"), ``first_month``, ``last_month``, ``n``
        (rows that count), ``n_won``, ``n_early`` (wins whose window is not over), ``auc``,
        ``auc_low``, ``auc_high``, ``expected_rate``, ``came_rate``. Empty without dates, without
        younger months, or with fewer than ten wins.

    Examples
    --------
    >>> judge_early(population, agreement, judged, ["agreed"])[0]["auc"]  # doctest: +SKIP
    0.87
    """
    until = population.data_until
    if not population.has_time or until is None or not judged_by.months:
        return ()
    months = sorted(month_of(population.rows.as_of, agreement.timezone).unique())
    young = [month for month in months if month > judged_by.months[-1]]
    if not young:
        return ()
    line = line_of(agreement, judged_by.line)
    since = until - WINDOWS * pd.Timedelta(days=line.window_days)
    first = month_of(pd.Series([since]), agreement.timezone).iloc[0]
    try:
        more = backtest(population, agreement, judged_by.line, names, young, seed, progress, cache)
    except CannotAnswer:
        return ()
    names = [name for name in names if name in more.models]
    rows = pd.concat([judged_by.rows, more.rows], ignore_index=True)
    rows = rows[rows.month > first]
    weights = early_weights(population.rows, line, agreement, until)
    known = population.rows[KEYS].assign(
        won=weights.outcome, early=weights.early, worth=weights.weight
    )
    rows = rows.merge(known[known.worth > 0], on=KEYS, validate="1:1")
    if rows.won.sum() < LEAST_WINS or rows.won.all():
        return ()
    rows = rows.sort_values(KEYS, ignore_index=True)
    names = [name for name in names if rows[f"p_{name}"].notna().all()]
    drawn = cached_frame(
        cache,
        lambda: _drawn(rows, names, resamples, seed),
        lambda: ["early", rows, *names, resamples, seed],
    )
    return tuple(_one(rows, name, drawn[name].to_numpy()) for name in names)


def _weights(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return what each row counts: each spell once, and each day."""
    worth = rows.worth.to_numpy(float)
    return worth * count_once(rows).to_numpy(float), worth * rows.day_weight.to_numpy(float)


def _drawn(rows: pd.DataFrame, names: Sequence[str], resamples: int, seed: int) -> pd.DataFrame:
    """Return each model's AUC over resamples of the leads."""
    count = metrics.resample_leads(
        rows.lead_id.to_numpy(object), rows.month.to_numpy(object), resamples, seed
    )
    y, spells = rows.won.to_numpy(float), _weights(rows)[0]
    weight = spells * count.astype(float)
    return pd.DataFrame({name: metrics.auc(y, ranked_by(rows, name), weight) for name in names})


def _one(rows: pd.DataFrame, name: str, drawn: np.ndarray) -> dict[str, Any]:
    y, score = rows.won.to_numpy(float), ranked_by(rows, name)
    spells, days = _weights(rows)
    low, high = metrics.interval(drawn)
    return {
        "name": name,
        "how": tr(MARK),
        "first_month": rows.month.min(),
        "last_month": rows.month.max(),
        "n": len(rows),
        "n_won": int(y.sum()),
        "n_early": int(rows.early.sum()),
        "auc": float(metrics.auc(y, score, spells)),
        "auc_low": float(low),
        "auc_high": float(high),
        "expected_rate": float(np.average(rows[f"p_{name}"].astype(float), weights=days)),
        "came_rate": float(np.average(y, weights=days)),
    }
