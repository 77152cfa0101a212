"""What the leads that a team can work would have brought, had a score chosen them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Worked:
    """What was won among the leads chosen; numbers, or one number per resample.

    Parameters
    ----------
    worked, won : float or array
        Leads worked, and how many of them reached the target.
    months : int
        Months the leads were chosen in.
    picked : array of bool
        Which spells were worked, in order of their first row.
    """

    worked: NDArray[np.float64]
    won: NDArray[np.float64]
    months: int
    picked: NDArray[np.bool_]

    @property
    def close_rate(self) -> NDArray[np.float64]:
        """Won ÷ worked; NaN where nobody was worked."""
        nobody = np.full(np.shape(self.won), np.nan)
        return np.divide(self.won, self.worked, out=nobody, where=self.worked > 0)

    def value(self, per_win: float, cost: float) -> NDArray[np.float64]:
        """Return the margin a month: wins × margin of a win − leads worked × cost of working."""
        return (self.won * per_win - self.worked * cost) / max(self.months, 1)


def work_the_best(
    spell: ArrayLike,
    month: ArrayLike,
    outcome: ArrayLike,
    score: ArrayLike,
    per_month: float,
    count: ArrayLike | None = None,
) -> Worked:
    """Work the K best leads of each month, each spell once, and count what they became.

    Month by month: of the spells not yet worked, the K with the best score are worked, at their
    best row of that month (the first of them, if several are equal). A spell worked in one month
    is not worked again later. Equal scores of different leads are put in a random order (seeded),
    so that no other order of the rows – that of the file, say – helps a score that cannot tell
    them apart.

    Parameters
    ----------
    spell, month, outcome, score : array of shape (n,)
        Rows in order of time. Where there are no dates, one and the same month for all.
    per_month : float
        K, leads a month.
    count : array of shape (resamples, n), optional
        How often each row stands in each resample.

    Examples
    --------
    >>> got = work_the_best(["a", "b", "a", "c"], ["1", "1", "2", "2"], [1, 0, 1, 0],
    ...                     [9, 5, 8, 7], per_month=1)
    >>> float(got.worked), float(got.won), float(got.close_rate)
    (2.0, 1.0, 0.5)
    """
    rows = pd.DataFrame({"spell": spell, "month": month, "y": outcome, "score": score})
    rows["y"] = rows.y.astype(float)
    rows["spell"] = pd.factorize(rows.spell)[0]
    spells = int(rows.spell.max()) + 1 if len(rows) else 0
    rows["luck"] = np.random.default_rng(0).permutation(spells)[rows.spell]
    counts = np.ones((1, len(rows))) if count is None else np.asarray(count, float)
    free = np.ones((len(counts), spells), bool)
    worked, won = np.zeros(len(counts)), np.zeros(len(counts))
    months = 0
    best_first = rows.sort_values(["score", "luck"], ascending=False, kind="stable")
    best_first = best_first[~best_first.duplicated(["month", "spell"])]
    for _, part in best_first.groupby("month", sort=True):
        months += 1
        waiting = counts[:, part.index] * free[:, part.spell]
        taken = np.clip(per_month - (np.cumsum(waiting, axis=1) - waiting), 0, waiting)
        worked += taken.sum(axis=1)
        won += taken @ part.y.to_numpy()
        free[:, part.spell] &= taken == 0
    if count is None:
        return Worked(worked[0], won[0], months, ~free[0])
    return Worked(worked, won, months, ~free)


def same_picks(one: Worked, other: Worked) -> float | None:
    """Return the share of the leads one score works that the other works too; None of none.

    Examples
    --------
    >>> rows = (["a", "b", "c"], ["1"] * 3, [1, 0, 0])
    >>> one = work_the_best(*rows, [9, 5, 1], per_month=2)
    >>> same_picks(one, work_the_best(*rows, [9, 1, 5], per_month=2))
    0.5
    """
    most = max(one.picked.sum(), other.picked.sum())
    return float((one.picked & other.picked).sum() / most) if most else None
