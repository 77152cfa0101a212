"""The month's look at the scores: what moved, whether the line holds, what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import check_month, month_bounds, month_of
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.model_names import AGREED
from smarketing.evaluation.backtest.rolling import Backtest, backtest
from smarketing.evaluation.backtest.splits import known_before, line_of
from smarketing.evaluation.comparison.result import Comparison
from smarketing.evaluation.monitoring.champion_choice import (
    CHAMPION,
    Choice,
    choose,
    in_months,
    most_months,
)
from smarketing.evaluation.monitoring.drift import drift
from smarketing.evaluation.monitoring.line_health import (
    LineState,
    calibration_by_month,
    crossed_state,
)
from smarketing.evaluation.monitoring.selection_bias import (
    Exploration,
    propose_exploration,
    told_apart,
)
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, percent
from smarketing.language.stage_labels import stage_word
from smarketing.periods import last_whole_month
from smarketing.results import Result
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population

Part = TypeVar("Part")


@dataclass(frozen=True)
class Monitor(Result):
    """What leadership asks of the scores each month; proposals, nothing is changed by itself.

    Parameters
    ----------
    month, before : str
        The month looked at, and the one it is held against.
    line, target : str
    drift : pandas.DataFrame
        ``column``, ``psi``, ``verdict`` of this month's new leads against the month before's:
        features and the agreed card's points, the most moved first.
    calibration : pandas.DataFrame
        By month whose outcomes are known: what the agreed card promised, what came
        (:func:`smarketing.evaluation.monitoring.line_health.calibration_by_month`).
    line_state : LineState or None
        What the leads that crossed the line this month are expected to become.
    choice : Choice or None
        Whether the agreed card stays.
    worked, others : int
        Spells that were handed over, and that were not.
    told_apart, outside_share : float or None
        How well the two are told apart (AUC), and the share of the others that look less like
        handed-over ones than 99 of 100 of those do.
    exploration : Exploration or None
    cannot : dict of str to str
        Part -> why the tables cannot answer it.
    """

    month: str
    before: str
    line: str
    target: str
    drift: pd.DataFrame
    calibration: pd.DataFrame
    line_state: LineState | None
    choice: Choice | None
    worked: int
    others: int
    told_apart: float | None
    outside_share: float | None
    exploration: Exploration | None
    cannot: dict[str, str]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answers in words, one sentence or two for each part."""
        parts = [self._moved(), self._calibrated()]
        if self.line_state is not None:
            parts.append(self.line_state.sentence)
        if self.choice is not None:
            parts.append(self.choice.reason + " " + tr("Nothing is changed by itself."))
        if self.outside_share is not None:
            parts.append(
                tr(
                    "Outcomes are learned from the {worked} spells that were handed over; {share} "
                    "of the {others} others look like none of them, so what a model says of those "
                    "is a guess.",
                    worked=count(self.worked),
                    share=percent(self.outside_share),
                    others=count(self.others),
                )
            )
        if self.exploration is not None:
            parts.append(self.exploration.sentence)
        return tuple(filter(None, parts))

    @property
    def alarm(self) -> bool:
        """Whether something asks for a decision: a stale line, a model to change or renew."""
        if self.line_state is not None and self.line_state.stale:
            return True
        return self.choice is not None and (self.choice.retrain or self.choice.model != CHAMPION)

    def frame(self) -> pd.DataFrame:
        """Return what moved, column by column."""
        return self.drift.copy()

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, with ``sentences`` and ``alarm``."""
        return {**super().to_dict(), "sentences": list(self.sentences), "alarm": self.alarm}

    def _moved(self) -> str:
        months = {"month": self.month, "before": self.before}
        if (self.drift.verdict == "too few").all():
            return tr("New leads of {month} are too few to hold against {before}.", **months)
        names = self.drift.column[self.drift.verdict == "moved"].tolist()
        if not names:
            return tr("New leads of {month} are of the same kind as those of {before}.", **months)
        some = ", ".join(names[:5])
        if len(names) > 5:
            some = tr("{names} and {n} more", names=some, n=count(len(names) - 5))
        text = mark("New leads of {month} differ from those of {before} in {columns}.")
        return tr(text, **months, columns=some)

    def _calibrated(self) -> str:
        if self.calibration.empty:
            return ""
        off, last = self.calibration[self.calibration.moved], self.calibration.iloc[-1]
        values = {
            "month": last.month,
            "expected": percent(last.predicted_rate, 1),
            "stage": stage_word(self.target),
            "came": percent(last.actual_rate, 1),
            "n": count(len(self.calibration)),
        }
        text = mark(
            "In {month}, the last month whose outcomes are known, {expected} of the leads were "
            "expected to reach {stage} and {came} did; in {k} of {n} months the gap was more than "
            "luck ({months})."
        )
        if off.empty:
            text = mark(
                "In {month}, the last month whose outcomes are known, {expected} of the leads were "
                "expected to reach {stage} and {came} did; in none of {n} months was the gap more "
                "than luck."
            )
        return tr(text, **values, k=count(len(off)), months=", ".join(off.month))


def monitor(
    population: Population,
    agreement: Agreement,
    month: str = "",
    line: str = "sql",
    comparison: Comparison | None = None,
    cache: Cache | None = None,
) -> Monitor:
    """Say what moved in a month, whether the line still holds, and what to propose.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    month : str
        "YYYY-MM"; the last whole month of the data if empty.
    line : str
        ``sql`` or ``mql``.
    comparison : Comparison, optional
        Of the models on this line; without it nothing is said of challengers.
    cache : Cache, optional
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Raises
    ------
    CannotAnswer
        Without dates, or if there is no earlier month to hold the month against.

    Examples
    --------
    >>> monitor(population, agreement).sentences  # doctest: +SKIP
    """
    if not population.has_time or population.data_until is None:
        raise CannotAnswer(tr("the leads carry no dates, so no month can be held against another"))
    rows = population.rows.assign(month=month_of(population.rows.as_of, agreement.timezone))
    new = rows[rows.number == 1]
    month, before = _months(new, month, agreement, population.data_until)
    cannot: dict[str, str] = {}

    def tried(part: str, ask: Callable[[], Part]) -> Part | None:
        try:
            return ask()
        except CannotAnswer as reason:
            cannot[part] = str(reason)
            return None

    months = sorted(m for m in rows.month.unique() if m <= month)
    earlier = partial(backtest, population, agreement, line, [AGREED], months[-24:], cache=cache)
    judged = tried("calibration", earlier)
    state = exploration = choice = None
    if judged is not None:
        state = tried("line", partial(crossed_state, rows, judged, agreement, line, month))
    if comparison is None:
        cannot["choice"] = tr("no challenger was judged")
    else:
        choice = _choice(rows, comparison, agreement, line, month)
    worked, others, power, outside = told_apart(population, new, cache)
    if outside is None:
        cannot["selection"] = tr("too few spells were handed over, or too few were not")
    if judged is not None:
        explored = partial(propose_exploration, population, judged, agreement, line, month)
        exploration = tried("exploration", explored)
    return Monitor(
        month=month,
        before=before,
        line=line,
        target=line_of(agreement, line).target,
        drift=_drift(population, new[new.month.isin([before, month])]),
        calibration=_calibration(judged, agreement, population.data_until),
        line_state=state,
        choice=choice,
        worked=worked,
        others=others,
        told_apart=power,
        outside_share=outside,
        exploration=exploration,
        cannot=cannot,
    )


def _drift(population: Population, new: pd.DataFrame) -> pd.DataFrame:
    columns = [*population.features.names, "fit", "engagement", "score"]
    return drift(new, [c for c in columns if c in new]).drop(columns="month")


def _months(
    new: pd.DataFrame, month: str, agreement: Agreement, until: pd.Timestamp
) -> tuple[str, str]:
    seen = sorted(new.month.unique())
    latest = last_whole_month(new.as_of.min(), until, agreement.timezone)
    month = check_month(month) if month else latest
    earlier = [m for m in seen if m < month]
    if (month > latest and month not in seen) or not earlier:
        raise CannotAnswer(
            tr(
                "{month} cannot be held against a month before it: new leads were seen from "
                "{first} to {last}",
                month=month,
                first=seen[0],
                last=seen[-1],
            )
        )
    return month, earlier[-1]


def _calibration(
    judged: Backtest | None, agreement: Agreement, until: pd.Timestamp
) -> pd.DataFrame:
    """Return the card's calibration in the months whose windows are over."""
    if judged is None:
        return pd.DataFrame(columns=["month", "n", "predicted_rate", "actual_rate", "gap", "moved"])
    window = pd.Timedelta(days=judged.window_days)
    over = [m for m in judged.months if month_bounds(m, agreement.timezone)[1] + window <= until]
    rows = judged.judged()
    rows = rows[rows.month.isin(over[-12:]) & rows[f"p_{AGREED}"].notna()]
    return calibration_by_month(rows, AGREED)


def _choice(
    rows: pd.DataFrame, comparison: Comparison, agreement: Agreement, line: str, month: str
) -> Choice | None:
    gaps = [d for d in comparison.differences if d["measure"] == "auc"]
    _, end = month_bounds(month, agreement.timezone)
    _, won = known_before(rows, line_of(agreement, line), agreement, end)
    spells = rows.loc[won.index[won], ["lead_id", "spell"]].drop_duplicates()
    days = (end - pd.Timestamp(agreement.valid_from)) / pd.Timedelta(days=1)
    nobody: dict[str, Any] = {"model": "", "low": -np.inf}
    best = max(gaps, key=lambda d: d["low"], default=nobody)
    return choose(
        CHAMPION, best["model"], best["low"], in_months(days), most_months(agreement), len(spells)
    )
