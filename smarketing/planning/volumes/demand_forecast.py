"""How many leads come: over-dispersed monthly counts with level, trend and season, all in doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline
from scipy.special import gammaincinv, ndtr, ndtri

from smarketing.clock import months_between

TREND_FROM_MONTHS = 6
"""Fewer months hardly tell luck from trend."""

# What a company may be like, each with how likely it is before its history is seen. All are
# standard deviations on the log scale but the last, which is a variance.
SEASONS = ((0.0, 0.2), (0.1, 0.35), (0.2, 0.3), (0.35, 0.15))
DRIFTS = ((0.0, 0.6), (0.03, 0.3), (0.08, 0.1))
LUCKS = (
    (0.0, 0.15), (0.005, 0.15), (0.015, 0.15), (0.03, 0.15), (0.06, 0.15), (0.12, 0.12),
    (0.25, 0.08), (0.6, 0.05),
)  # fmt: skip
TREND = 0.02
"""Growth a month, either way: two in three companies lie within."""
LEVEL = 3.0
NEIGHBOURS = 1.2
"""How alike neighbouring months of the year are; smaller is less."""


@dataclass(frozen=True)
class DemandForecast:
    """A forecast of monthly counts: gamma–Poisson around a level with trend and season.

    Attributes
    ----------
    mean : numpy.ndarray
        Expected count of each coming month, shape (horizon,).
    dispersion : float
        Variance of the gamma factor of a month: Var = mean + dispersion · mean².
    error : float or numpy.ndarray
        Standard error of what is expected, on the log scale, one for each month or for all;
        one draw is shared by all months.
    n : int
        Months of history behind it.
    months : tuple of str
        The coming months, "YYYY-MM".
    exact : bool
        The counts are given, not forecast: every draw is the mean.
    """

    mean: np.ndarray
    dispersion: float
    error: float | np.ndarray
    n: int
    months: tuple[str, ...]
    exact: bool = False

    def scaled(self, factor: float) -> DemandForecast:
        """Return the forecast of so many times the count, as uncertain as before.

        Examples
        --------
        >>> DemandForecast(np.array([20.0]), 0.0, 0.0, 12, ("2026-11",)).scaled(0.5).mean
        array([10.])
        """
        return replace(self, mean=self.mean * factor)

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
        >>> flat = DemandForecast(np.array([20.0]), 0.0, 0.0, 12, ("2026-11",))
        >>> rng = np.random.default_rng(0)
        >>> flat.draw(Luck.draw(3, 1, rng), rng).shape
        (3, 1)
        """
        if self.exact:
            return np.tile(np.rint(self.mean).astype(int), (len(luck.month), 1))
        expected = self.mean * np.exp(self.error * luck.level - self.error**2 / 2)
        if self.dispersion > 0:
            expected = expected * _good_months(luck.month, self.dispersion)
        return rng.poisson(expected)


_NORMAL = np.linspace(-8.2, 8.2, 1025)


def _good_months(chance: np.ndarray, dispersion: float) -> np.ndarray:
    """Return the gamma quantiles of these chances, mean 1, to nine digits.

    Their cube roots are all but a straight line of the normal ones (Wilson & Hilferty, 1931), so
    few are computed and the others lie on a spline through them: a fifth of the time.
    """
    roots = np.cbrt(gammaincinv(1 / dispersion, ndtr(_NORMAL)) * dispersion)
    return CubicSpline(_NORMAL, roots)(np.clip(ndtri(chance), *_NORMAL[[0, -1]])) ** 3


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


def forecast_demand(counts: pd.Series, horizon: int = 3, noise: float = 0.0) -> DemandForecast:
    """Fit monthly counts and forecast the coming months.

    The log of a count is a level that may drift, a trend, a season of the year and a month's
    luck, all normal: a structural model (Harvey, 1989) with neighbouring months of the year
    alike. How strong season, drift and luck are is not decided but averaged over, by how well
    each fits (Hoeting et al., 1999): a short history then says little of them and the forecast
    is the wider for it. Trends are halved after three months. `benchmarks/planning.py` holds the
    forecasts against the truth.

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
    DemandForecast

    Examples
    --------
    >>> steady = pd.Series([20, 21, 19, 20], index=["2026-07", "2026-08", "2026-09", "2026-10"])
    >>> forecast_demand(steady, horizon=1).mean.round(0), forecast_demand(steady, 1).months
    (array([20.]), ('2026-11',))
    """
    y = counts.to_numpy(dtype=float)
    n = len(y)
    if n == 0:
        return DemandForecast(np.zeros(horizon), 0.0, 0.0, 0, ("",) * horizon)
    last = pd.Period(counts.index[-1], "M")
    months = tuple(months_between(str(last + 1), str(last + horizon))) if horizon else ()
    typical = y.mean()
    if not typical > 0:
        return DemandForecast(np.zeros(horizon), 0.0, 0.0, n, months)
    steps = np.arange(1, horizon + 1)
    ahead = np.minimum(steps, 3) + np.maximum(steps - 3, 0) / 2  # trends do not last
    trend = np.r_[np.arange(1 - n, 1), ahead]
    of_year = np.array([pd.Period(m, "M").month for m in (*counts.index, *months)])
    season, drift, luck, prior = _settings()
    alike = _covariances(trend, of_year, season, drift)
    # Chance in the count itself, on the log scale; expected counts have less of it.
    chance = max(typical - noise / n, 0.0) / (typical + 0.5) ** 2
    logs = np.log(y + 0.5) - np.log(typical + 0.5)
    seen = alike[:, :n, :n] + (luck + chance + 1e-6)[:, None, None] * np.eye(n)
    pull = np.linalg.solve(seen, np.broadcast_to(logs[:, None], (len(luck), n, 1)))[..., 0]
    weight = prior - pull @ logs / 2 - np.linalg.slogdet(seen)[1] / 2
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    kept = weight > 1e-4
    weight, alike, seen, pull = (each[kept] for each in (weight, alike, seen, pull))
    weight = weight / weight.sum()
    to_come = alike[:, n:, :n]
    centre = (to_come @ pull[..., None])[..., 0]
    doubt = alike[:, n:, n:] - to_come @ np.linalg.solve(seen, to_come.transpose(0, 2, 1))
    mean = weight @ centre
    variance = weight @ (np.diagonal(doubt, axis1=1, axis2=2) + (centre - mean) ** 2)
    variance = np.maximum(variance, 0.0)
    # Logs of small counts are off; the last year's sum puts the level right.
    recent = slice(max(0, n - 12), n)
    fitted = np.exp(np.einsum("g,gij,gj->i", weight, alike[:, :n, :n], pull))
    level = y[recent].sum() / fitted[recent].sum()
    expected = level * np.exp(mean + variance / 2)
    return DemandForecast(expected, float(weight @ luck[kept]), np.sqrt(variance), n, months)


def _settings() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return season, drift and luck of every kind of company, and the log of its prior."""
    (season, likely_s), (drift, likely_d), (luck, likely_l) = (
        np.array(values).T for values in (SEASONS, DRIFTS, LUCKS)
    )
    grids = np.meshgrid(season, drift, luck, indexing="ij")
    prior = np.log(likely_s)[:, None, None] + np.log(likely_d)[:, None] + np.log(likely_l)
    return *(grid.ravel() for grid in grids), prior.ravel()


def _covariances(
    trend: np.ndarray, of_year: np.ndarray, season: np.ndarray, drift: np.ndarray
) -> np.ndarray:
    """Return how months go together in every kind of company, shape (kinds, months, months)."""
    gap = np.pi * (of_year[:, None] - of_year) / 12
    year = np.exp(-2 * np.sin(gap) ** 2 / NEIGHBOURS**2)
    real = np.arange(len(trend), dtype=float)
    walk = np.minimum(real[:, None], real)
    common = LEVEL**2 + TREND**2 * np.outer(trend, trend)
    return common + (season**2)[:, None, None] * year + (drift**2)[:, None, None] * walk
