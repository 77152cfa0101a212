"""Judge the learned scorecard: on the public sets, on noise, and on a million made-up leads.

    python -m benchmarks.learned_card --data ../shared/data
    python -m benchmarks.learned_card --rows 1000000 --columns 30

The first takes the splits of other libraries' published figures: X Education five-fold without
the columns that leak, Olist's leads of 2018 won within 90 days, the last 30 % in time as judge.
The second gives seconds, peak memory and whether DuckDB gives every row the same points.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from smarketing.scoring.points.estimator import PointsScorecard
from tests.public_sets import olist, x_education


def judge_x_education(folder: Path) -> None:
    """Print AUC, log loss, lines and seconds of five folds."""
    X, y = x_education(folder)
    for most in (5, 10, 15, 40):
        rows = []
        for learnt, held in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
            start = time.perf_counter()
            card = PointsScorecard(most).fit(X.iloc[learnt], y[learnt])
            took = time.perf_counter() - start
            chance = card.predict_proba(X.iloc[held])[:, 1]
            best = np.argsort(-chance, kind="stable")[: round(0.3 * len(held))]
            rows.append(
                (
                    roc_auc_score(y[held], chance),
                    log_loss(y[held], chance),
                    y[held][best].mean(),
                    len(card.card_.fit.rules),
                    took,
                )
            )
        auc, loss, close, lines, seconds = np.mean(rows, axis=0)
        print(
            f"X Education, at most {most}: AUC {auc:.4f}, log loss {loss:.4f}, "
            f"best 30 % close {close:.1%}, {lines:.1f} lines, {seconds:.2f} s a fit"
        )


def judge_olist(folder: Path) -> None:
    """Print AUC of five seeds, and the interval against one-hot logistic regression."""
    X, y = olist(folder)
    n = int(0.7 * len(y))
    logistic = make_pipeline(
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20),
        LogisticRegression(max_iter=2000),
    ).fit(X[:n].fillna("missing"), y[:n])
    peer = logistic.predict_proba(X[n:].fillna("missing"))[:, 1]
    print(f"Olist, one-hot logistic: AUC {roc_auc_score(y[n:], peer):.4f}")
    for seed in range(5):
        card = PointsScorecard(10, random_state=seed).fit(X[:n], y[:n])
        chance = card.predict_proba(X[n:])[:, 1]
        rng, gaps = np.random.default_rng(0), []
        for _ in range(500):
            drawn = rng.integers(0, len(y) - n, len(y) - n)
            truth = y[n:][drawn]
            gaps.append(roc_auc_score(truth, chance[drawn]) - roc_auc_score(truth, peer[drawn]))
        low, high = np.quantile(gaps, [0.05, 0.95])
        print(
            f"Olist, at most 10, seed {seed}: AUC {roc_auc_score(y[n:], chance):.4f}, "
            f"{len(card.card_.fit.rules)} lines, "
            f"against logistic {low:+.3f} to {high:+.3f} (90 %)"
        )


def judge_noise(folder: Path) -> None:
    """Print how many lines are learned where the outcome is shuffled: none would be right."""
    X, y = x_education(folder)
    rng = np.random.default_rng(0)
    lines = [len(PointsScorecard(40).fit(X, rng.permutation(y)).card_.fit.rules) for _ in range(10)]
    print(f"X Education, outcome shuffled ten times: {lines} lines")


def made_up(rows: int, columns: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return leads of mixed columns (numbers, counts, categories, booleans), a tenth missing."""
    rng = np.random.default_rng(0)
    log_odds, frame = np.full(rows, -2.5), {}
    for i in range(columns):
        kind = i % 4
        if kind == 0:
            values = np.round(rng.lognormal(3, 1.5, rows), 2)
            log_odds += 0.8 * (values > 40) / (1 + i / 4)
        elif kind == 1:
            values = rng.poisson(3, rows).astype(float)
            log_odds += 0.2 * values / (1 + i / 4)
        elif kind == 2:
            level = np.minimum(rng.zipf(1.6, rows), 200)
            log_odds += np.isin(level, [2, 5]) / (1 + i / 4)
            values = np.char.add("level ", level.astype(str)).astype(object)
        else:
            values = (rng.random(rows) < 0.2).astype(object)
            log_odds += 0.7 * values.astype(bool) / (1 + i / 4)
        values[rng.random(rows) < 0.1] = None if values.dtype == object else np.nan
        frame[f"column {i}"] = pd.Series(values, dtype="boolean" if kind == 3 else None)
    return pd.DataFrame(frame), rng.random(rows) < 1 / (1 + np.exp(-log_odds))


def judge_scale(rows: int, columns: int) -> None:
    """Print seconds, peak memory, and rows whose points differ from DuckDB's."""
    import ibis  # here, so that its memory is not counted with the fit's

    from smarketing.scoring.condition_expressions import to_ibis

    X, y = made_up(rows, columns)
    before = _peak_gb()
    start = time.perf_counter()
    card = PointsScorecard().fit(X, y)
    fitted = time.perf_counter()
    points = card.points(X)
    print(
        f"{rows:,} × {columns}: fit {fitted - start:.1f} s, points of all rows "
        f"{time.perf_counter() - fitted:.1f} s, {len(card.card_.fit.rules)} lines, "
        f"AUC {roc_auc_score(y, points):.4f}, peak memory {_peak_gb():.2f} GB "
        f"({before:.2f} GB before the fit)"
    )
    duck = ibis.duckdb.from_connection(duckdb.connect())
    table = duck.create_table("leads", X.reset_index(names="row number"))
    total = sum(
        (to_ibis(rule.when, table).ifelse(rule.points, 0) for rule in card.card_.fit.rules),
        start=ibis.literal(0),
    )
    scored = table.select("row number", points=total).order_by("row number").execute()
    print(f"rows whose points differ in SQL: {(scored.points.to_numpy() != points).sum()}")


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--rows", type=int, help="rows of the made-up table")
    parser.add_argument("--columns", type=int, default=30)
    asked = parser.parse_args()
    if asked.data:
        judge_x_education(asked.data)
        judge_olist(asked.data)
        judge_noise(asked.data)
    if asked.rows:
        judge_scale(asked.rows, asked.columns)
