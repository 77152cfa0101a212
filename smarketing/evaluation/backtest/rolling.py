"""What each model would have said of later leads, had it known only what was known then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from smarketing.agreement.model import Agreement, Line
from smarketing.clock import month_bounds, month_of
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.evaluation.backtest.model_names import AGREED, STATUS_QUO
from smarketing.evaluation.backtest.predictions import Predictor, model_name
from smarketing.evaluation.backtest.splits import (
    LEAST_CONVERSIONS,
    known_before,
    line_of,
    months_to_judge,
    teachable,
    too_few,
    wins_before,
)
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count
from smarketing.language.plurals import trn
from smarketing.language.stage_labels import stage_word
from smarketing.results import Result
from smarketing.scoring.cache import Cache, cached_frame, cached_numbers
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import count_once
from smarketing.scoring.targets import label

DEFAULT_MODELS = (AGREED, *MODELS)
FOLDS = 5
RANDOM_NOTE = mark("The split is random, because the table has no dates.")

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Backtest(Result):
    """Predictions made before the outcome, beside the outcome.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``lead_id``, ``spell``, ``as_of``, ``month``, ``number``, ``last_at_handover``,
        ``weight`` (each spell counts once among the mature rows: for the order of leads),
        ``day_weight`` (1 ÷ the row's number in its spell, whatever becomes of it: for
        probabilities), ``outcome`` (nullable; null while immature), ``mature``, ``fit`` and
        ``score`` (the agreed card's points), ``score_today`` (the score in use, if any) and for
        each model ``r_MODEL``, what it says of the lead and orders leads by, and ``p_MODEL``,
        the probability of the target within the window once it is known whether the lead is
        fresh, waiting or just handed over
        (:class:`smarketing.evaluation.backtest.predictions.Predictor`).
    models : tuple of str
        The models judged.
    line, target : str
        The line and the stage its leads are to reach.
    window_days : float
    months : tuple of str
        The months judged; empty with a random split.
    n_immature : int
        Rows of those months whose window is not over: left out, never losses.
    split : str
        ``rolling`` or ``random``.
    split_note : str
        What the split is, in a sentence.
    notes : tuple of str
        What was left out and why, a sentence each.
    """

    rows: pd.DataFrame
    models: tuple[str, ...]
    line: str
    target: str
    window_days: float
    months: tuple[str, ...]
    n_immature: int
    split: str
    split_note: str
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the rows with all predictions."""
        return self.rows.copy()

    def judged(self) -> pd.DataFrame:
        """Return the mature rows: those with an outcome."""
        return self.rows[self.rows.mature].reset_index(drop=True)


def backtest(
    population: Population,
    agreement: Agreement,
    line: str = "sql",
    models: Sequence[str] | None = None,
    months: int | Iterable[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Backtest:
    """Judge models on later leads, month by month (rolling origin).

    For each month: train on the rows whose outcome was known before it began, predict the rows
    of that month, and compare with what became of them. The agreed card's points are turned
    into a probability on the training rows only; so is the score in use today, where the leads
    have one. A table without dates is split at random into five parts, and says so.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    line : str
        ``mql`` or ``sql``.
    models : sequence of str, optional
        Names of :data:`smarketing.scoring.models.registry.MODELS`, and ``agreed``.
    months : int or iterable of str, optional
        The months to judge ("YYYY-MM"), or how many of the last ones whose windows are over;
        by default 12.
    seed : int
        Of the random split.
    progress : callable, optional
        Called with (months done, months in all, the month) after each one.
    cache : Cache, optional
        Where each month's predictions of each learned model are kept: an interrupted run goes
        on where it was, a second one reads. The answer is the same, to the last bit.

    Raises
    ------
    UsageError
        For an unknown line or model, or a misspelt month.
    CannotAnswer
        If no row can be judged yet.

    Examples
    --------
    >>> backtest(population, agreement, months=6).months  # doctest: +SKIP
    ('2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07')
    """
    rule = line_of(agreement, line)
    names = _checked(models)
    if population.rows.empty:
        raise CannotAnswer(tr("no model can be judged: there are no leads to look at"))
    asked = _Asked(population, agreement, line, rule, names, progress, cache)
    return _rolling(asked, months) if population.has_time else _random(asked, seed)


@dataclass(frozen=True)
class _Asked:
    """What a backtest was asked, with the notes on what it leaves out."""

    population: Population
    agreement: Agreement
    line: str
    rule: Line
    models: tuple[str, ...]
    progress: Progress | None
    cache: Cache | None
    notes: list[str] = field(default_factory=list)

    def learnable(self, enough: bool) -> tuple[str, ...]:
        """Return the models that can be judged: learned ones only where enough is known."""
        names = tuple(n for n in self.models if n == AGREED or enough)
        if not names:
            why = self.notes[-1].rstrip(".") if self.notes else tr("there are too few conversions")
            raise CannotAnswer(
                tr(
                    "{models} cannot be judged on {stage}: {why}",
                    models=", ".join(self.models),
                    stage=stage_word(self.rule.target),
                    why=why,
                )
            )
        return names


def _checked(models: Sequence[str] | None) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(DEFAULT_MODELS if models is None else models))
    for name in names:
        if name != AGREED and name not in MODELS:
            allowed = ", ".join([AGREED, *sorted(MODELS)])
            raise UsageError(Problem("there is no such model", found=repr(name), allowed=allowed))
    return names


def _rolling(asked: _Asked, months: int | Iterable[str] | None) -> Backtest:
    population, agreement, rule = asked.population, asked.agreement, asked.rule
    zone = agreement.timezone
    rows = population.in_time
    rows = rows.assign(month=month_of(rows.as_of, zone))
    final = label(rows, rule, agreement, population.data_until)
    about = [population.fingerprint, agreement.model_dump_json(), asked.line]
    chosen, enough = _months(asked, rows, final, months, about)
    models = asked.learnable(enough)
    part = rows[rows.month.isin(chosen) & ~final.reached]

    def predicted() -> pd.DataFrame:
        parts, predict = [], Predictor(population, rows, asked.cache)
        for done, month in enumerate(chosen, 1):
            start, _ = month_bounds(month, zone)
            train, won = known_before(rows, rule, agreement, start)
            parts.append(predict(train, won, part[part.month == month], models))
            if asked.progress:
                asked.progress(done, len(chosen), month)
        return pd.concat(parts).loc[part.index]

    settings = [AGREED if n == AGREED else model_name(n) for n in models]
    guesses = cached_frame(asked.cache, predicted, lambda: ["backtest", *about, *chosen, *settings])
    judged = pd.concat([part, guesses.set_axis(part.index)], axis=1)
    note = mark(
        "The split rolls by month: each month from {first} to {last} is judged by models that "
        "saw only outcomes known before it began."
    )
    if len(chosen) == 1:
        note = mark(
            "The split rolls by month: {month} is judged by models that saw only outcomes known "
            "before it began."
        )
    note = tr(note, month=chosen[0], first=chosen[0], last=chosen[-1])
    return _result(asked, judged, final, models, "rolling", note, tuple(chosen))


def _months(
    asked: _Asked,
    rows: pd.DataFrame,
    final: pd.DataFrame,
    months: int | Iterable[str] | None,
    about: list[str],
) -> tuple[list[str], bool]:
    """Return the months to judge, and whether learned models can be trained for them."""

    def wins(months: list[str]) -> dict[str, int]:
        def count() -> NDArray[np.float64]:
            return np.array(wins_before(rows, asked.agreement, asked.rule, months), float)

        known = cached_numbers(asked.cache, count, lambda: ["wins", *about, *months])
        return dict(zip(months, known.astype(int).tolist(), strict=True))

    zone, until = asked.agreement.timezone, asked.population.data_until
    notes: list[str] = []
    wanted = months_to_judge(rows, final, asked.rule, zone, until, months)
    chosen, enough = teachable(wins(wanted), notes)
    if not enough and (months is None or isinstance(months, int)):
        # a short history: where no whole month can be judged by learned models, a part may be
        more: list[str] = []
        later, enough = teachable(wins(sorted(rows.month[final.mature].unique())), more)
        if enough:
            chosen, notes = later, more
            notes.append(
                tr(
                    "In {month} only the rows whose window is over are judged; the history is too "
                    "short for whole months.",
                    month=later[-1],
                )
            )
    if not chosen:
        raise CannotAnswer(tr("no model can be judged: {why}", why=notes[-1].rstrip(".")))
    asked.notes.extend(notes)
    return chosen, enough


def _random(asked: _Asked, seed: int) -> Backtest:
    rows = asked.population.rows.reset_index(drop=True)
    final = label(rows, asked.rule, asked.agreement, None)
    known = rows[final.mature]
    won = final.outcome[final.mature].astype(bool)
    wins, losses = int(won.sum()), int((~won).sum())
    if min(wins, losses) < FOLDS:
        raise CannotAnswer(
            tr(
                "no model can be judged: of the {n} leads with an outcome {won} won and {lost} did "
                "not; at least {least} of each are needed",
                n=count(len(known)),
                won=count(wins),
                lost=count(losses),
                least=count(FOLDS),
            )
        )
    if wins < LEAST_CONVERSIONS and set(asked.models) - {AGREED}:
        asked.notes.append(too_few(wins))
    models = asked.learnable(wins >= LEAST_CONVERSIONS)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    parts, predict = [], Predictor(asked.population, rows, asked.cache)
    for done, (train, test) in enumerate(folds.split(known, won), 1):
        part = known.iloc[test]
        guesses = predict(known.iloc[train], won.iloc[train], part, models)
        parts.append(pd.concat([part, guesses], axis=1))
        if asked.progress:
            asked.progress(done, FOLDS, f"part {done}")
    judged = pd.concat(parts).sort_index().assign(month=None)
    unknown = len(rows) - len(known)
    if unknown:
        asked.notes.append(
            trn(
                "{n} lead without an outcome is left out.",
                "{n} leads without an outcome are left out.",
                unknown,
            )
        )
    return _result(asked, judged, final, models, "random", tr(RANDOM_NOTE))


def _result(
    asked: _Asked,
    judged: pd.DataFrame,
    final: pd.DataFrame,
    models: tuple[str, ...],
    split: str,
    note: str,
    months: tuple[str, ...] = (),
) -> Backtest:
    labels = final.loc[judged.index]
    judged = judged.assign(outcome=labels.outcome, mature=labels.mature.astype(bool), weight=0.0)
    mature = judged[judged.mature]
    judged.loc[mature.index, "weight"] = count_once(mature)
    if "score_today" not in judged:
        judged["score_today"] = np.nan
    judged["day_weight"] = 1.0 / judged.number if split == "rolling" else 1.0
    guesses = [f"{kind}_{n}" for n in (*models, STATUS_QUO) for kind in "rp"]
    columns = ["lead_id", "spell", "as_of", "month", "number", "last_at_handover", "weight"]
    columns += ["day_weight", "outcome", "mature", "fit", "score", "score_today"]
    columns += [c for c in guesses if c in judged]
    return Backtest(
        rows=judged[columns].reset_index(drop=True),
        models=models,
        line=asked.line,
        target=asked.rule.target,
        window_days=float(asked.rule.window_days),
        months=months,
        n_immature=int((~judged.mature).sum()),
        split=split,
        split_note=note,
        notes=tuple(asked.notes),
    )
