"""Which lines are best by margin under the capacities, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.planning.lines.line_grid import LinePair, LineTable
from smarketing.planning.lines.margin import Money, Terms, judge
from smarketing.scoring.cache import Cache, cached_frame

NEAR = 0.05
"""Two lines agree when they lie within this part of the score's range."""


@dataclass(frozen=True)
class ChosenLines:
    """The best lines beside today's, with their doubt.

    Attributes
    ----------
    best, today : pair of int
        Places in the grid; `today` is None where today's lines stand on another score.
    spans : tuple of pairs of float
        90 % intervals of the best MQL and SQL line over leads and months; empty without
        resamples.
    agree : int
        In how many resamples the best lines lie within 5 % of the score's range of the best
        ones here.
    gain, gain_low, gain_high : float or None
        Margin of the best lines above today's, with a 90 % interval.
    """

    best: LinePair
    today: LinePair | None
    spans: tuple[tuple[float, float], ...]
    agree: int
    gain: float | None
    gain_low: float | None
    gain_high: float | None

    def holds_today(self, grid: np.ndarray) -> bool:
        """Return whether today's lines lie inside the intervals of the best ones."""
        if self.today is None or not self.spans:
            return False
        spans = zip(self.spans, self.today, strict=True)
        return all(low <= grid[place] <= high for (low, high), place in spans)


def best_lines(money: Money, terms: Terms, today: LinePair | None) -> LinePair:
    """Return the pair with the highest margin among those that fit both capacities.

    The SQL line is never below the MQL line; with one line they are the same. Equal margins go
    to the pair nearest to today's. An SQL line to hold (``terms.hold_sql``) is today's, or the
    next one above it that fits.

    Examples
    --------
    >>> ones = np.ones((2, 2))
    >>> terms = Terms(100.0, 0.0, 0.0, 1.0, 1.0)
    >>> best_lines(Money(np.array([[1.0, 5.0], [9.0, 2.0]]), ones, ones), terms, None)
    (0, 1)
    """
    size = len(money.margin)
    m, s = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    # The last line is above every score, nobody crosses it, so some pair is always allowed.
    allowed = ((m == s) if terms.one_line else (m <= s)) & money.fits(terms)
    if terms.hold_sql and today is not None and not terms.one_line:
        above = allowed & (s >= today[1])
        allowed = above & (s == s[above].min())
    margin = np.where(allowed, money.margin, -np.inf)
    best = margin.max()
    tied = margin >= best - 1e-9 * max(1.0, abs(best))
    far = np.zeros(m.shape) if today is None else np.abs(m - today[0]) + np.abs(s - today[1])
    # Of lines that earn the same, the higher ones ask less of both teams.
    return divmod(int(np.where(tied, far * 4 * size - m - s, np.inf).argmin()), size)


def choose_lines(
    table: LineTable,
    money: Money,
    terms: Terms,
    today: LinePair | None,
    resamples: int,
    seed: int,
    cache: Cache | None = None,
) -> ChosenLines:
    """Return the best lines of a table, and how they vary over leads and months drawn anew.

    Where no money can be promised none are better than today's.

    Raises
    ------
    CannotAnswer
        If no money can be promised, and today's lines stand on another score.
    """
    if terms.no_money:
        if today is None:
            raise CannotAnswer(terms.no_money)
        return ChosenLines(today, today, (), 0, None, None, None)
    best = best_lines(money, terms, today)
    drawn = resample(table, terms, best, today, resamples, seed, cache)
    grid, spans, agree = table.grid, [], np.ones(len(drawn), dtype=bool)
    for axis, place in zip(("m", "s"), best, strict=True):
        places = drawn[axis].to_numpy(dtype=int)
        agree &= np.abs(grid[places] - grid[place]) <= NEAR * (grid[-1] - grid[0])
        if len(places):
            low, high = np.quantile(places, [0.05, 0.95], method="inverted_cdf").astype(int)
            spans.append((table.line(low), table.line(high)))
    gains = drawn["gain"].dropna()
    low, high = np.quantile(gains, [0.05, 0.95]) if len(gains) else (None, None)
    return ChosenLines(
        best,
        today,
        tuple(spans),
        agree=int(agree.sum()),
        gain=None if today is None else float(money.margin[best] - money.margin[today]),
        gain_low=None if low is None else float(low),
        gain_high=None if high is None else float(high),
    )


def resample(
    table: LineTable,
    terms: Terms,
    best: LinePair,
    today: LinePair | None,
    resamples: int,
    seed: int,
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Choose the lines anew on leads and months drawn with replacement.

    They may be kept in a cache (:class:`smarketing.evaluation.Cache`).

    Returns
    -------
    pandas.DataFrame
        Per resample ``m``, ``s`` (places in the grid) and ``gain`` (margin of the best lines
        above today's; missing without today's).
    """

    def drawn_anew() -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        leads, months = table.leads, len(table.months)
        rows = []
        for _ in range(resamples):
            weight = rng.multinomial(leads, np.full(leads, 1 / leads))
            often = rng.multinomial(months, np.full(months, 1 / months))
            money = judge(table.tables(weight), terms, often, resampled=True)
            gain = np.nan if today is None else money.margin[best] - money.margin[today]
            rows.append((*best_lines(money, terms, today), gain))
        return pd.DataFrame(rows, columns=["m", "s", "gain"])

    def depends_on() -> list[object]:
        settings = [best, today, resamples, seed]
        held = [table.mql, table.sql, table.grid, table.months, table.leads]
        return ["lines", *held, vars(terms), *settings]

    return cached_frame(cache, drawn_anew, depends_on)
