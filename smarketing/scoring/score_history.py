"""How leads' scores went: as of each month's end, with their trend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from smarketing.agreement.model import Agreement
from smarketing.agreement.scorecard import Scorecard
from smarketing.clock import month_bounds, month_of, months_between
from smarketing.errors import CannotAnswer
from smarketing.results import Picture, Result, plain
from smarketing.scoring.agreed_card import score_card
from smarketing.scoring.events import MOMENT_COLUMNS, SEEN_ONCE, SPELL
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse

_MONTHS = 12
_STEADY = 1.0  # points a month: less is rounding and a day's decay


@dataclass(frozen=True)
class ScoreHistory(Result):
    """Scores as of month ends.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``lead_id``, ``spell``, ``month`` (local), ``as_of`` (the month's last moment, or the
        data's; naive UTC), ``fit``, ``engagement``, ``score``, ``grade``; while the spell was
        open.
    trends : pandas.DataFrame
        ``lead_id``, ``spell``, ``months``, ``first``, ``last`` (scores), ``points_per_month``
        (slope of the least-squares line; null with one month), ``trend`` ("rising", "falling",
        "steady", or "new" with one month).
    """

    rows: pd.DataFrame
    trends: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return a row per spell and month."""
        return self.rows.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return ``months``, ``spells`` and how many have which ``trends``."""
        counts = self.trends["trend"].value_counts().sort_index().to_dict()
        months = sorted(self.rows["month"].unique())
        return plain({"months": months, "spells": len(self.trends), "trends": counts})

    def plot(self) -> Picture:
        """Draw the median score of open leads per month, with the middle half."""
        figure = Figure(figsize=(6, 3.2), layout="constrained")
        axes = figure.subplots()
        middle = self.rows.groupby("month")["score"].quantile([0.25, 0.5, 0.75]).unstack()
        axes.fill_between(middle.index, middle[0.25], middle[0.75], alpha=0.25)
        sns.lineplot(x=middle.index, y=middle[0.5], marker="o", ax=axes)
        axes.set(xlabel="", ylabel="score", ylim=(0, None), title="Open leads at month ends")
        axes.tick_params(axis="x", rotation=45)
        medians = ", ".join(f"{month} {value:.0f}" for month, value in middle[0.5].items())
        alt_text = f"Line of the median score of open leads at month ends: {medians}."
        return Picture(figure, alt_text)


def score_history(
    warehouse: Warehouse,
    agreement: Agreement,
    leads: Iterable[str] | None = None,
    months: int = _MONTHS,
    card: Scorecard | None = None,
    as_of: pd.Timestamp | None = None,
) -> ScoreHistory:
    """Score leads as of each month's end, with only what was known then.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    leads : iterable of str, optional
        Only these; by default all.
    months : int
        How many, up to the month of `as_of`.
    card : Scorecard, optional
        By default the agreement's first, as it is today: history shows the leads move, not the
        rules.
    as_of : pandas.Timestamp, optional
        The last moment looked at, naive UTC; by default the end of the data.

    Raises
    ------
    CannotAnswer
        If the leads carry no dates, or no spell was open at any of the ends.

    Examples
    --------
    >>> score_history(warehouse, agreement, leads=["L1"]).trends  # doctest: +SKIP
    """
    until = warehouse.data_until
    if not warehouse.has_time or until is None:
        raise CannotAnswer("the leads carry no dates, so their scores have no history")
    until = until if as_of is None else min(as_of, until)
    card = agreement.scorecard if card is None else card
    last = month_of(pd.Series([until]), agreement.timezone).iloc[0]
    names = months_between(str(pd.Period(last) - (months - 1)), last)
    # A month's last moment is the one before the next begins.
    ends = [
        min(month_bounds(name, agreement.timezone)[1] - pd.Timedelta(microseconds=1), until)
        for name in names
    ]
    runs = spells(warehouse).select(*SPELL, "started_at", "ended_at")
    if leads is not None:
        runs = runs.filter(runs.lead_id.isin(sorted(set(leads))))
    at = ibis.memtable({"as_of": ends}, schema={"as_of": "timestamp"})
    begun = runs.join(at, [runs.started_at <= at.as_of])
    is_open = (begun.ended_at > begun.as_of).fill_null(True)
    moments = begun.filter(is_open).mutate(**SEEN_ONCE).select(*MOMENT_COLUMNS)
    with moments.cache() as table:
        rows = score_card(card, warehouse, table, agreement).execute()
    if rows.empty:
        raise CannotAnswer("no lead was open at the end of any of these months")
    rows["month"] = rows["as_of"].map(dict(zip(ends, names, strict=True)))
    rows = rows.sort_values([*SPELL, "as_of"], ignore_index=True)
    columns = [*SPELL, "month", "as_of", "fit", "engagement", "score", "grade"]
    return ScoreHistory(rows[columns], _trends(rows))


def _trends(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(x=pd.PeriodIndex(rows["month"], freq="M").astype("int64"))
    trends = rows.groupby(SPELL)["score"].agg(months="size", first="first", last="last")
    centred = rows[["x", "score"]] - rows.groupby(SPELL)[["x", "score"]].transform("mean")
    products = rows[SPELL].assign(xy=centred["x"] * centred["score"], xx=centred["x"] ** 2)
    above, below = (products.groupby(SPELL)[name].sum() for name in ("xy", "xx"))
    slope = (above / below.where(below > 0)).round(6)
    trends["points_per_month"] = slope
    cases = [slope.isna(), slope >= _STEADY, slope <= -_STEADY]
    trends["trend"] = np.select(cases, ["new", "rising", "falling"], "steady")
    return trends.reset_index()
