"""Which leads are too young to judge, and how long a lead takes to reach its target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from statsmodels.duration.survfunc import SurvfuncRight

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, number, percent
from smarketing.language.stage_labels import stage_word
from smarketing.results import Picture, Result
from smarketing.scoring.targets import label, reached_at

LEAST_AT_RISK = 10
"""Below this many spells still followed, the curve's tail is not read."""


@dataclass(frozen=True)
class Maturity(Result):
    """What is open, what is immature, and when a line's target is reached.

    Open and immature are two things: an open spell has no end yet; an immature row's window is
    not over at the data's end. A case may be open long after its window: then it did not
    convert within it, and is judged as such.

    Parameters
    ----------
    target : str
        The stage the line is to reach.
    window_days : float
    spells, open : int
        Spells begun, and those of them without an end.
    rows, mature, immature, reached : int
        Rows looked at; those whose window is over; those whose window is not; and those that
        had reached the target before they were looked at, so there was nothing to predict.
    conversions : int
        Spells that reached the target.
    naive_rate : float or None
        Conversions ÷ spells begun, young ones included: too low while leads are young.
    plateau : float or None
        Share of spells that reach the target in the end, young ones rightly counted.
    median_days, p90_days : float or None
        Days from the spell's start within which half, and nine of ten, of those conversions
        come.
    curve : pandas.DataFrame
        Kaplan–Meier: ``days`` since the spell's start, ``converted`` (share), ``low``, ``high``
        (95 %), ``at_risk`` (spells followed that long and not converted).
    """

    target: str
    window_days: float
    spells: int
    open: int
    rows: int
    mature: int
    immature: int
    reached: int
    conversions: int
    naive_rate: float | None
    plateau: float | None
    median_days: float | None
    p90_days: float | None
    curve: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return the Kaplan–Meier curve."""
        return self.curve.copy()

    def within(self, days: float) -> float | None:
        """Return the share of spells that reach the target within these days (Kaplan–Meier).

        None where no spell was followed at all.
        """
        if self.curve.empty:
            return None
        past = self.curve[self.curve.days <= days]
        return float(past.converted.iloc[-1]) if len(past) else 0.0

    @property
    def sentence(self) -> str:
        """The answer in words."""
        text = tr(
            "{open} of {spells} spells are open; {immature} of {rows} rows are immature: their "
            "window of {days} days is not over, so they count neither as won nor as lost.",
            open=count(self.open),
            spells=count(self.spells),
            immature=count(self.immature),
            rows=count(self.rows),
            days=number(self.window_days),
        )
        stage = stage_word(self.target)
        if self.plateau is None or self.median_days is None or self.p90_days is None:
            return text + " " + tr("No spell has reached {stage} yet.", stage=stage)
        fast = tr(
            "{share} of spells reach {stage} in the end; half of those do within {half} days and "
            "nine of ten within {most}.",
            share=percent(self.plateau, 1),
            stage=stage,
            half=count(self.median_days),
            most=count(self.p90_days),
        )
        return f"{text} {fast}"

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers without the curve, and the sentence."""
        out = super().to_dict()
        out.pop("curve")
        return {**out, "sentence": self.sentence}

    def plot(self) -> Picture:
        """Draw the share of spells that reached the target by days since their start."""
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots()
        if self.plateau is None:
            title = tr("No spell has reached {stage} yet", stage=stage_word(self.target))
        else:
            sns.lineplot(self.curve, x="days", y="converted", drawstyle="steps-post", ax=axes)
            axes.fill_between(
                self.curve.days, self.curve.low, self.curve.high, step="post", alpha=0.2
            )
            title = tr(
                "{share} reach {stage}, nine of ten of them within {days} days",
                share=percent(self.plateau, 1),
                stage=stage_word(self.target),
                days=count(self.p90_days),
            )
        axes.axvline(self.window_days, color="grey", linestyle="--", linewidth=1)
        axes.annotate(
            tr("window {days} days", days=number(self.window_days)),
            (self.window_days, 0),
            xytext=(4, 4),
            textcoords="offset points",
            color="grey",
        )
        labels = {"xlabel": tr("Days since the spell's start"), "ylabel": tr("Share converted")}
        axes.set(**labels, title=title)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: percent(value, 0))
        sns.despine(figure)
        text = mark("Curve of the share of spells that converted over time. {title}.")
        return Picture(figure, tr(text, title=title))


def maturity(
    rows: pd.DataFrame, line: Line, agreement: Agreement, at: pd.Timestamp | None
) -> Maturity:
    """Count open spells and immature rows, and estimate when the target is reached.

    The curve runs from a spell's start to the target. A spell that ended otherwise – rejected,
    disqualified – stays in it as one that did not convert, up to the data's end: leaving it out
    from its end on would make losses look like conversions to come.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population, or spells; ``lead_id``, ``spell``, ``started_at``, ``as_of``
        (for spells without it, the start), ``ended_at`` and the other ``*_at`` columns.
    line : Line
    agreement : Agreement
        For ``snapshots.until``.
    at : pandas.Timestamp or None
        The data's end, naive UTC.

    Raises
    ------
    CannotAnswer
        If there are no dates, or no rows.

    Notes
    -----
    Kaplan and Meier 1958, by statsmodels' SurvfuncRight; the conversions in the end are the
    curve's height where ten spells are still followed.
    """
    if at is None or not rows["started_at"].notna().any():
        raise CannotAnswer(
            tr("the leads carry no dates, so nothing says which of them are too young to judge")
        )
    if "as_of" not in rows:
        rows = rows.assign(as_of=rows["started_at"])
    rows = rows[rows.started_at <= at]
    labels = label(rows, line, agreement, at)
    target = reached_at(rows, line.target)
    spells = rows.assign(target_at=target.where(target <= at)).drop_duplicates(["lead_id", "spell"])
    ended = spells.ended_at.notna() & (spells.ended_at <= at)
    won = spells.target_at.notna()
    days = (spells.target_at.fillna(at) - spells.started_at) / pd.Timedelta(days=1)
    days = days.clip(lower=0)  # a win dated before its lead happens in real exports
    curve = kaplan_meier(days, won)
    plateau, (median, p90) = in_the_end(curve, 0.5, 0.9)
    reached = labels.reached.to_numpy(bool)
    mature = labels.mature.to_numpy(bool)
    return Maturity(
        target=line.target,
        window_days=float(line.window_days),
        spells=len(spells),
        open=int((~ended).sum()),
        rows=len(rows),
        mature=int(mature.sum()),
        immature=int((~mature & ~reached).sum()),
        reached=int(reached.sum()),
        conversions=int(won.sum()),
        naive_rate=float(won.mean()) if len(spells) else None,
        plateau=plateau,
        median_days=median,
        p90_days=p90,
        curve=curve,
    )


def in_the_end(
    curve: pd.DataFrame, *shares: float
) -> tuple[float | None, tuple[float | None, ...]]:
    """Return the share that converts in the end, and the days until shares of it have.

    None where nobody converts while ten spells are still followed.

    Parameters
    ----------
    curve : pandas.DataFrame
        As from :func:`kaplan_meier`.
    *shares : float

    Examples
    --------
    >>> in_the_end(kaplan_meier([1] * 10 + [2] * 10, [True] * 10 + [False] * 10), 0.5)
    (0.5, (1.0,))
    """
    read = curve[curve.at_risk >= LEAST_AT_RISK]
    if read.empty or read.converted.iloc[-1] <= 0:
        return None, (None,) * len(shares)
    plateau = float(read.converted.iloc[-1])
    reached = [read.converted >= share * plateau - 1e-12 for share in shares]
    return plateau, tuple(float(read.days[mask].iloc[0]) for mask in reached)


def kaplan_meier(days: pd.Series, converted: pd.Series) -> pd.DataFrame:
    """Return the share converted by days, spells still waiting rightly counted.

    Parameters
    ----------
    days : array of shape (n,)
        Days to the conversion, or for how long there was none.
    converted : array of shape (n,)
        Whether it ended in a conversion.

    Returns
    -------
    pandas.DataFrame
        ``days``, ``converted``, ``low``, ``high``, ``at_risk``; one row per day something
        converted at, after a first one at 0.

    Examples
    --------
    >>> kaplan_meier([1, 2, 3, 3], [True, True, False, False]).converted.round(6).tolist()
    [0.0, 0.25, 0.5]
    """
    days, converted = np.asarray(days, float), np.asarray(converted, bool)
    columns = ["days", "converted", "low", "high", "at_risk"]
    start = pd.DataFrame([(0.0, 0.0, 0.0, 0.0, float(len(days)))], columns=columns)
    if not converted.any():
        return start[: len(days)]
    fitted = SurvfuncRight(days, converted.astype(int))
    share = 1 - fitted.surv_prob
    spread = 1.96 * np.nan_to_num(fitted.surv_prob_se)
    curve = pd.DataFrame(
        {
            "days": fitted.surv_times,
            "converted": share,
            "low": np.clip(share - spread, 0, 1),
            "high": np.clip(share + spread, 0, 1),
            "at_risk": np.asarray(fitted.n_risk, float),
        }
    )
    return curve if curve.days.iloc[0] == 0 else pd.concat([start, curve], ignore_index=True)
