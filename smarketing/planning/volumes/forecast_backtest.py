"""What today's lines would have said of each past month, against what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from smarketing.clock import month_bounds
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import about, count, percent
from smarketing.language.plurals import trn
from smarketing.planning.lines.crossing_probabilities import add_chances, came_of, crossings
from smarketing.planning.lines.line_grid import build_lines
from smarketing.planning.lines.margin import terms_of
from smarketing.planning.volumes.demand_forecast import fit_arrivals
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
class BackCheck(Result):
    """Forecasts of past months at today's lines, each from what was known before it.

    Attributes
    ----------
    months : pandas.DataFrame
        One row per month and measure: ``month``, ``measure`` (mqls, sales_ready, customers),
        ``said`` (expected), ``low``, ``high`` (80 % interval of the forecast), ``came``.
        Customers are purchases of those who crossed a line in the month, whenever they bought.
    measures : pandas.DataFrame
        One row per measure, over all months: ``measure``, ``months``, ``said`` and ``came`` (a
        month), ``n`` (came in all), ``ratio`` (came ÷ said), ``low``, ``high`` (its 95 %
        interval, months varying as they did), ``off`` (the interval excludes 1; None with too
        few months to say).
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


def back_check(
    rows: pd.DataFrame,
    agreement: Any,
    history: VolumeHistory,
    draws: int = 2_000,
    seed: int = 0,
    cache: Cache | None = None,
) -> BackCheck:
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
    >>> back_check(rows, agreement, history).frame()  # doctest: +SKIP
    """
    lines, at = agreement.lines, history.at
    rows = crossings(rows[rows["as_of"] <= at], agreement)
    windows = [line.window_days for line in (lines.mql, lines.sql) if line is not None]
    over = at - pd.Timedelta(days=sum(windows))
    mature = [m for m in history.months if month_bounds(m, agreement.timezone)[1] <= over]
    names = list(MEASURES)

    def looked_back() -> pd.DataFrame:
        came = _flow(came_of(rows, agreement, at), agreement, mature) if mature else None
        found = []
        for month in mature[-MONTHS:]:
            said = _foretold(rows, agreement, history, month, draws, seed)
            for measure, drawn in (said or {}).items():
                low, high = np.quantile(drawn, [0.1, 0.9])
                place, seen = (mature.index(month), names.index(measure)), came.loc[month, measure]
                found.append((*place, drawn.mean(), low, high, seen))
        return pd.DataFrame(found, columns=["month", "measure", "said", "low", "high", "came"])

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
        columns=["measure", "months", "said", "came", "n", "ratio", "low", "high", "off"],
    )
    return BackCheck(months, measures, *_in_words(months, measures))


def _foretold(
    rows: pd.DataFrame, agreement: Any, history: VolumeHistory, month: str, draws: int, seed: int
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
    one = terms_of(agreement).one_line
    outlook = Outlook(
        sales_ready=fit_arrivals(flow["sales_ready"], 1, float(flow["noise"].sum())),
        close=Rate(min(won, ready), ready),
        mqls=None if one else fit_arrivals(flow["mqls"], 1),
    )
    drawn = simulate(outlook, draws, seed)
    return {name: drawn[name][:, 0] for name in MEASURES if name in drawn}


def _flow(rows: pd.DataFrame, agreement: Any, months: list[str]) -> pd.DataFrame:
    """Return the monthly counts at today's lines, by month."""
    mql, sql = agreement.lines.mql, agreement.lines.sql
    one = terms_of(agreement).one_line
    mql = sql if one else mql
    rows = rows[rows["month"] <= months[-1]].copy()
    rows.loc[~rows["month"].isin(months), ["p_sql", "p_customer"]] = np.nan
    table = build_lines(
        rows,
        int(mql.fit_at_least or 0),
        int(sql.fit_at_least or 0),
        extra=(mql.score, sql.score),
        one_line=one,
    )
    flow = table.flow(mql.score, sql.score).set_index("month").reindex(months, fill_value=0.0)
    return flow.assign(customers=flow["direct_won"] + flow["passed_won"])


def _judged(measure: str, part: pd.DataFrame) -> dict[str, Any]:
    said, came, n = part["said"].to_numpy(), part["came"].to_numpy(), len(part)
    low, high = ratio_interval(said, came)
    ratio = float(came.sum() / said.sum()) if said.sum() > 0 else None
    known = n >= MONTHS_NEEDED and ratio is not None
    return {
        "measure": measure,
        "months": n,
        "said": float(said.mean()),
        "came": float(came.mean()),
        "n": float(came.sum()),
        "ratio": ratio,
        "low": low,
        "high": high,
        "off": bool(low > 1 or high < 1) if known else None,
    }


def ratio_interval(said: np.ndarray, came: np.ndarray) -> tuple[float | None, float | None]:
    """Return the 95 % interval of came ÷ said: a Poisson count's, wider where months vary more.

    Garwood's exact interval of the sum, with the months' Pearson dispersion where it is above 1.

    Examples
    --------
    >>> low, high = ratio_interval(np.array([5.0, 5.0]), np.array([4.0, 6.0]))
    >>> round(low, 2), round(high, 2)
    (0.48, 1.84)
    """
    total, expected = float(came.sum()), float(said.sum())
    if expected <= 0:
        return None, None
    fair = said * total / expected
    spread = float(((came - fair) ** 2 / np.maximum(fair, 1e-9)).sum()) / max(len(said) - 1, 1)
    spread = max(spread, 1.0) if total > 0 else 1.0
    low = chi2.ppf(0.025, 2 * total / spread) / 2 * spread if total > 0 else 0.0
    high = chi2.ppf(0.975, 2 * total / spread + 2) / 2 * spread
    return float(low / expected), float(high / expected)


def _in_words(months: pd.DataFrame, measures: pd.DataFrame) -> tuple[str, str]:
    """Return the sentence, and the caution where a forecast is off by more than chance."""
    n = months["month"].nunique()
    if n < MONTHS_NEEDED:
        return _too_few(n), ""
    told, off = [], []
    for row in measures.itertuples():
        text = tr(MEASURES[row.measure], said=about(row.said), came=about(row.came))
        told.append(text)
        if row.off:
            low, high = percent(row.low, 0), percent(row.high, 0)
            off.append(tr("{told} ({low} to {high} of it)", told=text, low=low, high=high))
    stretch = {
        "n": count(n),
        "first": months["month"].min(),
        "last": months["month"].max(),
        "told": "; ".join(told),
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
