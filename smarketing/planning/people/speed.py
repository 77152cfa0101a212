"""What faster contact is worth on history – which is no experiment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import mark, tr, trc
from smarketing.language.numbers import count, fixed, number
from smarketing.language.plurals import trn
from smarketing.planning import wording as words
from smarketing.results import Result

WARNING = mark(
    "History is no experiment: reps may call the leads first that look best, so part of the "
    "difference is the leads', not the speed's. Contact a random half faster to know."
)
BOUNDS = (1.0, 4.0, 24.0, 48.0)
"""Hours at which the buckets end."""
ELAPSED_HOURS = (mark("within {hours} h"), mark("{low} to {high} h"), mark("after {hours} h"))
BUSINESS_HOURS = (
    mark("within {hours} business hours"),
    mark("{low} to {high} business hours"),
    mark("after {hours} business hours"),
)
"""What the buckets are called."""


@dataclass(frozen=True)
class ContactSpeed(Result):
    """How hand-overs closed by the hours until their first attempt.

    Attributes
    ----------
    buckets : pandas.DataFrame
        One row per stretch of hours: ``contacted``, ``n``, ``won``, ``close_rate`` with its
        95 % Wilson interval ``low``, ``high`` (missing where n is 0).
    difference, low, high : float or None
        Close rate of those contacted within `within_hours` less the others', with a 95 %
        interval (Newcombe, 1998); None where one of the groups is empty.
    within_hours : float
    sentence : str
    warning : str
    """

    buckets: pd.DataFrame
    difference: float | None
    low: float | None
    high: float | None
    within_hours: float
    sentence: str
    warning: str = WARNING

    def frame(self) -> pd.DataFrame:
        """Return one row per stretch of hours."""
        return self.buckets.copy()


def worth_of_speed(
    hours: pd.Series, won: pd.Series, within_hours: float = 24.0, business: bool = False
) -> ContactSpeed:
    """Return what hand-overs contacted sooner were won more often than the others.

    Parameters
    ----------
    hours : pandas.Series of float
        From hand-over to first attempt, on the agreed clock; missing where never contacted.
        Only hand-overs whose window is over belong here.
    won : pandas.Series of bool
    within_hours : float
        Where soon ends, such as the promise of first contact.
    business : bool
        Whether the hours are those of the calendar.

    Returns
    -------
    ContactSpeed

    Raises
    ------
    CannotAnswer
        If there is no hand-over.

    Examples
    --------
    >>> hours, won = pd.Series([1, 2, 30, None]), pd.Series([True, False, False, False])
    >>> worth_of_speed(hours, won).difference
    0.5
    """
    hours = pd.Series(hours, dtype=float).reset_index(drop=True)
    won = pd.Series(won).astype(bool).reset_index(drop=True)
    if hours.empty:
        raise CannotAnswer(tr("no hand-over is old enough to tell what faster contact is worth"))
    edges = sorted({*BOUNDS, float(within_hours)})
    bounds = [number(edge, 2) for edge in edges]
    within, between, after = BUSINESS_HOURS if business else ELAPSED_HOURS
    names = [tr(within, hours=bounds[0])]
    names += [tr(between, low=low, high=high) for low, high in pairwise(bounds)]
    names += [tr(after, hours=bounds[-1]), trc("contacted", "never")]
    place = np.where(hours.isna(), len(edges) + 1, np.searchsorted(edges, hours, "left"))
    rows = []
    for n, name in enumerate(names):
        group = won[place == n]
        low, high = _wilson(int(group.sum()), len(group))
        rate = float(group.mean()) if len(group) else None
        rows.append((name, len(group), int(group.sum()), rate, low, high))
    columns = ["contacted", "n", "won", "close_rate", "low", "high"]
    soon = (hours <= within_hours).to_numpy()
    more = None if soon.all() or not soon.any() else _difference(won[soon], won[~soon])
    difference, low, high = more or (None, None, None)
    return ContactSpeed(
        pd.DataFrame(rows, columns=columns),
        difference,
        low,
        high,
        float(within_hours),
        _sentence(more, words.hours_of(within_hours, business), int(soon.sum()), len(soon)),
        tr(WARNING),
    )


def _wilson(k: int, n: int) -> tuple[float | None, float | None]:
    if n == 0:
        return None, None
    low, high = proportion_confint(k, n, 0.05, method="wilson")
    return float(low), float(high)


def _difference(one: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Return the difference of two rates with its 95 % interval (Newcombe, 1998)."""
    low, high = confint_proportions_2indep(
        int(one.sum()), len(one), int(other.sum()), len(other), compare="diff", method="newcomb"
    )
    return float(one.mean() - other.mean()), float(low), float(high)


def _sentence(more: tuple[float, float, float] | None, hours: str, soon: int, n: int) -> str:
    if more is None:
        all_of_them = {
            "hand_overs": trn("{n} hand-over", "{n} hand-overs", n),
            "hours": hours,
        }
        if soon:
            return tr(
                "Every one of {hand_overs} was contacted within {hours}: there is nothing to "
                "compare.",
                **all_of_them,
            )
        return tr(
            "No one of {hand_overs} was contacted within {hours}: there is nothing to compare.",
            **all_of_them,
        )
    difference, low, high = more
    values = {
        "soon": count(soon),
        "n": count(n),
        "hours": hours,
        "points": fixed(100 * abs(difference), 1),
        "low": fixed(100 * low, 1),
        "high": fixed(100 * high, 1),
    }
    if difference >= 0:
        text = tr(
            "{soon} of {n} hand-overs were contacted within {hours}; their close rate is {points} "
            "points above the others' ({low} to {high})",
            **values,
        )
    else:
        text = tr(
            "{soon} of {n} hand-overs were contacted within {hours}; their close rate is {points} "
            "points below the others' ({low} to {high})",
            **values,
        )
    if low > 0 or high < 0:
        return f"{text}."
    return tr("{difference}. The difference is not statistically significant (95 %).",
              difference=text)  # fmt: skip
