"""Which rows reached a line's target in its window, as known at one moment.

``label(rows, line, agreement, at)`` is the one place where won, lost and *not known yet* are
told apart; training (scoring) and judging (evaluation) both ask here.
"""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr

# Who became an opportunity was an SQL, even where nobody recorded that stage.
_ORDER = ("mql", "sales_ready", "accepted", "sql", "opportunity", "customer")


def reached_at(rows: pd.DataFrame, stage: str) -> pd.Series:
    """Return when each row's spell reached the stage or a later one; NaT if it has not.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the ``*_at`` columns of spells.
    stage : str
        A stage of the vocabulary; only those up to ``customer`` have later ones.

    Examples
    --------
    >>> rows = pd.DataFrame({"sql_at": [pd.NaT], "customer_at": [pd.Timestamp("2026-02-01")]})
    >>> reached_at(rows, "sql").tolist()
    [Timestamp('2026-02-01 00:00:00')]
    """
    stages = _ORDER[_ORDER.index(stage) :] if stage in _ORDER else (stage,)
    later = [f"{name}_at" for name in stages]
    times = rows[[name for name in later if name in rows]].apply(pd.to_datetime)
    return times.min(axis=1) if times.shape[1] else pd.Series(pd.NaT, rows.index)


def label(
    rows: pd.DataFrame, line: Line, agreement: Agreement, at: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Return whether each row reached the line's target within its window, as known at a moment.

    The window counts from the hand-over for leads handed over by then, from the snapshot for
    the others (docs/method/time.md, "Target and window"). Where snapshots go on to a spell's end
    (``snapshots.until: end``) it always counts from the snapshot. A row whose window is not
    over is neither won nor lost, also where the target was reached early: the early wins
    without the early losses would flatter every young month.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``as_of`` and the ``*_at`` columns of spells; for tables without dates ``outcome``.
    line : Line
        Its ``target`` and ``window_days``.
    agreement : Agreement
        For ``snapshots.until``.
    at : pandas.Timestamp, optional
        Naive UTC; nothing later is looked at. None only for tables without dates.

    Returns
    -------
    pandas.DataFrame
        With the index of `rows`: ``outcome`` (nullable boolean; null unless mature),
        ``known_at`` (when the window ends), ``mature`` (bool), ``reached`` (bool: the target
        was reached at or before the snapshot, so the row is nothing to predict; such rows are
        not mature).

    Raises
    ------
    CannotAnswer
        If the rows carry neither times nor an outcome.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> day = pd.Timestamp("2026-01-01")
    >>> rows = pd.DataFrame({"as_of": [day], "sales_ready_at": [pd.NaT],
    ...                      "customer_at": [day + pd.Timedelta(days=9)]})
    >>> line = Bag(target="customer", window_days=10)
    >>> agreement = Bag(snapshots=Bag(until="handover"))
    >>> label(rows, line, agreement, day + pd.Timedelta(days=10)).outcome.tolist()
    [True]
    """
    if at is None or rows["as_of"].isna().all():
        return _without_dates(rows)
    as_of = pd.to_datetime(rows["as_of"])
    anchor = as_of
    if agreement.snapshots.until == "handover" and "sales_ready_at" in rows:
        handed_over = pd.to_datetime(rows["sales_ready_at"])
        anchor = as_of.where(~(handed_over <= at), handed_over.where(handed_over > as_of, as_of))
    due = anchor + pd.Timedelta(days=line.window_days)
    target = reached_at(rows, line.target)
    reached = target <= as_of
    mature = (due <= at) & ~reached
    if "is_customer" in rows:  # one, and nobody noted when: neither a win in the window nor none
        mature &= ~(rows["is_customer"] & target.isna())
    won = (target > as_of) & (target <= due)
    return pd.DataFrame(
        {
            "outcome": won.astype("boolean").where(mature, pd.NA),
            "known_at": due,
            "mature": mature,
            "reached": reached,
        },
        index=rows.index,
    )


def _without_dates(rows: pd.DataFrame) -> pd.DataFrame:
    if "outcome" not in rows:
        raise CannotAnswer(
            tr(
                "these tables have neither dates nor an outcome: declare the column that says "
                "which leads were won under leads.outcome in sources.yml"
            )
        )
    outcome = rows["outcome"].astype("boolean")
    return pd.DataFrame(
        {
            "outcome": outcome,
            "known_at": pd.Series(pd.NaT, rows.index, dtype="datetime64[us]"),
            "mature": outcome.notna().astype(bool),
            "reached": False,
        },
        index=rows.index,
    )
