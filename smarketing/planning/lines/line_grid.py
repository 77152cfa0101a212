"""What any pair of lines would have sent to each desk, month by month: precomputed tables.

A spell crosses a line at its *first* snapshot at or above it. So only the snapshots at which a
spell's score rises above all its earlier ones matter (its *records*), and each record answers a
whole range of lines at once: a rectangle of (MQL line, SQL line) pairs. The rectangles are added
up as corners of a two-dimensional cumulative sum, which makes every pair of lines, every month
and every resample cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr

RECENT_MONTHS = 12
"""Months of history that lines are judged on."""
MOST_LINES = 120
"""Distinct scores beyond this are thinned to quantiles; a uniform grid would miss the tail."""
LinePair = tuple[int, int]
"""Places of the MQL line and the SQL line in the grid."""


@dataclass(frozen=True)
class Tables:
    """Monthly sums for every pair of lines: shape (months, MQL lines, SQL lines).

    ``direct`` and ``direct_won`` depend on the SQL line alone: shape (months, 1, SQL lines).

    Attributes
    ----------
    qualified : numpy.ndarray
        Leads handed to qualification.
    qualified_sql : numpy.ndarray
        Expected SQLs among them.
    passed, passed_won, noise : numpy.ndarray
        Of those that never reach the SQL line: expected hand-overs by qualification, expected
        customers, and the variance of the hand-overs around their expectation.
    direct, direct_won : numpy.ndarray
        Leads handed straight to a rep, and expected customers among them.
    """

    qualified: np.ndarray
    qualified_sql: np.ndarray
    passed: np.ndarray
    passed_won: np.ndarray
    noise: np.ndarray
    direct: np.ndarray
    direct_won: np.ndarray


@dataclass(frozen=True)
class LineTable:
    """The records of all spells against a grid of possible lines.

    Attributes
    ----------
    grid : numpy.ndarray
        Possible lines, ascending; the last is above every score: nobody crosses it.
    months : tuple of str
        Months judged, ascending.
    mql, sql : pandas.DataFrame
        One row per record: ``lead`` and ``month`` (positions; month -1 is not judged),
        ``low``, ``high`` (the lines low <= i < high of the grid are crossed here first), the
        chances, and for ``mql`` ``over`` (the score then) and ``best`` (the spell's best) on
        the SQL line's axis.
    leads : int
        Different leads.
    spells : pandas.DataFrame
        Per spell judged: its best chances, ``low_mql`` and ``low_sql`` (lines below are crossed).
    """

    grid: np.ndarray
    months: tuple[str, ...]
    mql: pd.DataFrame
    sql: pd.DataFrame
    leads: int
    spells: pd.DataFrame

    def position(self, line: float) -> int:
        """Return the place in the grid that a line acts as: the first score at or above it."""
        place = int(np.searchsorted(self.grid, line, "left"))
        return min(place, self.nobody)

    def line(self, place: int) -> int | float:
        """Return the line at a place, a whole number where it is one."""
        value = float(self.grid[place])
        return int(value) if value.is_integer() else value

    @property
    def nobody(self) -> int:
        """The place of the line above every score."""
        return len(self.grid) - 1

    def tables(self, weight: np.ndarray | None = None) -> Tables:
        """Return the monthly sums of all pairs of lines, each lead counted `weight` times.

        Parameters
        ----------
        weight : numpy.ndarray, optional
            Shape (leads,); resamples give how often each lead was drawn.
        """
        g, t = len(self.grid), len(self.months)
        weight = np.ones(self.leads) if weight is None else weight
        q = self._judged_mql
        w = weight[q["lead"]]
        size = g + 1

        def rectangles(value: np.ndarray, right: str) -> np.ndarray:
            """Add value to all pairs with low <= MQL line < high and SQL line >= right."""
            start = (q["month"] * size + q["low"]) * size + q[right]
            end = (q["month"] * size + q["high"]) * size + q[right]
            shape = t * size * size
            corners = np.bincount(start, w * value, shape) - np.bincount(end, w * value, shape)
            sums = corners.reshape(t, size, size).cumsum(axis=1).cumsum(axis=2)
            return np.maximum(sums[:, :g, :g], 0.0)  # differences of equal sums may miss zero

        s = self._judged_sql
        ws = weight[s["lead"]]

        def strips(value: np.ndarray) -> np.ndarray:
            start, end = s["month"] * size + s["low"], s["month"] * size + s["high"]
            corners = np.bincount(start, ws * value, t * size)
            corners -= np.bincount(end, ws * value, t * size)
            return np.maximum(corners.reshape(t, 1, size).cumsum(axis=2)[:, :, :g], 0.0)

        one = np.ones(len(w))
        return Tables(
            qualified=rectangles(one, "over"),
            qualified_sql=rectangles(q["p_sql"], "over"),
            passed=rectangles(q["p_pass"], "best"),
            passed_won=rectangles(q["p_won"], "best"),
            noise=rectangles(q["p_pass"] * (1 - q["p_pass"]), "best"),
            direct=strips(np.ones(len(ws))),
            direct_won=strips(s["p_customer"]),
        )

    @cached_property
    def _judged_mql(self) -> dict[str, np.ndarray]:
        return {c: self.mql[c].to_numpy()[self.mql.month >= 0] for c in self.mql}

    @cached_property
    def _judged_sql(self) -> dict[str, np.ndarray]:
        return {c: self.sql[c].to_numpy()[self.sql.month >= 0] for c in self.sql}

    def last(self, months: int) -> LineTable:
        """Return the same table judged on its last months only."""
        if months >= len(self.months):
            return self
        dropped = len(self.months) - months
        mql, sql = (f.assign(month=np.maximum(f.month - dropped, -1)) for f in (self.mql, self.sql))
        return replace(self, months=self.months[dropped:], mql=mql, sql=sql)

    def flow(self, mql: float, sql: float) -> pd.DataFrame:
        """Return what a pair of lines would have given each month.

        Returns
        -------
        pandas.DataFrame
            ``month``, ``mqls`` (leads handed to qualification), ``direct``, ``passed``
            (expected), ``sales_ready`` (direct + passed), ``sqls`` (expected among MQLs),
            ``direct_won``, ``passed_won`` (expected customers among the direct and among those
            passed on), ``noise``.
        """
        m, s, n = self.position(mql), self.position(sql), len(self.months)
        q, d = self._judged_mql, self._judged_sql
        sent = (q["low"] <= m) & (m < q["high"]) & (s >= q["over"])
        never = sent & (s >= q["best"])
        straight = (d["low"] <= s) & (s < d["high"])

        def per_month(rows: dict[str, np.ndarray], mask: np.ndarray, value=None) -> np.ndarray:
            weight = None if value is None else value[mask]
            return np.bincount(rows["month"][mask], weight, n).astype(float)

        chance = q["p_pass"]
        direct, passed = per_month(d, straight), per_month(q, never, chance)
        return pd.DataFrame(
            {
                "month": list(self.months),
                "mqls": per_month(q, sent),
                "direct": direct,
                "passed": passed,
                "sales_ready": direct + passed,
                "sqls": per_month(q, sent, q["p_sql"]),
                "direct_won": per_month(d, straight, d["p_customer"]),
                "passed_won": per_month(q, never, q["p_won"]),
                "noise": per_month(q, never, chance * (1 - chance)),
            }
        )


def build_lines(
    rows: pd.DataFrame,
    fit_mql: int = 0,
    fit_sql: int = 0,
    extra: tuple[float, ...] = (),
    one_line: bool = False,
) -> LineTable:
    """Precompute the crossings of all lines.

    Parameters
    ----------
    rows : pandas.DataFrame
        Snapshots: ``lead_id``, ``spell``, ``as_of``, ``month`` ("YYYY-MM"), ``score``, ``fit``
        (optional), ``p_sql``, ``p_customer`` in [0, 1]. Rows without chances are history only:
        a spell that crossed there has crossed, but is not counted. For leads that never reach
        the SQL line ``p_pass`` (handed over by qualification) and ``p_passed_won`` (handed over
        and a customer): without them qualification passes on nobody. They may rest on the
        spell's best score, as :func:`~smarketing.planning.add_chances` gives them.
    fit_mql, fit_sql : int
        Least fit of each line.
    extra : tuple of float
        Lines that must be in the grid, such as today's.
    one_line : bool
        Without a qualification desk: the MQL line is the SQL line and nobody is qualified.

    Returns
    -------
    LineTable

    Raises
    ------
    CannotAnswer
        If no row has chances.

    Examples
    --------
    >>> rows = pd.DataFrame({"lead_id": ["a", "a", "b"], "spell": 1, "as_of": [1, 2, 1],
    ...     "month": ["2026-09", "2026-10", "2026-10"], "score": [40, 70, 50], "fit": 0,
    ...     "p_sql": [0.2, 0.5, 0.3], "p_customer": [0.05, 0.2, 0.1]})
    >>> build_lines(rows).flow(mql=40, sql=70)[["month", "mqls", "direct"]].values.tolist()
    [['2026-09', 1.0, 0.0], ['2026-10', 1.0, 1.0]]
    """
    rows = rows.sort_values(["lead_id", "spell", "as_of"], kind="stable").reset_index(drop=True)
    known = _known(rows, one_line)
    months = sorted(rows.loc[known, "month"].astype(str).unique())
    place = {month: i for i, month in enumerate(months)}
    month = rows["month"].astype(str).map(place).where(known).fillna(-1).astype(int)
    grid = _grid(rows["score"].dropna().to_numpy(dtype=float), extra)
    spell = rows.groupby(["lead_id", "spell"], sort=False, dropna=False).ngroup()
    on_mql = _reached(rows, grid, spell, fit_sql if one_line else fit_mql)
    on_sql = _reached(rows, grid, spell, fit_sql)
    lead = pd.factorize(rows["lead_id"])[0]
    base = chances_of(rows).assign(lead=lead, month=month)
    mql = base.assign(
        low=on_mql["before"], high=on_mql["at"], over=on_sql["so_far"], best=on_sql["best"]
    )
    sql = base.assign(low=on_sql["before"], high=on_sql["at"])
    judged = base[["p_sql", "p_customer"]].assign(m=on_mql["at"], s=on_sql["at"])[month >= 0]
    return LineTable(
        grid,
        tuple(months),
        mql[(mql["high"] > mql["low"]) & (not one_line)].reset_index(drop=True),
        sql[sql["high"] > sql["low"]].reset_index(drop=True),
        int(lead.max()) + 1,
        judged.groupby(spell[month >= 0]).max(),
    )


def _known(rows: pd.DataFrame, one_line: bool) -> pd.Series:
    """Return which rows have the chances that lines are judged by."""
    known = rows["p_customer"].notna() & rows["score"].notna()
    if not one_line:
        known &= rows["p_sql"].notna()
    if not known.any():
        raise CannotAnswer(
            tr(
                "no lead has a known chance of reaching the lines' targets: history is too short, "
                "or nobody in it reached them"
            )
        )
    return known


def _reached(rows: pd.DataFrame, grid: np.ndarray, spell: pd.Series, fit: int) -> pd.DataFrame:
    """Return how many lines of the grid each row reaches, with its spell's rows before and after.

    Lines 0 … ``at`` - 1 are reached: ``before`` by an earlier row, ``so_far``, and at ``best``.
    """
    score = rows["score"].to_numpy(dtype=float)
    if "fit" in rows:
        score = np.where(rows["fit"].to_numpy(dtype=float) >= fit, score, -np.inf)
    at = pd.Series(np.searchsorted(grid, np.nan_to_num(score, nan=-np.inf), "right"))
    by_spell = at.groupby(spell)
    so_far = by_spell.cummax()
    before = so_far.groupby(spell).shift(1, fill_value=0)
    best = by_spell.transform("max")
    return pd.DataFrame({"at": at, "before": before, "so_far": so_far, "best": best})


def chances_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the chances of each row; one that is not known is none."""
    names = {"p_sql": "p_sql", "p_customer": "p_customer", "p_pass": "p_pass",
             "p_won": "p_passed_won"}  # fmt: skip
    columns = rows.reindex(columns=list(names.values())).fillna(0).astype(float)
    return columns.set_axis(list(names), axis=1)


def _grid(scores: np.ndarray, extra: tuple[float, ...]) -> np.ndarray:
    values = np.unique(scores)
    if len(values) > MOST_LINES:
        # Half by rank among all leads, half from the top, where the lines usually lie.
        shares = np.r_[np.linspace(0, 0.8, MOST_LINES // 2), np.linspace(0.8, 1, MOST_LINES // 2)]
        values = np.unique(np.quantile(scores, shares, method="inverted_cdf"))
    whole = np.all(values == np.round(values))
    spread = values[-1] - values[0]
    nobody = values[-1] + (1.0 if whole else max(spread, 1e-6) * 1e-3)
    kept = [x for x in extra if x is not None and x < nobody]
    return np.unique(np.r_[values, kept, nobody])
