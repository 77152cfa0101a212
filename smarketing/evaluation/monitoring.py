"""Month against month: what moved, whether the line still holds, whether to change models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smarketing.evaluation.splits import LEAST_CONVERSIONS, too_few
from smarketing.results import Result

BINS = 10
WATCH, MOVED = 0.1, 0.25
"""Siddiqi 2006, "Credit Risk Scorecards": below 0.1 stable, above 0.25 moved."""
LEAST_ROWS = 100
_HALF_A_ROW = 0.5


def psi(before: ArrayLike, now: ArrayLike) -> float:
    """Return the population stability index of a column between two sets of leads.

    Numbers are cut at the deciles of `before`; texts are categories, the rarest put together;
    missing is a category of its own. An empty cell counts as half a lead, so that no index is
    infinite.

    Parameters
    ----------
    before, now : array
        Of any type; at least one value each, otherwise NaN.

    Examples
    --------
    >>> psi(["web"] * 50 + ["fair"] * 50, ["web"] * 50 + ["fair"] * 50)
    0.0
    >>> round(psi(["web"] * 50 + ["fair"] * 50, ["web"] * 90 + ["fair"] * 10), 2)
    0.88
    """
    old, new = _cells(pd.Series(before), pd.Series(now))
    if old.sum() == 0 or new.sum() == 0:
        return float("nan")
    old, new = np.maximum(old, _HALF_A_ROW), np.maximum(new, _HALF_A_ROW)
    p, q = old / old.sum(), new / new.sum()
    return float(((q - p) * np.log(q / p)).sum())


def _cells(before: pd.Series, now: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    numeric = pd.api.types.is_numeric_dtype(before) and not pd.api.types.is_bool_dtype(before)
    if numeric and before.nunique() > BINS:
        cuts = np.unique(np.nanquantile(before.astype(float), np.linspace(0, 1, BINS + 1)[1:-1]))
        cell = [
            pd.Series(np.searchsorted(cuts, part.astype(float), side="right"), dtype=object).where(
                part.notna().to_numpy(), "missing"
            )
            for part in (before, now)
        ]
    else:
        common = before.dropna().astype(str).value_counts()
        kept = set(common[common >= max(0.01 * len(before), 1)].index)
        cell = []
        for part in (before, now):
            text = part.astype(object).where(part.notna(), None)
            cell.append(
                pd.Series(
                    ["missing" if v is None else str(v) if str(v) in kept else "rare" for v in text]
                )
            )
    names = sorted({str(v) for part in cell for v in part})
    counts = [part.astype(str).value_counts().reindex(names, fill_value=0) for part in cell]
    return counts[0].to_numpy(float), counts[1].to_numpy(float)


def drift(rows: pd.DataFrame, columns: list[str], month: str = "month") -> pd.DataFrame:
    """Return each column's stability index, every month against the one before.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per lead and moment, with the column `month`.
    columns : list of str
        Features, or scores.
    month : str

    Returns
    -------
    pandas.DataFrame
        ``month``, ``column``, ``psi``, ``verdict`` (``stable``, ``watch``, ``moved``,
        ``too few`` below 100 rows in either month, with no index), the most moved of each month
        first.

    Examples
    --------
    >>> rows = pd.DataFrame({"month": ["2026-01"] * 100 + ["2026-02"] * 100,
    ...                      "source": ["web"] * 100 + ["fair"] * 100})
    >>> drift(rows, ["source"]).verdict.tolist()
    ['moved']
    """
    parts = dict(list(rows.groupby(month, sort=True)))
    names, told = sorted(parts), []
    for earlier, later in pairwise(names):
        few = min(len(parts[earlier]), len(parts[later])) < LEAST_ROWS
        for column in columns:
            index = None if few else psi(parts[earlier][column], parts[later][column])
            told.append((later, column, index, _verdict(index)))
    frame = pd.DataFrame(told, columns=["month", "column", "psi", "verdict"])
    place = np.lexsort((frame.column, -frame.psi.astype(float).fillna(-1), frame.month))
    return frame.iloc[place].reset_index(drop=True)


def _verdict(index: float | None) -> str:
    if index is None:
        return "too few"
    return "moved" if index > MOVED else "watch" if index > WATCH else "stable"


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
            return "No lead stands above the line, so nothing can be said about it."
        text = (
            f"Of the {self.above:,} leads above the line {self.expected_rate:.1%} are expected to "
            f"reach the target ({self.low:.1%} to {self.high:.1%}); the line was drawn for "
            f"{self.promised_rate:.1%}."
        )
        if not self.stale:
            return f"{text} It still holds."
        return f"{text} It has gone stale: draw it anew, and consider training anew."


def line_state(probability: ArrayLike, above: ArrayLike, promised_rate: float) -> LineState:
    """Say whether the leads above a line are still as good as when it was drawn.

    The expected rate is the mean of the calibrated probabilities; its spread that of as many
    independent leads, normal. Stale means that the promised rate lies outside.

    Parameters
    ----------
    probability : array of shape (n,)
        Calibrated.
    above : array of shape (n,)
        Whether each lead stands at or above the line.
    promised_rate : float

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
    stale = not low <= promised_rate <= high
    return LineState(len(p), float(mean), float(low), float(high), promised_rate, bool(stale))


def calibration_by_month(rows: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return what was predicted and what came, month by month, with an alarm.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``Backtest.judged()``: ``month``, ``outcome``, ``weight``, ``p_MODEL``.
    model : str

    Returns
    -------
    pandas.DataFrame
        ``month``, ``n``, ``predicted_rate``, ``actual_rate``, ``gap``, ``moved``: whether the
        gap is more than luck, at 95 %, with as many independent spells as the weights add up to.
    """
    told = []
    for month, part in rows.groupby("month", sort=True):
        w = part.weight.to_numpy(float)
        p = float(np.average(part[f"p_{model}"].astype(float), weights=w))
        won = float(np.average(part.outcome.astype(float), weights=w))
        luck = 1.96 * np.sqrt(p * (1 - p) / max(w.sum(), 1e-9))
        told.append((month, len(part), p, won, won - p, bool(abs(won - p) > luck)))
    names = ["month", "n", "predicted_rate", "actual_rate", "gap", "moved"]
    return pd.DataFrame(told, columns=names)


@dataclass(frozen=True)
class Choice(Result):
    """Whether the champion stays; a proposal to people, never carried out by itself."""

    model: str
    retrain: bool
    reason: str


def choose(
    champion: str,
    challenger: str,
    difference_low: float,
    age_months: float,
    most_months: float,
    conversions: int,
) -> Choice:
    """Say whether a challenger should take the champion's place.

    A champion stays until a challenger is better with an interval, or the champion is older
    than the agreement allows. With too few conversions nothing is learned at all.

    Parameters
    ----------
    champion, challenger : str
    difference_low : float
        Lower bound of the paired 95 % interval of the AUC, challenger less champion.
    age_months : float
        Since the champion was trained or agreed.
    most_months : float
        ``review.agreement_every_months`` of the agreement.
    conversions : int
        Known to train on.

    Examples
    --------
    >>> choose("agreed", "boosted", 0.01, 2, 3, 80).model
    'boosted'
    >>> choose("agreed", "boosted", -0.01, 2, 3, 80).model
    'agreed'
    """
    if conversions < LEAST_CONVERSIONS:
        return Choice(champion, retrain=False, reason=too_few(conversions))
    if difference_low > 0:
        reason = f"The {challenger} model ranks leads better than {champion}, with an interval."
        return Choice(challenger, retrain=False, reason=reason)
    if age_months > most_months:
        reason = (
            f"{champion} is {age_months:g} months old, {most_months:g} are agreed: train or agree "
            "it anew. No challenger is better with an interval."
        )
        return Choice(champion, retrain=True, reason=reason)
    reason = f"No challenger is better than {champion} with an interval, so it stays."
    return Choice(champion, retrain=False, reason=reason)
