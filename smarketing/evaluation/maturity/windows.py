"""How long to wait: the shortest window, and judging young leads early."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer
from smarketing.evaluation.maturity.time_to_convert import LEAST_AT_RISK, in_the_end, kaplan_meier
from smarketing.language.catalogue import tr
from smarketing.language.numbers import number, percent
from smarketing.language.plurals import trn
from smarketing.language.stage_labels import stage_word
from smarketing.results import Result
from smarketing.scoring.targets import reached_at

SEEN = 0.9
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Window(Result):
    """The shortest window that sees nine conversions of ten.

    Parameters
    ----------
    days : int or None
        Whole days from the hand-over (where there was none, from the spell's start); None where
        too few have converted to tell.
    agreed_days : float
        What the agreement says.
    seen_share : float or None
        Share of the conversions to come that the agreed window sees.
    target : str
    """

    days: int | None
    agreed_days: float
    seen_share: float | None
    target: str

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.days is None or self.seen_share is None:
            return tr(
                "Too few have reached {stage} to say how long to wait for it.",
                stage=stage_word(self.target),
            )
        return trn(
            "Nine of ten that reach {stage} do so within {n} day of the hand-over (or of their "
            "start, without one); the agreed window of {agreed} days sees {share} of them.",
            "Nine of ten that reach {stage} do so within {n} days of the hand-over (or of their "
            "start, without one); the agreed window of {agreed} days sees {share} of them.",
            self.days,
            stage=stage_word(self.target),
            agreed=number(self.agreed_days),
            share=percent(self.seen_share, 0),
        )


def shortest_window(
    rows: pd.DataFrame, line: Line, agreement: Agreement, at: pd.Timestamp | None
) -> Window:
    """Return the shortest window that sees 90 % of the conversions to come.

    Young spells are rightly counted (Kaplan–Meier, read up to where ten are still followed).

    Parameters
    ----------
    rows : pandas.DataFrame
        Spells, or rows of a population.
    line : Line
    agreement : Agreement
        For ``snapshots.until``: where it is ``end``, days count from the spell's start.
    at : pandas.Timestamp or None

    Raises
    ------
    CannotAnswer
        Without dates.
    """
    if at is None or (len(rows) and not rows["started_at"].notna().any()):
        raise CannotAnswer(
            tr("the leads carry no dates, so nothing says how long to wait for them")
        )
    spells = rows[rows.started_at <= at].drop_duplicates(["lead_id", "spell"])
    wait, won = _waits(spells, spells.started_at, line, agreement, at)
    curve = kaplan_meier(wait, won)
    end, (days,) = in_the_end(curve, SEEN)
    if end is None or days is None:
        return Window(None, float(line.window_days), None, line.target)
    within = (curve.at_risk >= LEAST_AT_RISK) & (curve.days <= line.window_days)
    share = float(curve.converted[within].max()) / end
    return Window(max(math.ceil(days), 1), float(line.window_days), share, line.target)


def early_weights(
    rows: pd.DataFrame, line: Line, agreement: Agreement, at: pd.Timestamp
) -> pd.DataFrame:
    """Return outcomes and weights with which young rows can be judged before their window is over.

    Early wins stand for those that cannot be seen yet, rows whose window is over for themselves
    and for their like: the weight is 1 ÷ the share of rows followed that long (inverse
    probability of censoring; Robins and Finkelstein 2000). Young rows without a win weigh
    nothing. An estimate, and to be marked as such: it takes young leads to convert as fast as
    the older ones did.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population.
    line : Line
    agreement : Agreement
    at : pandas.Timestamp
        The data's end.

    Returns
    -------
    pandas.DataFrame
        With the index of `rows`: ``outcome`` (bool), ``weight`` (0 where nothing is known yet),
        ``early`` (bool: it counts though its window is not over).
    """
    wait, won = _waits(rows, rows.as_of, line, agreement, at)
    followed = wait.where(~won, (at - _anchor(rows, rows.as_of, agreement, at)) / DAY)
    window = float(line.window_days)
    hit = (won & (wait <= window)).to_numpy(bool)
    over = (followed >= window).to_numpy(bool)
    until = np.where(hit, np.minimum(wait, window), window)
    lasting = np.sort(followed.to_numpy(float))
    share = 1 - np.searchsorted(lasting, until, side="left") / max(len(lasting), 1)
    counts = hit | over
    weight: NDArray[np.float64] = np.zeros(len(rows))
    np.divide(1.0, share, out=weight, where=counts & (share > 0))
    return pd.DataFrame({"outcome": hit, "weight": weight, "early": hit & ~over}, index=rows.index)


def _anchor(
    rows: pd.DataFrame, start: pd.Series, agreement: Agreement, at: pd.Timestamp
) -> pd.Series:
    if agreement.snapshots.until != "handover" or "sales_ready_at" not in rows:
        return start
    handed = pd.to_datetime(rows.sales_ready_at)
    return start.where(~((handed <= at) & (handed > start)), handed)


def _waits(
    rows: pd.DataFrame, start: pd.Series, line: Line, agreement: Agreement, at: pd.Timestamp
) -> tuple[pd.Series, pd.Series]:
    """Return days from the anchor to the target, or to the data's end, and whether it came."""
    anchor = _anchor(rows, start, agreement, at)
    target = reached_at(rows, line.target)
    won = target.notna() & (target <= at)
    return ((target.where(won, at) - anchor) / DAY).clip(lower=0), won
