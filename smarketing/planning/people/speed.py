"""What faster contact is worth on history – which is no experiment."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.rates import newcombe, wilson
from smarketing.funnel.wording import hours_of
from smarketing.language.catalogue import mark, tr, trc
from smarketing.language.numbers import count, fixed, number
from smarketing.language.plurals import trn
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
    hours: pd.Series, won: pd.Series, within_hours: float = 24.0, clock: str = "elapsed"
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
    clock : {"elapsed", "business"}
        Which hours they are.

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
    within, between, after = BUSINESS_HOURS if clock == "business" else ELAPSED_HOURS
    names = [tr(within, hours=bounds[0])]
    names += [tr(between, low=low, high=high) for low, high in pairwise(bounds)]
    names += [tr(after, hours=bounds[-1]), trc("contacted", "never")]
    place = np.where(hours.isna(), len(edges) + 1, np.searchsorted(edges, hours, "left"))
    groups = [won[place == n] for n in range(len(names))]
    hits, sizes = [int(group.sum()) for group in groups], [len(group) for group in groups]
    rate, low, high = wilson(hits, sizes)
    buckets = {"contacted": names, "n": sizes, "won": hits, "close_rate": rate}
    soon = (hours <= within_hours).to_numpy()
    k, n, k_soon, n_soon = int(won.sum()), len(won), int(won[soon].sum()), int(soon.sum())
    more = newcombe(k_soon, n_soon, k - k_soon, n - n_soon) if 0 < n_soon < n else None
    difference, least, most = more or (None, None, None)
    return ContactSpeed(
        buckets=pd.DataFrame({**buckets, "low": low, "high": high}),
        difference=difference,
        low=least,
        high=most,
        within_hours=float(within_hours),
        sentence=_sentence(more, hours_of(within_hours, clock), n_soon, n),
        warning=tr(WARNING),
    )


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
