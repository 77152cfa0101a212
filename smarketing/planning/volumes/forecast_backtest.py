"""What today's lines would have forecast of each past month, against what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from smarketing.agreement.model import Agreement
from smarketing.clock import month_bounds
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import about, count, percent
from smarketing.language.plurals import trn
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.crossing_probabilities import (
    actual_outcomes,
    add_chances,
    crossings,
    judged_on,
)
from smarketing.planning.volumes.demand_forecast import forecast_demand
from smarketing.planning.volumes.simulate import Outlook, simulate
from smarketing.planning.volumes.volume_history import RATE_MONTHS, Rate, VolumeHistory
from smarketing.results import Result
from smarketing.scoring.cache import Cache, kept_frame

MONTHS = 12
"""Months held against what came, at most."""
MONTHS_NEEDED = 6
"""Fewer months tell luck from fault no more."""
BEFORE = 3
"""Months of history a forecast needs."""
MEASURES = {
    "mqls": mark("{said} MQLs a month where {came} came"),
    "sales_ready": mark("{said} sales-ready leads a month where {came} came"),
    "customers": mark("{said} customers a month where {came} came"),
}
"""What is held against what came, in words."""


@dataclass(frozen=True)
class ForecastBacktest(Result):
    """Forecasts of past months at today's lines, each from what was known before it.

    Attributes
    ----------
    months : pandas.DataFrame
        One row per month and measure: ``month``, ``measure`` (mqls, sales_ready, customers),
        ``forecast`` (expected), ``low``, ``high`` (its 80 % interval), ``actual``.
        Customers are purchases of those who crossed a line in the month, whenever they
        bought.
    measures : pandas.DataFrame
        One row per measure, over all months: ``measure``, ``months``, ``forecast`` and
        ``actual`` (a month), ``n`` (in all), ``ratio`` (actual ÷ forecast), ``low``, ``high`` (its
        95 % interval, months varying as they did), ``off`` (the interval excludes 1; None with
        too few months to say).
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
    rows: pd.DataFrame,
    agreement: Agreement,
    history: VolumeHistory,
    draws: int = 2_000,
    seed: int = 0,
    cache: Cache | None = None,
) -> ForecastBacktest:
    """Hold what today's lines would have foretold of past months against what came.

    A month counts once every window of it is over: the MQL line's, then the SQL line's. It is
    forecast from what was known before it began – chances, volumes, purchases – and no capacity
    cuts what came. Came are the leads that crossed the lines in that month, those of them handed
    over by qualification, and their purchases.

    Parameters
    ----------
    rows : pandas.DataFrame
        As for :func:`~smarketing.planning.add_chances`.
    agreement : smarketing.agreement.Agreement
    history : VolumeHistory
    draws, seed : int
        Of the simulation of each month.
    cache : Cache, optional
        Where the numbers of each month are kept.

    Examples
    --------
    >>> backtest_forecasts(rows, agreement, history).frame()  # doctest: +SKIP
    """
    lines, at = agreement.lines, history.at
    rows = crossings(rows[rows["as_of"] <= at], agreement)
    windows = [line.window_days for line in (lines.mql, lines.sql) if line is not None]
    over = at - pd.Timedelta(days=sum(windows))
    mature = [m for m in history.months if month_bounds(m, agreement.timezone)[1] <= over]
    names = list(MEASURES)

    def looked_back() -> pd.DataFrame:
        rows_of_months = []
        if mature:
            actual = _flow(actual_outcomes(rows, agreement, at), agreement, mature)
            for month in mature[-MONTHS:]:
                forecasts = _forecast(rows, agreement, history, month, draws, seed)
                for measure, drawn in (forecasts or {}).items():
                    low, high = np.quantile(drawn, [0.1, 0.9])
                    place = (mature.index(month), names.index(measure))
                    values = (drawn.mean(), low, high, actual.loc[month, measure])
                    rows_of_months.append((*place, *values))
        columns = ["month", "measure", "forecast", "low", "high", "actual"]
        return pd.DataFrame(rows_of_months, columns=columns)

    def depends_on() -> list[object]:
        settings = [agreement.model_dump_json(), str(at), history.months, draws, seed]
        return ["look back", rows, *settings]

    months = kept_frame(cache, looked_back, depends_on)
    months["month"] = [mature[int(place)] for place in months["month"]]
    months["measure"] = [names[int(place)] for place in months["measure"]]
    measures = pd.DataFrame(
        [
            _judged(measure, months[months["measure"] == measure])
            for measure in MEASURES
            if (months["measure"] == measure).any()
        ],
        columns=["measure", "months", "forecast", "actual", "n", "ratio", "low", "high", "off"],
    )
    return ForecastBacktest(months, measures, *_in_words(months, measures))


def _forecast(
    rows: pd.DataFrame,
    agreement: Agreement,
    history: VolumeHistory,
    month: str,
    draws: int,
    seed: int,
) -> dict[str, np.ndarray] | None:
    """Return draws of a month's counts from what was known before; None with too little of it."""
    start = month_bounds(month, agreement.timezone)[0]
    before = [m for m in history.months if m < month]
    if len(before) < BEFORE:
        return None
    try:
        known = add_chances(rows[rows["as_of"] < start], agreement, start)
        flow = _flow(known, agreement, before)
    except CannotAnswer:
        return None
    recent = flow.iloc[-RATE_MONTHS:]
    ready, won = float(recent["sales_ready"].sum()), float(recent["customers"].sum())
    one = agreement.capacity.qualification is None
    outlook = Outlook(
        sales_ready=forecast_demand(flow["sales_ready"], 1, float(flow["noise"].sum())),
        close=Rate(min(won, ready), ready),
        mqls=None if one else forecast_demand(flow["mqls"], 1),
    )
    drawn = simulate(outlook, draws, seed)
    return {name: drawn[name][:, 0] for name in MEASURES if name in drawn}


def _flow(rows: pd.DataFrame, agreement: Agreement, months: list[str]) -> pd.DataFrame:
    """Return the monthly counts at today's lines, by month."""
    agreed = AgreedLines.of(agreement)
    table = agreed.table(judged_on(rows, tuple(months)))
    flow = table.flow(agreed.mql, agreed.sql).set_index("month").reindex(months, fill_value=0.0)
    return flow.assign(customers=flow["direct_won"] + flow["passed_won"])


def _judged(measure: str, part: pd.DataFrame) -> dict[str, Any]:
    forecast, actual, n = part["forecast"].to_numpy(), part["actual"].to_numpy(), len(part)
    ratio, low, high = ratio_with_interval(forecast, actual)
    off = None
    if n >= MONTHS_NEEDED and low is not None and high is not None:
        off = not low <= 1 <= high
    return {
        "measure": measure,
        "months": n,
        "forecast": float(forecast.mean()),
        "actual": float(actual.mean()),
        "n": float(actual.sum()),
        "ratio": ratio,
        "low": low,
        "high": high,
        "off": off,
    }


def ratio_with_interval(
    forecast: np.ndarray, actual: np.ndarray
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return actual ÷ forecast, with the 95 % interval of a Poisson count.

    Garwood's exact interval of the sum, wider by the months' Pearson dispersion where it is
    above 1.

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
    spread = max(spread / max(len(forecast) - 1, 1), 1.0) if total > 0 else 1.0
    low = chi2.ppf(0.025, 2 * total / spread) / 2 * spread if total > 0 else 0.0
    high = chi2.ppf(0.975, 2 * total / spread + 2) / 2 * spread
    return total / expected, float(low / expected), float(high / expected)


def _in_words(months: pd.DataFrame, measures: pd.DataFrame) -> tuple[str, str]:
    """Return the sentence, and the caution where a forecast is off by more than chance."""
    n = months["month"].nunique()
    if n < MONTHS_NEEDED:
        return _too_few(n), ""
    compared, off = [], []
    for row in measures.to_dict("records"):
        compares = MEASURES[row["measure"]]
        text = tr(compares, said=about(row["forecast"]), came=about(row["actual"]))
        compared.append(text)
        if row["off"]:
            low, high = percent(row["low"], 0), percent(row["high"], 0)
            off.append(tr("{told} ({low} to {high} of it)", told=text, low=low, high=high))
    stretch = {
        "n": count(n),
        "first": months["month"].min(),
        "last": months["month"].max(),
        "told": "; ".join(compared),
        "off": "; ".join(off),
    }
    if not off:
        sentence = tr(
            "Today's lines would have said of the {n} months from {first} to {last}, each from "
            "what was known before: {told}. None is off by more than chance.",
            **stretch,
        )
        return sentence, ""
    sentence = tr(
        "Today's lines would have said of the {n} months from {first} to {last}, each from what "
        "was known before: {told}. More than chance is off: {off}.",
        **stretch,
    )
    caution = tr(
        "Caution: of the {n} months from {first} to {last} today's lines would have said {off}: "
        "more than chance.",
        **stretch,
    )
    return sentence, caution


def _too_few(n: int) -> str:
    """Return that too few past months tell how far to trust the forecasts."""
    needed = count(MONTHS_NEEDED)
    if n == 0:
        return tr(
            "No past month is old enough, with enough known before, to hold the forecasts against "
            "what came; {needed} are needed, so nobody knows yet how far to trust them.",
            needed=needed,
        )
    return trn(
        "Only {n} past month is old enough, with enough known before, to hold the forecasts "
        "against what came; {needed} are needed, so nobody knows yet how far to trust them.",
        "Only {n} past months are old enough, with enough known before, to hold the forecasts "
        "against what came; {needed} are needed, so nobody knows yet how far to trust them.",
        n,
        needed=needed,
    )
