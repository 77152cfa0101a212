"""How many leads come: over-dispersed monthly counts with a simple trend and season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import gamma

from smarketing.clock import months_between

SEASON_FROM_MONTHS = 24
"""A month-of-year index needs each month at least twice."""
TREND_FROM_MONTHS = 6


@dataclass(frozen=True)
class Arrivals:
    """A forecast of monthly counts: gamma–Poisson around a level with trend and season.

    Attributes
    ----------
    mean : numpy.ndarray
        Expected count of each coming month, shape (horizon,).
    dispersion : float
        Variance of the gamma factor of a month: Var = mean + dispersion · mean².
    error : float
        Standard error of the level, on the log scale; one draw is shared by all months.
    n : int
        Months of history behind it.
    months : tuple of str
        The coming months, "YYYY-MM".
    exact : bool
        The counts are given, not forecast: every draw is the mean.
    """

    mean: np.ndarray
    dispersion: float
    error: float
    n: int
    months: tuple[str, ...]
    exact: bool = False

    def draw(self, luck: Luck, rng: np.random.Generator) -> np.ndarray:
        """Return simulated counts, shape (draws, horizon).

        Parameters
        ----------
        luck : Luck
            What a good or bad month does to all counts of it alike.
        rng : numpy.random.Generator
            For the counts around what that month expects.

        Examples
        --------
        >>> flat = Arrivals(np.array([20.0]), 0.0, 0.0, 12, ("2026-11",))
        >>> rng = np.random.default_rng(0)
        >>> flat.draw(Luck.draw(3, 1, rng), rng).shape
        (3, 1)
        """
        if self.exact:
            return np.tile(np.rint(self.mean).astype(int), (len(luck.month), 1))
        expected = self.mean * np.exp(self.error * luck.level - self.error**2 / 2)
        if self.dispersion > 0:
            shape = 1 / self.dispersion
            expected = expected * gamma.ppf(luck.month, shape, scale=1 / shape)
        return rng.poisson(expected)


@dataclass(frozen=True)
class Luck:
    """What the counts of one simulated month share: leads, MQLs and hand-overs rise together.

    Attributes
    ----------
    level : numpy.ndarray
        Standard normal, shape (draws, 1): how far the level was misjudged.
    month : numpy.ndarray
        Uniform, shape (draws, horizon): how good each month is.
    """

    level: np.ndarray
    month: np.ndarray

    @classmethod
    def draw(cls, draws: int, horizon: int, rng: np.random.Generator) -> Luck:
        """Draw the luck of so many simulated runs of so many months."""
        return cls(rng.normal(size=(draws, 1)), rng.uniform(size=(draws, horizon)))


def fit_arrivals(counts: pd.Series, horizon: int = 3, noise: float = 0.0) -> Arrivals:
    """Fit monthly counts and forecast the coming months.

    The level is the mean of the last twelve months after trend and season are taken out. Both
    are shrunk: the trend by its own signal (t² / (1 + t²)) and halved after three months, the
    month-of-year index by half a year's evidence, so that short noisy histories give flat
    forecasts. Dispersion by moments, with the correction for the parameters used up.

    Parameters
    ----------
    counts : pandas.Series
        Counts by month ("YYYY-MM" index, ascending, no gaps); expected counts are allowed.
    horizon : int
        Months to forecast.
    noise : float
        Variance that expected counts lack against real ones, summed over the months.

    Returns
    -------
    Arrivals

    Examples
    --------
    >>> steady = pd.Series([20, 21, 19, 20], index=["2026-07", "2026-08", "2026-09", "2026-10"])
    >>> fit_arrivals(steady, horizon=1).mean.round(0), fit_arrivals(steady, 1).months
    (array([20.]), ('2026-11',))
    """
    y = counts.to_numpy(dtype=float)
    n = len(y)
    if n == 0:
        return Arrivals(np.zeros(horizon), 0.0, 0.0, 0, ("",) * horizon)
    last = pd.Period(counts.index[-1], "M")
    months = tuple(months_between(str(last + 1), str(last + horizon))) if horizon else ()
    logs = np.log(y + 0.5)
    time = np.arange(n) - (n - 1)
    of_year = np.array([pd.Period(m, "M").month for m in counts.index])
    slope, used = _trend(time, logs), 1
    season = np.zeros(13)
    if n >= SEASON_FROM_MONTHS:
        rest = logs - slope * time
        rest = rest - rest.mean()
        for month in range(1, 13):
            here = rest[of_year == month]
            season[month] = here.sum() / (len(here) + 1)
        season[1:] -= season[1:].mean()
        slope = _trend(time, logs - season[of_year])
        used += 3  # what a shrunk index of twelve uses up, about
    used += slope != 0
    shape = np.exp(slope * time + season[of_year])
    recent = slice(max(0, n - 12), n)
    level = y[recent].sum() / shape[recent].sum()
    fitted = level * shape
    if level > 0:
        excess = ((y - fitted) ** 2).sum() * n / max(n - used, 1) + noise - fitted.sum()
        dispersion = max(0.0, excess / (fitted**2).sum())
        relative = 1 / fitted[recent].mean() + dispersion
        error = float(np.sqrt(relative / min(n, 12)))
    else:
        dispersion = error = 0.0
    steps = np.arange(1, horizon + 1)
    ahead = np.minimum(steps, 3) + np.maximum(steps - 3, 0) / 2  # trends do not last
    coming = np.array([pd.Period(m, "M").month for m in months], dtype=int)
    mean = level * np.exp(slope * ahead + season[coming])
    return Arrivals(mean, float(dispersion), error, n, months)


def _trend(time: np.ndarray, logs: np.ndarray) -> float:
    """Return the least-squares slope, shrunk by its own t statistic."""
    n = len(time)
    if n < TREND_FROM_MONTHS:
        return 0.0
    x = time - time.mean()
    slope = float((x * logs).sum() / (x**2).sum())
    left = logs - logs.mean() - slope * x
    variance = float((left**2).sum() / (n - 2) / (x**2).sum())
    if variance <= 0:
        return slope
    t_squared = slope**2 / variance
    return slope * t_squared / (4 + t_squared)
