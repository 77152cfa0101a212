"""Forecasts of past months against what came: the same measure, forecast and counted.

Each month is forecast as planning would have forecast it before it began: from the facts known
then, by the same model. The actual is the measure's own count, the number of the trend table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from smarketing.clock import month_bounds
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import about, count, listed, months_text, percent
from smarketing.language.plurals import trn
from smarketing.measures.facts import known_at
from smarketing.planning import wording as words
from smarketing.planning.volumes.demand_forecast import forecast_demand
from smarketing.planning.volumes.simulate import Outlook, simulate
from smarketing.planning.volumes.volume_history import VolumeHistory, as_known
from smarketing.results import Result

MONTHS = 12
"""Months held against what came, at most."""
MONTHS_NEEDED = 6
"""Fewer months tell luck from fault no more."""
BEFORE = 3
"""Months of history a forecast needs."""
MEASURES = {
    "mqls": mark("{forecast} MQLs a month (actual: {actual})"),
    "sales_ready": mark("{forecast} sales-ready leads a month (actual: {actual})"),
    "customers": mark("{forecast} customers a month (actual: {actual})"),
    "revenue": mark("{forecast} a month (actual: {actual})"),
}
"""What is forecast and counted, in words."""


@dataclass(frozen=True)
class ForecastBacktest(Result):
    """Forecasts of past months, each from what was known before it.

    Attributes
    ----------
    months : pandas.DataFrame
        One row per month and measure: ``month``, ``measure`` (mqls, sales_ready, customers,
        revenue; those the tables record), ``forecast`` (expected), ``low``, ``high`` (its 80 %
        interval), ``actual`` (the measure's own count).
    measures : pandas.DataFrame
        One row per measure, over all months: ``measure``, ``months``, ``forecast`` and
        ``actual`` (a month), ``n`` (in all), ``ratio`` (actual ÷ forecast), ``low``, ``high`` (its
        95 % interval, months varying as they did), ``off`` (the interval excludes 1; None with
        too few months to say), ``inside`` (months within their 80 % interval).
    sentence : str
    caution : str
        What is off by more than chance; empty where nothing is, or too few months tell.
    """

    months: pd.DataFrame
    measures: pd.DataFrame
    sentence: str
    caution: str = ""

    def frame(self) -> pd.DataFrame:
        """Return one row per measure."""
        return self.measures.copy()

    @property
    def enough(self) -> bool:
        """Whether there are months enough to tell a fault from luck."""
        return not self.measures.empty and int(self.measures["months"].max()) >= MONTHS_NEEDED


def backtest_forecasts(
    history: VolumeHistory, currency: str = "", draws: int = 2_000, seed: int = 0
) -> ForecastBacktest:
    """Forecast each past month from what was known before it, and hold it against what came.

    Parameters
    ----------
    history : VolumeHistory
    currency : str
        Of revenue, for the sentence.
    draws, seed : int
        Of the simulation of each month.

    Examples
    --------
    >>> backtest_forecasts(history).frame()  # doctest: +SKIP
    """
    names = [name for name in MEASURES if history.recorded(name)]
    rows = []
    for month in history.months[-MONTHS:]:
        drawn = _forecast(history, month, draws, seed)
        for name in names:
            if name in drawn:
                low, high = np.quantile(drawn[name], [0.1, 0.9])
                actual = float(history.actuals.loc[month, name])
                rows.append((month, name, float(drawn[name].mean()), low, high, actual))
    months = pd.DataFrame(rows, columns=["month", "measure", "forecast", "low", "high", "actual"])
    judged = [_judged(n, months[months["measure"] == n], history.amounts) for n in names]
    measures = pd.DataFrame(
        [row for row in judged if row["months"]],
        columns=["measure", "months", "forecast", "actual", "n", "ratio", "low", "high", "off",
                 "inside"],
    )  # fmt: skip
    return ForecastBacktest(months, measures, *_in_words(months, measures, currency))


def _forecast(history: VolumeHistory, month: str, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Return draws of a month's measures from what was known before it began."""
    start = month_bounds(month, history.facts.timezone)[0]
    before = [m for m in history.months if m < month]
    if len(before) < BEFORE:
        return {}
    known = as_known(known_at(history.facts, start), start, before)

    def forecast(measure: str) -> Any:
        return forecast_demand(known.series(measure), 1) if known.recorded(measure) else None

    outlook = Outlook(
        sales_ready=forecast("sales_ready"),
        close=None,
        mqls=forecast("mqls"),
        leads=forecast("leads"),
        customers=forecast("customers"),
        deals=forecast("revenue_deals"),
        amounts=known.amounts,
    )
    drawn = simulate(outlook, draws, seed)
    return {name: drawn[name][:, 0] for name in MEASURES if name in drawn}


def _judged(measure: str, part: pd.DataFrame, amounts: np.ndarray) -> dict[str, Any]:
    forecast, actual, n = part["forecast"].to_numpy(), part["actual"].to_numpy(), len(part)
    # A sum of Poisson many amounts varies by its mean times this.
    lumps = float((amounts**2).mean() / amounts.mean()) if measure == "revenue" else 1.0
    ratio, low, high = ratio_with_interval(forecast, actual, lumps)
    off = None
    if n >= MONTHS_NEEDED and low is not None and high is not None:
        off = not low <= 1 <= high
    return {
        "measure": measure,
        "months": n,
        "forecast": float(forecast.mean()) if n else None,
        "actual": float(actual.mean()) if n else None,
        "n": float(actual.sum()),
        "ratio": ratio,
        "low": low,
        "high": high,
        "off": off,
        "inside": int(part["actual"].between(part["low"], part["high"]).sum()),
    }


def ratio_with_interval(
    forecast: np.ndarray, actual: np.ndarray, lumps: float = 1.0
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return actual ÷ forecast, with the 95 % interval of a Poisson count of lumps.

    Garwood's exact interval of the sum, wider by the months' Pearson dispersion where it is
    above that of the lumps: 1 for a count, for money what its deals come in.

    Examples
    --------
    >>> ratio, low, high = ratio_with_interval(np.array([5.0, 5.0]), np.array([4.0, 6.0]))
    >>> ratio, round(low, 2), round(high, 2)
    (1.0, 0.48, 1.84)
    """
    total, expected = float(actual.sum()), float(forecast.sum())
    if expected <= 0:
        return None, None, None
    fair = forecast * total / expected
    spread = float(((actual - fair) ** 2 / np.maximum(fair, 1e-9)).sum())
    spread = max(spread / max(len(forecast) - 1, 1), lumps) if total > 0 else lumps
    low = chi2.ppf(0.025, 2 * total / spread) / 2 * spread if total > 0 else 0.0
    high = chi2.ppf(0.975, 2 * total / spread + 2) / 2 * spread
    return total / expected, float(low / expected), float(high / expected)


def _in_words(months: pd.DataFrame, measures: pd.DataFrame, currency: str) -> tuple[str, str]:
    """Return the sentence, and the caution where a forecast is off by more than chance."""
    n = months["month"].nunique()
    if n < MONTHS_NEEDED:
        return _too_few(n), ""
    compared, off = [], []
    for row in measures.to_dict("records"):
        shown = {name: _amount(row, name, currency) for name in ("forecast", "actual")}
        compares = MEASURES[row["measure"]]
        compared.append(tr(compares, **shown))
        if row["off"]:
            low, high = percent(row["low"], 0), percent(row["high"], 0)
            off.append(
                tr(
                    "{compared}: the actual is {low} to {high} of the forecast",
                    compared=compared[-1],
                    low=low,
                    high=high,
                )
            )
    stretch = {
        "period": months_text(months["month"].min(), months["month"].max()),
        "compared": listed(compared),
        "off": "; ".join(off),
    }
    if not off:
        sentence = tr(
            "For {period}, the monthly forecasts, each made before its month began, averaged "
            "{compared}. The differences are within normal variation (95 %).",
            **stretch,
        )
        return sentence, ""
    sentence = tr(
        "For {period}, the monthly forecasts, each made before its month began, averaged "
        "{compared}. Beyond normal variation (95 %): {off}.",
        **stretch,
    )
    caution = tr(
        "Caution: for {period}, the forecasts were off by more than normal variation (95 %): "
        "{off}.",
        **stretch,
    )
    return sentence, caution


def _amount(row: dict[str, Any], name: str, currency: str) -> str:
    if row["measure"] == "revenue":
        return words.money(row[name], currency)
    return about(row[name])


def _too_few(n: int) -> str:
    """Return that too few past months tell how far to trust the forecasts."""
    needed = count(MONTHS_NEEDED)
    if n == 0:
        return tr(
            "No past month has enough known before it to check the forecasts; {needed} are needed, "
            "so nobody knows yet how far to trust them.",
            needed=needed,
        )
    return trn(
        "Only {n} past month has enough known before it to check the forecasts; {needed} are "
        "needed, so nobody knows yet how far to trust them.",
        "Only {n} past months have enough known before them to check the forecasts; {needed} are "
        "needed, so nobody knows yet how far to trust them.",
        n,
        needed=needed,
    )
