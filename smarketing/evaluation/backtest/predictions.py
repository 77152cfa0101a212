"""One month's predictions: learned from what was known before it, set right by stage."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from smarketing.evaluation.backtest.prediction_keys import columns_of, model_name, row_prints
from smarketing.evaluation.backtest.splits import MOST_ROWS, thinned
from smarketing.scoring.cache import Cache, kept
from smarketing.scoring.calibration import calibrate
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population

AGREED = "agreed"
STATUS_QUO = "status_quo"
STAGES = ("first", "later", "handover")
"""The first row of a spell, a later one, the row at its hand-over."""
_PRIOR = 0.25  # of a shift: normal around none, two log-odds wide
_EDGE = 1e-6


class Predictor:
    """Predict rows of a population by models that learned from others of its rows.

    Parameters
    ----------
    population : Population
    rows : pandas.DataFrame
        Its rows, numbered from 0; what is learned from and asked about are rows of these.
    cache : Cache, optional
        Where the learned models' answers are kept.
    """

    def __init__(self, population: Population, rows: pd.DataFrame, cache: Cache | None) -> None:
        self._X = population.X(rows)
        self._dated = population.has_time
        self._cache = cache

    @cached_property
    def _prints(self) -> NDArray[np.uint64]:
        return row_prints(self._X)

    def __call__(
        self, train: pd.DataFrame, won: pd.Series, part: pd.DataFrame, models: tuple[str, ...]
    ) -> pd.DataFrame:
        """Return ``r_MODEL`` and ``p_MODEL`` of each row of `part`.

        ``r_MODEL`` is what the model says of the lead; ``p_MODEL`` the probability of its
        target, once it is known whether the row is the spell's first, a later one, or stands at
        the hand-over. A hand-over is news: somebody spoke with the lead, and no feature says so.

        Parameters
        ----------
        train : pandas.DataFrame
            With ``weight``: each spell counts once.
        won : pandas.Series of bool
            What became of them.
        part : pandas.DataFrame
        models : tuple of str
        """
        few = thinned(train)
        asked = _to_set_right(train) if self._dated else None
        out = {}
        for name in models:
            if name == AGREED:
                raw, shifts = self._points("score", few, won, asked, part)
            else:
                raw, shifts = self._kept(name, few, won, asked, part)
            out[f"r_{name}"], out[f"p_{name}"] = raw, _shifted(raw, part, shifts)
        if "score_today" in few and part.score_today.notna().any():
            raw, shifts = self._points("score_today", few, won, asked, part)
            out[f"p_{STATUS_QUO}"] = _shifted(raw, part, shifts)
        return pd.DataFrame(out, index=part.index)

    def _kept(
        self,
        name: str,
        few: pd.DataFrame,
        won: pd.Series,
        asked: pd.DataFrame | None,
        part: pd.DataFrame,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        def make() -> NDArray[np.float64]:
            return np.concatenate(self._learned(name, few, won, asked, part))

        both = kept(
            self._cache,
            len(part) + len(STAGES),
            make,
            lambda: self._all_it_depends_on(name, few, won, asked, part),
        )
        return both[: len(part)], both[len(part) :]

    def _learned(
        self,
        name: str,
        few: pd.DataFrame,
        won: pd.Series,
        asked: pd.DataFrame | None,
        part: pd.DataFrame,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        y, weight = won.loc[few.index].to_numpy(bool), few.weight.to_numpy(float)
        model = MODELS[name]().fit(self._X.loc[few.index], y, sample_weight=weight)
        raw = model.predict_proba1(self._X.loc[part.index])
        if asked is None:
            return raw, np.zeros(len(STAGES))
        said = model.predict_proba1(self._X.loc[asked.index])
        return raw, stage_shifts(said, asked, won.loc[asked.index].to_numpy(float))

    def _points(
        self,
        column: str,
        few: pd.DataFrame,
        won: pd.Series,
        asked: pd.DataFrame | None,
        part: pd.DataFrame,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Turn points into probability by what was known; NaN where nothing can be learned."""
        there = few[column].notna().to_numpy(bool)
        y = won.loc[few.index].to_numpy(bool)[there]
        if y.all() or not y.any():
            return np.full(len(part), np.nan), np.zeros(len(STAGES))
        curve = calibrate(few[column].to_numpy(float)[there], y, few.weight.to_numpy(float)[there])

        def said(rows: pd.DataFrame) -> NDArray[np.float64]:
            out = np.full(len(rows), np.nan)
            filled = rows[column].notna().to_numpy(bool)
            out[filled] = curve.probability(rows[column].to_numpy(float)[filled])
            return out

        shifts = np.zeros(len(STAGES))
        if asked is not None:
            rows = asked[asked[column].notna()]
            shifts = stage_shifts(said(rows), rows, won.loc[rows.index].to_numpy(float))
        return said(part), shifts

    def _all_it_depends_on(
        self,
        name: str,
        few: pd.DataFrame,
        won: pd.Series,
        asked: pd.DataFrame | None,
        part: pd.DataFrame,
    ) -> list[str | NDArray]:
        """Return everything the answer depends on; ids of leads are not among it."""
        parts: list[str | NDArray] = [
            model_name(name),
            columns_of(self._X),
            self._prints[few.index],
            won.loc[few.index].to_numpy(bool),
            few.weight.to_numpy(float),
            self._prints[part.index],
        ]
        if asked is not None:
            stages = _stage_of(asked)
            parts += [self._prints[asked.index], won.loc[asked.index].to_numpy(bool)]
            parts += [stages, asked.day_weight.to_numpy(float)]
        return parts


def stage_shifts(
    said: NDArray[np.float64], rows: pd.DataFrame, won: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return by how many log-odds the rows of each stage do better than was said of them.

    A row weighs ``day_weight``, which does not depend on what became of the spell. Weights that
    let each spell count once do: spells that win end early, and their few rows weigh more. One
    shift per stage, with a weak prior around none; the order of leads within a stage stays.

    Parameters
    ----------
    said : array of shape (n,)
        Probabilities.
    rows : pandas.DataFrame
        ``number``, ``last_at_handover``, ``day_weight``.
    won : array of shape (n,)

    Examples
    --------
    >>> rows = pd.DataFrame({"number": [1] * 400, "last_at_handover": False, "day_weight": 1.0})
    >>> stage_shifts(np.full(400, 0.5), rows, np.r_[np.ones(100), np.zeros(300)]).round(2).tolist()
    [-1.09, 0.0, 0.0]
    """
    z = logit(np.clip(said, _EDGE, 1 - _EDGE))
    stage, weight = _stage_of(rows), rows.day_weight.to_numpy(float)
    shift = np.zeros(len(STAGES))
    for _ in range(30):
        p = expit(z + shift[stage])
        pull = np.bincount(stage, weight * (won - p), len(STAGES)) - _PRIOR * shift
        hold = np.bincount(stage, weight * p * (1 - p), len(STAGES)) + _PRIOR
        step = np.clip(pull / hold, -1, 1)
        shift = shift + step
        if np.abs(step).max() < 1e-10:
            break
    return shift


def common_shift(said: NDArray[np.float64], won: NDArray[np.float64]) -> float:
    """Return by how many log-odds rows do better than was said of them, all together."""
    alike = pd.DataFrame(
        {"number": 1, "last_at_handover": False, "day_weight": 1.0}, range(len(said))
    )
    return float(stage_shifts(said, alike, won)[0])


def _shifted(
    raw: NDArray[np.float64], part: pd.DataFrame, shifts: NDArray[np.float64]
) -> NDArray[np.float64]:
    if not shifts.any():
        return raw
    return expit(logit(np.clip(raw, _EDGE, 1 - _EDGE)) + shifts[_stage_of(part)])


def _stage_of(rows: pd.DataFrame) -> NDArray[np.int64]:
    later = np.where(rows.number.to_numpy() == 1, 0, 1)
    return np.where(rows.last_at_handover.to_numpy(bool), 2, later)


def _to_set_right(train: pd.DataFrame) -> pd.DataFrame:
    """Return rows with ``day_weight``, drawn by nothing but their number in the spell.

    A row stays with chance 1 / number, so that old spells with their hundred rows do not rule;
    rows at the hand-over, few and a stage of their own, all stay.
    """
    weight = 1.0 / train.number.to_numpy(float)
    chance = weight * min(1.0, MOST_ROWS / weight.sum())
    handed = train.last_at_handover.to_numpy(bool)
    drawn = np.random.default_rng(0).random(len(train)) < chance
    kept = train[drawn | handed]
    return kept.assign(day_weight=np.where(kept.last_at_handover, 1.0 / kept.number, 1.0))
