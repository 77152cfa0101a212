"""Which columns may be features, and which know more than anyone did at the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.late_writes import (
    HISTORY,
    counts,
    known_later,
    last_phase,
    written_later,
)
from smarketing.evaluation.audit.leakage_tests import (
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
from smarketing.language.catalogue import mark, tr
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
    changed : pandas.DataFrame
        How many leads had a column filled in or changed after they were first scored, after
        the hand-over, and with the outcome or after it
        (:func:`smarketing.evaluation.audit.late_writes.counts`); empty without a history.
    overwritten : tuple of str
        The columns that nothing but their history speaks against.

    Examples
    --------
    >>> audit = find_leaks(pd.DataFrame({"loss_reason": [None, "price"] * 50}), [1, 0] * 50)
    >>> audit.frame()[["column", "verdict"]].to_dict("records")
    [{'column': 'loss_reason', 'verdict': 'leak'}]
    """

    columns: pd.DataFrame
    n: int
    n_won: int
    changed: pd.DataFrame = field(default_factory=pd.DataFrame)
    overwritten: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return one row per column, leaks first."""
        return self.columns.copy()


def find_leaks(
    X: pd.DataFrame,
    y: ArrayLike,
    known: Mapping[str, str] | None = None,
    order: ArrayLike | None = None,
    changes: pd.DataFrame | None = None,
) -> LeakAudit:
    """Say of every column whether it may be a feature, and why not.

    Evidence, each kind named in the reason: declared as written after the outcome; values that
    name the outcome or a later stage, or what sales wrote down after a call; power out of line
    with the other columns; missing where the outcome is; filled only for winners, or only for
    losers; a name that says the latest state or a rating is kept; identifiers; dates, with how
    often they lie after the lead's creation; proxies of time, the month among them; a history in
    which it is written with the outcome, or overwritten after leads were first scored.

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
    changes : pandas.DataFrame, optional
        A row for each time a value was filled in or changed: ``row`` (its place in `X`),
        ``column``, and ``after``, the last moment of the lead that had passed: creation,
        scoring, handover, outcome. A column without a row is one whose history is not kept.

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
    history = _of_kept(changes, keep)
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
    is_time = pd.api.types.is_datetime64_any_dtype(places)
    created = places.reset_index(drop=True) if is_time else None
    fold = np.random.default_rng(0).permutation(np.arange(len(won)) % FOLDS)
    alone = {c: column_auc(X[c], won, fold) for c in X}
    powers = np.array([max(value - 0.5, 0) for value in alone.values()])
    rows: list[tuple[str, str, str, float]] = []
    overwritten: list[str] = []
    for column in X:
        others = np.delete(powers, len(rows))
        times = (moments, order is not None, created)
        declared = (known or {}).get(str(column))
        verdict, reason, only_history = _judge(
            str(column), X[column], won, alone[column], others, times, declared, history
        )
        rows.append((str(column), verdict, reason, round(float(alone[column]), 4)))
        overwritten += [str(column)] * only_history
    frame = pd.DataFrame(rows, columns=["column", "verdict", "reason", "auc"])
    place = frame.verdict.map(RANK)
    frame = frame.iloc[np.lexsort((-frame.auc, place))].reset_index(drop=True)
    changed = counts(frame.column.tolist(), history, won, X.notna().rename(columns=str))
    return LeakAudit(frame, len(won), int(won.sum()), changed, tuple(overwritten))


def _of_kept(changes: pd.DataFrame | None, keep: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the changes of rows that are judged, under their places among these."""
    if changes is None:
        return pd.DataFrame(columns=HISTORY)
    place = np.cumsum(keep) - 1
    rows = changes.row.to_numpy(int)
    return changes.assign(row=place[rows])[keep[rows]]


def _judge(
    column: str,
    values: pd.Series,
    won: NDArray[np.float64],
    power: float,
    others: NDArray[np.float64],
    time: tuple[NDArray[np.float64], bool, pd.Series | None],
    known: str | None,
    history: pd.DataFrame,
) -> tuple[str, str, bool]:
    """Return the verdict, its reason, and whether nothing but its history makes it suspect."""
    by_history, calm = _history(column, values, won, known, history)
    if known == "after_outcome":
        reason = " ".join(reason for _, reason in by_history)
        declared = tr("sources.yml declares it as written after the outcome.")
        return "leak", f"{declared} {reason}".strip(), False
    if values.dropna().nunique() == 0:
        return "fine", tr("It is always empty: it tells nothing."), False
    moments, dated, created = time
    evidence = [
        only_one_side(values, won),
        names_the_outcome(values, won),
        out_of_line(power, others),
        after_a_call(values, won),
        missing_where_the_outcome_is(values, won),
        named_like_a_later_state(column, values, power),
        identifier(values),
        a_date(values, created),
        proxy_of_time(column, values, moments, dated),
        *by_history,
    ]
    against = sorted(filter(None, evidence), key=lambda one: RANK[one[0]])
    if not against:
        constant = values.nunique(dropna=False) == 1
        nothing = tr("It has one value only: it tells nothing.") if constant else ""
        return "fine", calm or nothing or tr("No sign that it was written after the fact."), False
    verdict = against[0][0]
    reason = " ".join(filter(None, [*(reason for _, reason in against), calm]))
    return verdict, reason, against == by_history and verdict == "suspect"


def _history(
    column: str,
    values: pd.Series,
    won: NDArray[np.float64],
    known: str | None,
    history: pd.DataFrame,
) -> tuple[list[tuple[str, str]], str]:
    """Return what the column's history has against it, and what it says in its favour."""
    changed = last_phase(history, column, "changed", len(won))
    if known == "history":
        return [], "" if changed is None else known_later(values, won, changed)
    declared = last_phase(history, column, "known", len(won))
    calm = "" if declared is None else known_later(values, won, declared)
    if changed is None:
        return [], calm
    verdict, reason = written_later(values, won, changed)
    if verdict == "fine":
        return [], calm or reason
    return [(verdict, reason)], calm
