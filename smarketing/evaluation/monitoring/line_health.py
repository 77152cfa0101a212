"""Whether the line holds: what its leads are expected to become, and what came of promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from smarketing.agreement.model import Agreement
from smarketing.clock import month_bounds
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.model_names import AGREED
from smarketing.evaluation.backtest.predictions import common_shift
from smarketing.evaluation.backtest.rolling import Backtest
from smarketing.evaluation.backtest.splits import above_line, known_before, line_of
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, percent
from smarketing.language.plurals import trn
from smarketing.language.stage_labels import stage_word
from smarketing.results import Result

LEAST_WINS = 10
KEYS = ["lead_id", "spell", "as_of"]


@dataclass(frozen=True)
class LineState(Result):
    """Whether a line still does what it was drawn for.

    Parameters
    ----------
    above : int
        Leads at or above the line.
    expected_rate : float
        What the calibrated probabilities promise of them, before outcomes arrive.
    low, high : float
        Between which the rate lies in 95 of 100 cases, if the probabilities are right.
    promised_rate : float
        What the line was drawn for.
    stale : bool
    """

    above: int
    expected_rate: float | None
    low: float | None
    high: float | None
    promised_rate: float
    stale: bool

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.expected_rate is None:
            return tr("No lead stands above the line, so nothing can be said about it.")
        text = trn(
            "Of the {n} lead above the line {share} are expected to reach the target ({low} to "
            "{high}); the line was drawn for {promised}.",
            "Of the {n} leads above the line {share} are expected to reach the target ({low} to "
            "{high}); the line was drawn for {promised}.",
            self.above,
            share=percent(self.expected_rate, 1),
            low=percent(self.low, 1),
            high=percent(self.high, 1),
            promised=percent(self.promised_rate, 1),
        )
        if not self.stale:
            return text + " " + tr("It still holds.")
        stale = tr("It has gone stale: draw it anew, and consider training anew.")
        return f"{text} {stale}"


def line_state(
    probability: ArrayLike, above: ArrayLike, promised_rate: float, promised_of: int | None = None
) -> LineState:
    """Say whether the leads above a line are still as good as when it was drawn.

    The expected rate is the mean of the calibrated probabilities; its spread that of as many
    independent leads, normal. Stale means that the promised rate lies outside, by more than
    its own luck where it was measured on a number of leads.

    Parameters
    ----------
    probability : array of shape (n,)
        Calibrated.
    above : array of shape (n,)
        Whether each lead stands at or above the line.
    promised_rate : float
    promised_of : int, optional
        Leads the promised rate was measured on.

    Examples
    --------
    >>> line_state([0.1] * 400, [True] * 400, 0.25).stale
    True
    """
    p = np.asarray(probability, float)[np.asarray(above, bool)]
    if len(p) == 0:
        return LineState(0, None, None, None, promised_rate, stale=False)
    mean, spread = p.mean(), 1.96 * np.sqrt((p * (1 - p)).sum()) / len(p)
    low, high = max(mean - spread, 0.0), min(mean + spread, 1.0)
    own = promised_rate * (1 - promised_rate) / promised_of if promised_of else 0.0
    stale = abs(mean - promised_rate) > np.hypot(spread, 1.96 * np.sqrt(own))
    return LineState(len(p), float(mean), float(low), float(high), promised_rate, bool(stale))


def calibration_by_month(rows: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return what was predicted and what came, month by month, with an alarm.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``Backtest.judged()``: ``lead_id``, ``spell``, ``month``, ``outcome``, ``day_weight``,
        ``p_MODEL``.
    model : str

    Returns
    -------
    pandas.DataFrame
        ``month``, ``n``, ``predicted_rate``, ``actual_rate``, ``gap``, ``moved``: whether the
        gap is more than luck, at 95 %; the rows of a spell share one fate.
    """
    table = []
    for month, part in rows.groupby("month", sort=True):
        w = part.day_weight.to_numpy(float)
        spell = part.groupby(["lead_id", "spell"], sort=False).ngroup()
        p = float(np.average(part[f"p_{model}"].astype(float), weights=w))
        won = float(np.average(part.outcome.astype(float), weights=w))
        luck = 1.96 * np.sqrt(p * (1 - p) * (np.bincount(spell, w) ** 2).sum()) / w.sum()
        table.append((month, len(part), p, won, won - p, bool(abs(won - p) > luck)))
    names = ["month", "n", "predicted_rate", "actual_rate", "gap", "moved"]
    return pd.DataFrame(table, columns=names)


def crossings(rows: pd.DataFrame, agreement: Agreement, line: str) -> pd.DataFrame:
    """Return the first row of each spell at or above the line."""
    above = rows[above_line(rows, agreement, line)].sort_values("as_of", kind="stable")
    return above.drop_duplicates(["lead_id", "spell"])


def crossed_state(
    rows: pd.DataFrame, judged: Backtest, agreement: Agreement, line: str, month: str
) -> LineState:
    """Hold what this month's crossings are expected to become against those before the agreement.

    Probabilities that are right on all rows are not on those that cross a line first: they are
    shifted by what earlier crossings came to, as far as it was known when the month began.
    """
    chance = judged.rows[[*KEYS, f"p_{AGREED}"]].rename(columns={f"p_{AGREED}": "p"})
    crossed = crossings(rows, agreement, line).merge(chance, on=KEYS, how="inner")
    crossed = crossed[crossed.p.notna()]
    rule = line_of(agreement, line)
    signed, _ = month_bounds(f"{agreement.valid_from:%Y-%m}", agreement.timezone)
    start, _ = month_bounds(month, agreement.timezone)
    _, won = known_before(crossed, rule, agreement, min(signed, start))
    if won.sum() < LEAST_WINS:
        raise CannotAnswer(
            tr(
                "what the line was drawn for cannot be told: {k} of the {n} leads above it before "
                "the agreement are known to have reached {stage}, at least {least} are needed",
                k=count(won.sum()),
                n=count(len(won)),
                stage=stage_word(rule.target),
                least=count(LEAST_WINS),
            )
        )
    known, known_won = known_before(crossed, rule, agreement, start)
    shift = common_shift(known.p.to_numpy(float), known_won.to_numpy(float))
    now = crossed[crossed.month == month]
    return line_state(
        expit(logit(np.clip(now.p.to_numpy(float), 1e-6, 1 - 1e-6)) + shift),
        np.ones(len(now), bool),
        float(won.mean()),
        promised_of=len(won),
    )
