"""Which columns may be features, and which know more than anyone did at the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smarketing.errors import CannotAnswer
from smarketing.evaluation.evidence import (
    FOLDS,
    a_date,
    after_a_call,
    column_auc,
    identifier,
    missing_where_the_outcome_is,
    named_like_a_later_state,
    names_the_outcome,
    only_one_side,
    out_of_line,
    proxy_of_time,
)
from smarketing.language import mark, tr
from smarketing.results import Result

RANK = {mark("leak"): 0, mark("suspect"): 1, mark("fine"): 2}


@dataclass(frozen=True)
class LeakAudit(Result):
    """Each column with its verdict and the evidence, for a person to decide.

    Parameters
    ----------
    columns : pandas.DataFrame
        ``column``, ``verdict`` (leak, suspect, fine), ``reason`` (words), ``auc`` (of the column
        alone, cross-fitted, 0.5 = no power).
    n, n_won : int
        Leads it was measured on, and how many of them won.

    Examples
    --------
    >>> audit = find_leaks(pd.DataFrame({"loss_reason": [None, "price"] * 50}), [1, 0] * 50)
    >>> audit.frame()[["column", "verdict"]].to_dict("records")
    [{'column': 'loss_reason', 'verdict': 'leak'}]
    """

    columns: pd.DataFrame
    n: int
    n_won: int

    def frame(self) -> pd.DataFrame:
        """Return one row per column, leaks first."""
        return self.columns.copy()

    def named(self, verdict: str) -> list[str]:
        """Return the columns with a verdict."""
        return self.columns.loc[self.columns.verdict == verdict, "column"].tolist()


def find_leaks(
    X: pd.DataFrame,
    y: ArrayLike,
    known: Mapping[str, str] | None = None,
    order: ArrayLike | None = None,
) -> LeakAudit:
    """Say of every column whether it may be a feature, and why not.

    Evidence, each kind named in the reason: declared as written after the outcome; values that
    name the outcome or a later stage, or what sales wrote down after a call; power out of line
    with the other columns; missing where the outcome is; filled only for winners, or only for
    losers; a name that says the latest state or a rating is kept; identifiers; dates, with how
    often they lie after the lead's creation; proxies of time, the month among them.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n, columns)
        Raw columns of any type, with missing values.
    y : array of shape (n,)
        Whether each lead won; rows with a missing outcome are left out.
    known : mapping, optional
        Column to when it becomes known: ``at_creation``, ``at``, ``after_outcome`` …
    order : array of shape (n,), optional
        When each lead was created; without it, the rows' own order.

    Returns
    -------
    LeakAudit

    Raises
    ------
    CannotAnswer
        If no lead won, or none lost: then no column can tell them apart.
    """
    won = pd.Series(np.asarray(pd.array(y, dtype="boolean").to_numpy(float, na_value=np.nan)))
    keep = won.notna().to_numpy()
    X = X.reset_index(drop=True)[keep].reset_index(drop=True)
    won = won[keep].to_numpy()
    if len(won) == 0 or won.min() == won.max():
        raise CannotAnswer(
            tr("leaks cannot be looked for: no lead won, so no column can tell them apart")
            if len(won) == 0 or won.max() == 0
            else tr("leaks cannot be looked for: every lead won, so no column can tell them apart")
        )
    places = pd.Series(np.arange(len(keep)) if order is None else np.asarray(order))[keep]
    moments = places.rank().to_numpy()
    dated = order is not None
    is_time = pd.api.types.is_datetime64_any_dtype(places)
    created = places.reset_index(drop=True) if is_time else None
    fold = np.random.default_rng(0).permutation(np.arange(len(won)) % FOLDS)
    alone = {c: column_auc(X[c], won, fold) for c in X}
    powers = np.array([max(value - 0.5, 0) for value in alone.values()])
    rows = []
    for column in X:
        others = np.delete(powers, len(rows))
        verdict, reason = _judge(
            str(column),
            X[column],
            won,
            alone[column],
            others,
            (moments, dated, created),
            (known or {}).get(str(column)),
        )
        rows.append((str(column), verdict, reason, round(float(alone[column]), 4)))
    frame = pd.DataFrame(rows, columns=["column", "verdict", "reason", "auc"])
    place = frame.verdict.map(RANK)
    frame = frame.iloc[np.lexsort((-frame.auc, place))].reset_index(drop=True)
    return LeakAudit(frame, len(won), int(won.sum()))


def _judge(
    column: str,
    values: pd.Series,
    won: NDArray[np.float64],
    power: float,
    others: NDArray[np.float64],
    time: tuple[NDArray[np.float64], bool, pd.Series | None],
    known: str | None,
) -> tuple[str, str]:
    if known == "after_outcome":
        return "leak", tr("sources.yml declares it as written after the outcome.")
    if values.dropna().nunique() == 0:
        return "fine", tr("It is always empty: it tells nothing.")
    moments, dated, created = time
    found = [
        evidence
        for evidence in (
            only_one_side(values, won),
            names_the_outcome(values, won),
            out_of_line(power, others),
            after_a_call(values, won),
            missing_where_the_outcome_is(values, won),
            named_like_a_later_state(column, values, power),
            identifier(values),
            a_date(values, created),
            proxy_of_time(column, values, moments, dated),
        )
        if evidence
    ]
    if not found:
        if values.nunique(dropna=False) == 1:
            return "fine", tr("It has one value only: it tells nothing.")
        return "fine", tr("No sign that it was written after the fact.")
    verdict = min((v for v, _ in found), key=RANK.__getitem__)
    found.sort(key=lambda one: RANK[one[0]])
    return verdict, " ".join(reason for _, reason in found)
