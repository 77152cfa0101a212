"""Which rows were known when: what a model may train on, and which months can be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from smarketing.agreement.model import Agreement, Line
from smarketing.clock import check_month, month_bounds
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day, number
from smarketing.scoring.row_weights import count_once
from smarketing.scoring.targets import label

LEAST_CONVERSIONS = 30
"""Conversions a learned model needs to train on; fewer teach it luck."""
MONTHS = 12
"""Months judged unless told otherwise."""


def line_of(agreement: Agreement, line: str) -> Line:
    """Return a line of the agreement by its name.

    Raises
    ------
    UsageError
        If there is no such line.
    """
    if line not in ("mql", "sql"):
        raise UsageError(Problem("there is no such line", found=repr(line), allowed="mql, sql"))
    return getattr(agreement.lines, line)


def above_line(rows: pd.DataFrame, agreement: Agreement, line: str) -> pd.Series:
    """Return which rows stand at or above a line, in points and in fit."""
    rule = line_of(agreement, line)
    return (rows.score >= rule.score) & (rows.fit >= rule.fit_at_least)


def known_before(
    rows: pd.DataFrame, rule: Line, agreement: Agreement, moment: pd.Timestamp
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the rows whose outcome was known at a moment, and whether they won.

    Only rows whose window was over by then count, early winners too: the early wins without the
    early losses would flatter. The weights are those of that moment: how often a spell is seen
    later is not known yet.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population.
    rule : Line
    agreement : Agreement
    moment : pandas.Timestamp
        Naive UTC.

    Returns
    -------
    (pandas.DataFrame, pandas.Series)
        The rows, and their outcome (bool).
    """
    early = rows[rows.as_of < moment]
    if early.empty:
        return early, pd.Series(dtype=bool)
    labels = label(early, rule, agreement, moment)
    train = early[labels.mature].copy()
    train["weight"] = count_once(train)
    return train, labels.outcome[labels.mature].astype(bool)


def months_to_judge(
    rows: pd.DataFrame,
    final: pd.DataFrame,
    rule: Line,
    zone: str,
    until: pd.Timestamp,
    months: int | Iterable[str] | None,
) -> list[str]:
    """Return the months asked for, or the last ones whose windows are over."""
    seen = sorted(rows.month.unique())
    if months is not None and not isinstance(months, int):
        wanted = sorted({check_month(m) for m in months})
        absent = [m for m in wanted if m not in seen]
        if absent:
            raise CannotAnswer(tr("no lead was looked at in {months}", months=", ".join(absent)))
        return wanted
    window = pd.Timedelta(days=rule.window_days)
    over = [m for m in seen if month_bounds(m, zone)[1] + window <= until]
    if not over:  # a short history: judge what there is
        over = sorted(rows.month[final.mature].unique())
    if not over:
        raise CannotAnswer(
            tr(
                "no model can be judged yet: the window of {days} days is over for none of the "
                "{n} rows, whose data ends on {day}",
                days=number(rule.window_days),
                n=count(len(rows)),
                day=day(until),
            )
        )
    return over[-(MONTHS if months is None else max(months, 1)) :]


def wins_before(
    rows: pd.DataFrame, agreement: Agreement, rule: Line, months: list[str]
) -> list[int]:
    """Return how many spells were known to have won when each month began."""
    starts = [month_bounds(month, agreement.timezone)[0] for month in months]
    known = (known_before(rows, rule, agreement, start) for start in starts)
    return [len(train[won].drop_duplicates(["lead_id", "spell"])) for train, won in known]


def teachable(wins: Mapping[str, int], notes: list[str]) -> tuple[list[str], bool]:
    """Return the months to judge, and whether learned models can be trained for them."""
    wanted = list(wins)
    enough = [month for month in wanted if wins[month] >= LEAST_CONVERSIONS]
    if not enough:
        notes.append(too_few(max(wins.values(), default=0)))
        return [month for month in wanted if wins[month]], False
    early = [month for month in wanted if month not in enough]
    if early:
        notes.append(
            tr(
                "Not judged: {months}; at most {n} conversions were known by then, and {least} "
                "are needed to train on.",
                months=span_of(early),
                n=count(max(wins[m] for m in early)),
                least=count(LEAST_CONVERSIONS),
            )
        )
    return enough, True


def span_of(months: Sequence[str]) -> str:
    """Return the first and the last of some months; the month itself where there is but one."""
    if len(months) == 1:
        return months[0]
    return tr("{first} to {last}", first=months[0], last=months[-1])


def too_few(wins: int) -> str:
    """Say how many conversions are missing until a model can be learned."""
    return tr(
        "Conversions known to train on: {n}; {least} are needed. No learned model is judged until "
        "there are {more} more, and the agreed card stays.",
        n=count(wins),
        least=count(LEAST_CONVERSIONS),
        more=count(LEAST_CONVERSIONS - wins),
    )
