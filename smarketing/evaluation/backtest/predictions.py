"""One month's predictions: learned from what was known before it, set right by stage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from smarketing.evaluation.backtest.model_names import AGREED, STATUS_QUO
from smarketing.scoring.cache import Cache, cached_numbers
from smarketing.scoring.calibration import calibrate
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import MOST_ROWS, thinned

STAGES = ("first", "later", "handover")
"""The first row of a spell, a later one, the row at its hand-over."""
_PRIOR = 0.25  # of a shift: normal around none, two log-odds wide
_EDGE = 1e-6
_HASH_KEYS = ("smarketing: rows", "smarketing: also")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Lesson:
    """What a month's models learn from, and which rows they are asked about.

    ``few`` are the rows to learn from, ``staged`` those that show how the stages differ (None
    without dates), ``outcome`` what became of both, ``part`` the rows asked about.
    """

    few: pd.DataFrame
    staged: pd.DataFrame | None
    outcome: pd.Series
    part: pd.DataFrame

    def won(self, rows: pd.DataFrame) -> NDArray[np.bool_]:
        return self.outcome.loc[rows.index].to_numpy(bool)


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
        staged = _to_set_right(train) if self._dated else None
        lesson = _Lesson(thinned(train), staged, won, part)
        out = {}
        for name in models:
            raw, shifts = (
                _by_points("score", lesson) if name == AGREED else self._by_model(name, lesson)
            )
            out[f"r_{name}"], out[f"p_{name}"] = raw, _shifted(raw, part, shifts)
        if "score_today" in lesson.few and part.score_today.notna().any():
            raw, shifts = _by_points("score_today", lesson)
            out[f"p_{STATUS_QUO}"] = _shifted(raw, part, shifts)
        return pd.DataFrame(out, index=part.index)

    def _by_model(self, name: str, lesson: _Lesson) -> tuple[Floats, Floats]:
        """Return a learned model's probabilities and shifts, from the cache where they are."""

        def learn() -> Floats:
            few, staged = lesson.few, lesson.staged
            weight = few.weight.to_numpy(float)
            model = MODELS[name]().fit(self._X.loc[few.index], lesson.won(few), weight)
            raw = model.predict_proba1(self._X.loc[lesson.part.index])
            if staged is None:
                return np.r_[raw, np.zeros(len(STAGES))]
            predicted = model.predict_proba1(self._X.loc[staged.index])
            return np.r_[raw, stage_shifts(predicted, staged, lesson.won(staged))]

        n = len(lesson.part)
        both = cached_numbers(self._cache, learn, lambda: self._depends_on(name, lesson))
        return both[:n], both[n:]

    def _depends_on(self, name: str, lesson: _Lesson) -> list[str | NDArray]:
        """Return everything the answer depends on; ids of leads are not among it."""
        few, staged = lesson.few, lesson.staged
        parts: list[str | NDArray] = [
            model_name(name),
            str(self._X.dtypes.to_dict()),
            self._prints[few.index],
            lesson.won(few),
            few.weight.to_numpy(float),
            self._prints[lesson.part.index],
        ]
        if staged is not None:
            parts += [self._prints[staged.index], lesson.won(staged)]
            parts += [_stage_of(staged), staged.day_weight.to_numpy(float)]
        return parts


def model_name(name: str) -> str:
    """Return a model's name with its settings, for a fingerprint."""
    return json.dumps([name, sorted(vars(MODELS[name]()).items())], default=repr)


def row_prints(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return two numbers for the contents of each row, shape (rows, 2).

    Two independent ones of 64 bits: with one, a chance match among a million rows would not be
    out of the question.

    Examples
    --------
    >>> prints = row_prints(pd.DataFrame({"a": [1.0, 1.0, 2.0], "b": ["x", "x", None]}))
    >>> bool((prints[0] == prints[1]).all()), bool((prints[0] == prints[2]).any())
    (True, False)
    """
    if not frame.shape[1]:
        return np.zeros((len(frame), 2), np.uint64)
    # Texts as plain objects: the same values count alike however pandas stores them.
    plain = frame.astype({c: object for c in frame if not pd.api.types.is_numeric_dtype(frame[c])})
    return np.column_stack(
        [pd.util.hash_pandas_object(plain, index=False, hash_key=key) for key in _HASH_KEYS]
    )


def _by_points(column: str, lesson: _Lesson) -> tuple[Floats, Floats]:
    """Turn points into probability by what was known; NaN where nothing can be learned."""
    few = lesson.few[lesson.few[column].notna()]
    won, shifts = lesson.won(few), np.zeros(len(STAGES))
    if won.all() or not won.any():
        return np.full(len(lesson.part), np.nan), shifts
    curve = calibrate(few[column].to_numpy(float), won, few.weight.to_numpy(float))

    def probability(rows: pd.DataFrame) -> Floats:
        out = np.full(len(rows), np.nan)
        filled = rows[column].notna().to_numpy(bool)
        out[filled] = curve.probability(rows[column].to_numpy(float)[filled])
        return out

    if lesson.staged is not None:
        staged = lesson.staged[lesson.staged[column].notna()]
        shifts = stage_shifts(probability(staged), staged, lesson.won(staged))
    return probability(lesson.part), shifts


def stage_shifts(probability: Floats, rows: pd.DataFrame, won: NDArray[np.bool_]) -> Floats:
    """Return by how many log-odds the rows of each stage do better than was predicted of them.

    A row weighs ``day_weight``, which does not depend on what became of the spell. Weights that
    let each spell count once do: spells that win end early, and their few rows weigh more. One
    shift per stage, with a weak prior around none; the order of leads within a stage stays.

    Parameters
    ----------
    probability : array of shape (n,)
    rows : pandas.DataFrame
        ``number``, ``last_at_handover``, ``day_weight``.
    won : array of shape (n,)

    Examples
    --------
    >>> rows = pd.DataFrame({"number": [1] * 400, "last_at_handover": False, "day_weight": 1.0})
    >>> won = np.r_[np.ones(100), np.zeros(300)]
    >>> stage_shifts(np.full(400, 0.5), rows, won).round(2).tolist()
    [-1.09, 0.0, 0.0]
    """
    stage, weight = _stage_of(rows), rows.day_weight.to_numpy(float)
    parts = [stage == k for k in range(len(STAGES))]
    return np.array([common_shift(probability[of], won[of], weight[of]) for of in parts])


def common_shift(probability: Floats, won: NDArray, weight: Floats | None = None) -> float:
    """Return by how many log-odds rows do better than was predicted of them, all together."""
    z = logit(np.clip(probability, _EDGE, 1 - _EDGE))
    weight = np.ones(len(z)) if weight is None else weight

    def pull(shift: float) -> float:
        return float(weight @ (won - expit(z + shift)) - _PRIOR * shift)

    # A root between two ends is found from anywhere; Newton's steps may run in a circle.
    farthest = weight.sum() / _PRIOR + 1  # beyond it the prior pulls back, whatever was won
    return float(brentq(pull, -farthest, farthest))


def _shifted(raw: Floats, part: pd.DataFrame, shifts: Floats) -> Floats:
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
    rows = train[drawn | handed]
    return rows.assign(day_weight=np.where(rows.last_at_handover, 1.0 / rows.number, 1.0))
