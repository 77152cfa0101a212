"""Which lines a card is made of: one at a time, each paying for how many it was picked from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.model_selection import RepeatedStratifiedKFold

from smarketing.scoring.log_odds import NO_RIDGE, fit_log_odds, log_loss
from smarketing.scoring.points.bins import BinnedRule, Rows

_RIDGE, _RIDGE_SHARE = 20.0, 0.04
_SUPPORT, _SUPPORT_SHARE = 15.0, 0.05
_JOINED_COLUMNS = 10  # joins are sought among so many columns that promise most by themselves
_FOLDS, _MORE_FOLDS, _MOST_REPEATS = 3, 10, 4
_SMALL = 6_000  # rows up to which more folds are taken, several times: luck is larger there
_LEAST_FOR_FOLDS = 200
_LUCK = 4.0  # nats saved on all rows held out that shuffled outcomes reached once in 24 tables
_JOIN_PRICE = 2 * np.log(2)  # of two sides, either may be the one that counts
_LEAST_GAIN = 2.0  # twice the loss taken away: Akaike's price of one number fitted


@dataclass(frozen=True)
class Stand:
    """Lines with their log-odds, fitted together: the intercept, the fixed lines, the lines."""

    lines: tuple[BinnedRule, ...]
    log_odds: np.ndarray


class _Candidate(NamedTuple):
    """What a line promises without its price, the line, and whether it counts for a row."""

    net: float
    line: BinnedRule
    is_for: bool


class Search:
    """Greedy forward selection, all log-odds fitted anew after each line.

    Each step adds the line that promises to lower the loss most, judged by gradient and
    curvature in histograms of the bins, as orthogonal matching pursuit does (Pati et al. 1993;
    on a logistic loss: Shalev-Shwartz et al. 2010, "Trading accuracy for sparsity", fully
    corrective forward selection). Lines that join two columns are judged on two-way histograms.
    A line pays 2 · log(the number of lines it was picked from), so that a join must be worth
    more than a single test, and a set of many categories more than one category (Foster &
    George 1994, the risk inflation criterion).

    Parameters
    ----------
    rows : Rows
    directions : array of int of shape (columns,)
        1 or −1 where the score may only rise or fall with a column, else 0.
    joins : bool, default=True
        Whether a line may join two columns.
    """

    def __init__(self, rows: Rows, directions: np.ndarray, joins: bool = True) -> None:
        self.rows, self.directions, self.joins = rows, directions, joins
        rate = np.average(rows.won, weights=rows.weight)
        self._intercept = np.log(rate / (1 - rate))
        self._ridge = ridge_of(rows.won, rows.weight)
        self._support = min(_SUPPORT, _SUPPORT_SHARE * rows.weight.sum() * rate * (1 - rate))
        self._pairs: dict[tuple[int, int], np.ndarray] = {}

    def path(self, most: int, strict: bool = False) -> Iterator[Stand]:
        """Yield the stand without lines and after each line, until `most` or none is left.

        Parameters
        ----------
        most : int
        strict : bool
            Whether to stop at the first line that is not worth its price over all columns; for
            tables too small to hold rows out.
        """
        first = self.rows.design(())
        k = first.shape[1]
        room = np.empty((len(first), k + most), order="F")  # a column more a step, none copied
        room[:, :k] = first
        log_odds = np.zeros(k)
        log_odds[0] = self._intercept
        stand = Stand((), self._fit(room[:, :k], log_odds))
        while True:
            yield stand
            if len(stand.lines) == most:
                return
            line = self._best(stand, expit(room[:, :k] @ stand.log_odds), strict)
            if line is None:
                return
            room[:, k] = line.holds(self.rows.codes)
            k += 1
            log_odds = self._fit(room[:, :k], np.append(stand.log_odds, 0.0))
            stand = Stand((*stand.lines, line), log_odds)

    def _fit(self, design: np.ndarray, start: np.ndarray) -> np.ndarray:
        rows, ridge = self.rows, np.full(len(start), self._ridge)
        ridge[0] = NO_RIDGE
        # Close is enough: the next line moves them all again.
        fit = fit_log_odds(design, rows.won, rows.weight, ridge, start, steps=8, close=1e-3)
        return fit.log_odds

    def turned(self, stand: Stand) -> Stand:
        """Turn lines that count against into their opposites, so that every line gives points.

        The intercept takes up the difference. A line is dropped if its opposite would break a
        direction asked for.
        """
        while True:
            first = len(stand.log_odds) - len(stand.lines)
            values = stand.log_odds[first:]
            bound = [bool(self.directions[list(line.columns)].any()) for line in stand.lines]
            wrong = [n for n, value in enumerate(values) if value <= 0 and bound[n]]
            if not wrong:
                break
            lines = tuple(line for n, line in enumerate(stand.lines) if n not in wrong)
            start = np.delete(stand.log_odds, first + np.array(wrong))
            stand = Stand(lines, self._fit(self.rows.design(lines), start))
        lines = tuple(
            line if value > 0 else line.opposite()
            for line, value in zip(stand.lines, values, strict=True)
        )
        log_odds = stand.log_odds.copy()
        log_odds[0] += values[values < 0].sum()
        log_odds[first:] = np.abs(values)
        return Stand(lines, log_odds)

    def _best(self, stand: Stand, chance: np.ndarray, strict: bool) -> BinnedRule | None:
        """Return the line that promises most, or None where none promises enough."""
        rows = self.rows
        gradient, hessian = rows.weight * (rows.won - chance), rows.weight * chance * (1 - chance)
        total = hessian.sum()
        candidates: list[_Candidate] = []
        sides, trends, prices = [], [], []
        for c, bins in enumerate(rows.bins):
            G = np.bincount(rows.codes[c], gradient, bins.size)
            H = np.bincount(rows.codes[c], hessian, bins.size)
            sides.append(bins.sides(G / (H + self._ridge)))
            trends.append(self.directions[c] * bins.trend(sides[c]))
            prices.append(bins.prices(sides[c]))
            G, H = sides[c] @ G, sides[c] @ H
            gain = self._gains(G, H, total)
            gain[self._wrong(G, trends[c])] = -np.inf
            i = int((gain - prices[c]).argmax())
            line = BinnedRule((c,), (tuple(sides[c][i].tolist()),))
            candidates.append(_Candidate(gain[i] - prices[c][i], line, G[i] > 0))
        for a, b in self._pairs_worth_a_look([one.net for one in candidates]):
            G, H = (sides[a] @ h @ sides[b].T for h in self._two_way(a, b, gradient, hessian))
            gain = self._gains(G, H, total)
            if self.directions[a] or self.directions[b]:
                wrong = self._wrong(G, trends[a][:, None]) | self._wrong(G, trends[b])
                gain[wrong] = -np.inf
            net = gain - prices[a][:, None] - prices[b] - _JOIN_PRICE
            i, j = np.unravel_index(net.argmax(), net.shape)
            line = BinnedRule((a, b), (tuple(sides[a][i].tolist()), tuple(sides[b][j].tolist())))
            candidates.append(_Candidate(float(net[i, j]), line, bool(G[i, j] > 0)))
        # The ridge leaves something to learn on lines that are there already.
        taken = {*stand.lines, *(line.opposite() for line in stand.lines)}
        new = [one for one in candidates if one.line not in taken and np.isfinite(one.net)]
        if not new:
            return None
        best = max(new, key=lambda candidate: candidate.net)
        of_columns = 2 * len(best.line.columns) * np.log(len(rows.bins))
        if strict and best.net <= _LEAST_GAIN + of_columns:
            return None
        return best.line if best.is_for else best.line.opposite()

    def _pairs_worth_a_look(self, nets: list[float]) -> Iterator[tuple[int, int]]:
        if not self.joins:
            return iter(())
        best = np.argsort(-np.array(nets), kind="stable")[:_JOINED_COLUMNS]
        engaged = self.rows.engaged
        pairs = combinations(sorted(best.tolist()), 2)
        return ((a, b) for a, b in pairs if engaged[a] == engaged[b])

    def _gains(self, G: np.ndarray, H: np.ndarray, total: float) -> np.ndarray:
        """Return twice the loss each line would take away; −inf for too few rows or too little."""
        H = H * (1 - H / total)  # the intercept moves along
        # Rounded, so that sums in another order cannot choose another line.
        gain = np.round(G * G / (H + self._ridge), 9)
        gain[(self._support > H) | (gain <= _LEAST_GAIN)] = -np.inf
        return gain

    @staticmethod
    def _wrong(G: np.ndarray, trend: np.ndarray) -> np.ndarray:
        """Tell lines against a direction; one that counts against a row will be turned."""
        return trend == np.where(G > 0, -1, 1)

    def _two_way(self, a: int, b: int, *values: np.ndarray) -> Iterator[np.ndarray]:
        shape = (self.rows.bins[a].size, self.rows.bins[b].size)
        if (a, b) not in self._pairs:
            self._pairs[a, b] = self.rows.codes[a] * shape[1] + self.rows.codes[b]
        for value in values:
            counted = np.bincount(self._pairs[a, b], value, shape[0] * shape[1])
            yield counted.reshape(shape)


def ridge_of(won: np.ndarray, weight: np.ndarray) -> float:
    """Return the ridge on each line's log-odds, smaller on small tables."""
    rate = np.average(won, weights=weight)
    return float(min(_RIDGE, _RIDGE_SHARE * weight.sum() * rate * (1 - rate)))


def choose_lines(rows: Rows, directions: np.ndarray, most: int, seed: int) -> Stand:
    """Return the lines of a card: at most so many, and no more than help on rows held out.

    Whether lines may join columns, and how many there are, is what had the least loss on rows
    held out, in cross-validation of the whole search; there are none where that is no better
    than luck. Tables too small to hold rows out stop at the first line that is not worth its
    price over all columns.

    Parameters
    ----------
    rows : Rows
    directions : array of int of shape (columns,)
    most : int
    seed : int
        Of the folds.
    """
    few = min(rows.weight.sum(), len(rows.won)) < _LEAST_FOR_FOLDS
    smaller = min(rows.won.sum(), (1 - rows.won).sum())
    if few or smaller < 2 * _MORE_FOLDS:
        search = Search(rows, directions)
        *_, stand = search.path(most, strict=True)
        return search.turned(stand)
    losses = np.array([_held_out(rows, directions, most, seed, joins) for joins in (False, True)])
    joins, n = map(int, np.unravel_index(losses.argmin(), losses.shape))
    if (losses[0, 0] - losses[joins, n]) * rows.weight.sum() < _LUCK:
        joins, n = 0, 0
    search = Search(rows, directions, bool(joins))
    *_, stand = search.path(n)
    return search.turned(stand)


def _held_out(rows: Rows, directions: np.ndarray, most: int, seed: int, joins: bool) -> np.ndarray:
    """Return the mean log loss on rows held out, for 0 … `most` lines."""
    curves = []
    n = len(rows.won)
    folds = RepeatedStratifiedKFold(
        n_splits=_FOLDS if n > _SMALL else _MORE_FOLDS,
        n_repeats=int(np.clip(2 * _SMALL // n, 1, _MOST_REPEATS)),
        random_state=seed,
    )
    for learnt, held in folds.split(rows.won, rows.won):
        judged = rows.take(held)
        curve = [
            log_loss(judged.design(s.lines) @ s.log_odds, judged.won, judged.weight)
            for s in Search(rows.take(learnt), directions, joins).path(most)
        ]
        curves.append(curve + curve[-1:] * (most + 1 - len(curve)))
    return np.mean(curves, axis=0)
