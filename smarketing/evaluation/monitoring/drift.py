"""Month against month: what moved, whether the line still holds, whether to change models."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from smarketing.evaluation.backtest.predictions import AGREED
from smarketing.evaluation.backtest.splits import LEAST_CONVERSIONS, too_few
from smarketing.evaluation.comparison.wording import called, capital
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import number, percent
from smarketing.language.plurals import trn
from smarketing.results import Result

CHAMPION = "the agreed card"
BINS = 10
WATCH, MOVED = 0.1, 0.25
"""Siddiqi 2006, "Credit Risk Scorecards": below 0.1 stable, above 0.25 moved."""
LEAST_ROWS = 100
LUCK = 0.001
STABLE = mark("stable")
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
    return _index(*_cells(pd.Series(before), pd.Series(now)))


def _index(old: NDArray[np.float64], new: NDArray[np.float64]) -> float:
    if old.sum() == 0 or new.sum() == 0:
        return float("nan")
    old, new = np.maximum(old, _HALF_A_ROW), np.maximum(new, _HALF_A_ROW)
    p, q = old / old.sum(), new / new.sum()
    return float(((q - p) * np.log(q / p)).sum())


def _cells(before: pd.Series, now: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    numeric = pd.api.types.is_numeric_dtype(before) and not pd.api.types.is_bool_dtype(before)
    if numeric and before.nunique() > BINS:
        cuts = np.unique(np.nanquantile(before.astype(float), np.linspace(0, 1, BINS + 1)[1:-1]))
        old, new = (_in_bins(part, cuts) for part in (before, now))
        some = old + new > 0
        return old[some], new[some]
    common = _texts(before)
    kept = {text for text, n in common.items() if n >= max(0.01 * len(before), 1)}
    counts = []
    for part in (before, now):
        cells = Counter({"missing": int(part.isna().sum())})
        for text, n in _texts(part).items():
            cells[text if text in kept else "rare"] += n
        counts.append(cells)
    names = sorted(name for name in {*counts[0], *counts[1]} if any(c[name] for c in counts))
    old, new = (np.array([cells[name] for name in names], float) for cells in counts)
    return old, new


def _in_bins(part: pd.Series, cuts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the values between the cuts, and last the missing ones."""
    values = part.to_numpy(float, na_value=np.nan)
    missing = np.isnan(values)
    found = np.searchsorted(cuts, values[~missing], side="right")
    return np.r_[np.bincount(found, minlength=len(cuts) + 1), missing.sum()].astype(float)


def _texts(part: pd.Series) -> Counter[str]:
    found: Counter[str] = Counter()
    for value, n in part.dropna().value_counts().items():
        found[str(value)] += int(n)
    return found


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
        first. What chance moves as far once in a thousand columns is stable: of two hundred
        leads in ten cells each the index is 0.09 on average though nothing moved.

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
            if few:
                told.append((later, column, None, mark("too few")))
                continue
            cells = _cells(parts[earlier][column], parts[later][column])
            index = _index(*cells)
            told.append(
                (later, column, index, _verdict(index) if index > _luck(*cells) else STABLE)
            )
    frame = pd.DataFrame(told, columns=["month", "column", "psi", "verdict"])
    place = np.lexsort((frame.column, -frame.psi.astype(float).fillna(-1), frame.month))
    return frame.iloc[place].reset_index(drop=True)


def _verdict(index: float) -> str:
    return mark("moved") if index > MOVED else mark("watch") if index > WATCH else STABLE


def _luck(old: NDArray[np.float64], new: NDArray[np.float64]) -> float:
    """Return the index that two draws from the same leads exceed once in a thousand.

    Over 1/n + 1/m it is chi-squared, with a degree less than cells (Yurdakul and Naranjo 2020).
    """
    cells = int(((old + new) > 0).sum())
    if cells < 2:
        return 0.0
    return float(chi2.ppf(1 - LUCK, cells - 1) * (1 / old.sum() + 1 / new.sum()))


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
    probability: ArrayLike,
    above: ArrayLike,
    promised_rate: float,
    promised_of: int | None = None,
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
    told = []
    weight = "day_weight" if "day_weight" in rows else "weight"
    for month, part in rows.groupby("month", sort=True):
        w = part[weight].to_numpy(float)
        p = float(np.average(part[f"p_{model}"].astype(float), weights=w))
        won = float(np.average(part.outcome.astype(float), weights=w))
        luck = 1.96 * np.sqrt(p * (1 - p) * (_by_spell(part, w) ** 2).sum()) / w.sum()
        told.append((month, len(part), p, won, won - p, bool(abs(won - p) > luck)))
    names = ["month", "n", "predicted_rate", "actual_rate", "gap", "moved"]
    return pd.DataFrame(told, columns=names)


def _by_spell(rows: pd.DataFrame, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    if "spell" not in rows:
        return weight
    return np.bincount(rows.groupby(["lead_id", "spell"], sort=False).ngroup(), weight)


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
    who = called(AGREED if champion == CHAMPION else champion)
    if conversions < LEAST_CONVERSIONS:
        return Choice(champion, retrain=False, reason=too_few(conversions))
    if difference_low > 0:
        reason = tr(
            "{challenger} ranks leads better than {champion}, with an interval: propose it in the "
            "next review.",
            challenger=capital(called(challenger)),
            champion=who,
        )
        return Choice(challenger, retrain=False, reason=reason)
    if age_months > most_months:
        reason = tr(
            "{champion} is {age} months old, {most} are agreed: train or agree it anew. No "
            "challenger is better with an interval.",
            champion=capital(who),
            age=number(age_months),
            most=number(most_months),
        )
        return Choice(champion, retrain=True, reason=reason)
    reason = tr(
        "No challenger is better than {champion} with an interval, so it stays.",
        champion=who,
    )
    return Choice(champion, retrain=False, reason=reason)
