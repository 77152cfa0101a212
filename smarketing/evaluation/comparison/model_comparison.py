"""All models on the same later leads, with intervals, and an honest verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.line_economics import Stakes, stakes_of
from smarketing.evaluation.backtest.model_names import AGREED, STATUS_QUO
from smarketing.evaluation.backtest.rolling import Backtest, Progress
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
from smarketing.evaluation.comparison.result import Comparison
from smarketing.evaluation.comparison.verdict import verdict_of
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, number
from smarketing.language.stage_labels import stage_word
from smarketing.results import plain
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population

RESAMPLES = 300


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
    usable, notes = _usable(rows, judged_by, models, stakes)
    drawn = draws(rows, usable, stakes, resamples, seed, cache)
    table = tuple(numbers(rows, n, drawn[n], stakes) for n in usable)
    learned = [n for n in usable if n != AGREED] if AGREED in usable else []
    differences = tuple(d for n in learned for d in paired(table, drawn, n))
    monthly = judged_by.split == "rolling"
    means = at_capacity(rows, learned, differences, stakes, monthly)
    won = rows.outcome.astype(float)
    early = judge_early(population, agreement, judged_by, usable, resamples, seed, progress, cache)
    return Comparison(
        models=table,
        status_quo=_status_quo(rows, usable, stakes, resamples, seed, cache),
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
        notes=notes,
        importances=importances(population, agreement, judged_by.line, usable, cache),
        acceptance=tuple(
            {"name": n, **acceptance(won, ranked_by(rows, n), rows.weight)} for n in usable
        ),
        at_capacity=tuple(plain(row) for row in means),
        early=early,
    )


def _usable(
    rows: pd.DataFrame, judged_by: Backtest, models: Sequence[str] | None, stakes: Stakes
) -> tuple[list[str], tuple[str, ...]]:
    """Return the models that have a probability for every row, and the notes on the judging."""
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
    return usable, tuple(notes)


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
        sizes = {
            "n": count(len(rows)),
            "stage": stage_word(judged_by.target),
            "days": number(judged_by.window_days),
        }
        none = mark(
            "no model can be judged: none of the {n} rows reached {stage} within {days} days, "
            "so nothing tells good scores from bad ones"
        )
        every = mark(
            "no model can be judged: every one of the {n} rows reached {stage} within {days} "
            "days, so nothing tells good scores from bad ones"
        )
        raise CannotAnswer(tr(every if won else none, **sizes))


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
    undated = mark(
        "At capacity: the {k} best of all leads, since without dates there are no months."
    )
    monthly = mark(
        "At capacity: the {k} best leads of each month that were not worked before, each spell "
        "once."
    )
    text = undated if judged_by.split == "random" else monthly
    return [tr(text, k=number(stakes.leads_per_month)), *stakes.notes]
