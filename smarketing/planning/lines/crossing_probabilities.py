"""The chances of every snapshot, learned from crossings of a line as they were seen to end."""

from __future__ import annotations

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.calibration import Curve, fit_chance, shift_of, shifted
from smarketing.planning.lines.purchases import counts_for
from smarketing.scoring.targets import label, reached_at

FEWEST = 5
"""Fewer wins or losses than this calibrate nothing."""
NEEDED = (
    "lead_id", "spell", "as_of", "month", "score", "points", "fit", "outcome", "purchase",
    "mql_at", "sales_ready_at", "accepted_at", "sql_at", "opportunity_at", "customer_at",
)  # fmt: skip
"""Columns of a population that chances are learned from: not the dozens of features."""


@threadpool_limits.wrap(limits=1)  # two numbers from a hundred rows: threads only wait
def add_chances(
    rows: pd.DataFrame, agreement: Agreement, at: pd.Timestamp | None = None, by: str | None = None
) -> pd.DataFrame:
    """Return the rows with the chances of a lead that crosses a line there, as known at a moment.

    A line is crossed at a spell's first snapshot at or above it, so chances are learned from
    crossings, not from all snapshots: a lead is not seen crossing the same line every week, and
    one that was handed over at once would else weigh as much as all weeks of a slow one. Each
    snapshot that tops the earlier ones counts as often as there are lines it crosses. Points are
    turned into chances by logistic calibration, bent once where the data ask for it
    (:func:`~smarketing.planning.lines.calibration.fit_chance`), on crossings whose window is
    over.

    Leads that qualification has and that never reach the SQL line have a chance of their own: it
    follows the best score their spell came to, since the best of those that cross the MQL line
    go on to cross the SQL line and count there.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a population, with ``score``, ``month`` and the spells' times; ``points`` where
        the score is bent (such as the log-odds behind a probability); ``purchase`` where several
        leads buy together (:func:`~smarketing.planning.lines.purchases.add_purchases`).
    agreement : smarketing.agreement.Agreement
    at : pandas.Timestamp, optional
        Naive UTC, the moment of planning; None for tables without dates, whose one final outcome
        stands for both lines.
    by : str, optional
        A column of groups, such as "persona", whose chances may differ at the same score: the
        log-odds of each group are shifted by what its own crossings show, drawn towards no shift
        (:func:`~smarketing.planning.lines.calibration.shift_of`).

    Returns
    -------
    pandas.DataFrame
        A copy with, all in [0, 1]: ``p_sql`` and ``p_customer``, the chance of a lead that
        crosses the MQL and the SQL line; for leads that never cross the SQL line ``p_pass`` (to
        be handed over by qualification) and ``p_passed_won`` (to be handed over and a customer),
        only where hand-overs are recorded. Customers are purchases: of leads that buy together
        only the best-scored one counts; and no pair of lines is expected to bring more of them
        than there were. Missing throughout where too few won or lost to learn from.
    """
    part = _ordered(rows)
    group = None if by is None else rows.loc[part.index, by].astype("string").fillna("").to_numpy()
    learned = _Crossings(part, agreement, at, group)
    chances = learned.chances()
    share = _not_above_winners(learned.rows, chances, learned.outcomes()["p_customer"], agreement)
    for name in ("p_customer", "p_passed_won"):
        if name in chances:
            chances[name] *= share
    return _with(rows, part, chances)


def _not_above_winners(
    rows: pd.DataFrame, chances: pd.DataFrame, won: pd.Series, agreement: Agreement
) -> float:
    """Return the share of chances at which no pair of lines exceeds the customers there were.

    Chances are smooth, and each line's leads a part of those they were learned from: at some
    lines they add up to more than all the customers of leads whose outcome is known.
    """
    known = won.notna() & chances["p_customer"].notna()
    if not known.any():
        return 1.0
    ended = rows.assign(**chances, month="all")[known]
    try:
        sums = AgreedLines.of(agreement).table(ended, ()).tables()
    except CannotAnswer:
        return 1.0
    expected = float((sums.direct_won + sums.passed_won).max())
    there_were = float(won[known].groupby([ended["lead_id"], ended["spell"]]).max().sum())
    return min(1.0, there_were / expected) if expected > 0 else 1.0


def actual_outcomes(rows: pd.DataFrame, agreement: Agreement, at: pd.Timestamp) -> pd.DataFrame:
    """Return the rows with what came in the place of the chances of :func:`add_chances`.

    Each is 0 or 1. Where a window is not over, what came by `at`
    counts: ask of months that are old enough.
    """
    part = _ordered(rows)
    return _with(rows, part, _Crossings(part, agreement, at).outcomes().fillna(0.0))


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns needed, each spell's snapshots one after the other."""
    order = rows.sort_values(["lead_id", "spell", "as_of"], kind="stable").index
    return rows.loc[order, [c for c in NEEDED if c in rows]]


def _with(rows: pd.DataFrame, ordered: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with columns that stand in the order of :func:`_ordered`."""
    columns = columns.set_axis(ordered.index)
    return rows.assign(**{name: columns[name].reindex(rows.index) for name in columns})


def crossings(rows: pd.DataFrame, agreement: Agreement) -> pd.DataFrame:
    """Return the snapshots at which a spell crosses some line: all that counts, and few."""
    rows = _ordered(rows)
    learned = _Crossings(rows, agreement, None)
    some = np.zeros(len(rows), dtype=bool)
    for line, least_fit in ((agreement.lines.sql, False), *learned.axes()):
        value, before = learned.axis(line, least_fit)
        some |= (value > before).to_numpy()
    return rows[some].reset_index(drop=True)


def judged_on(rows: pd.DataFrame, months: tuple[str, ...]) -> pd.DataFrame:
    """Return rows that are judged in whole months only; the others stay as what came before."""
    rows = rows[rows["month"] <= months[-1]].copy()
    rows.loc[~rows["month"].isin(months), ["p_sql", "p_customer"]] = np.nan
    return rows


class _Crossings:
    """The crossings of all lines, and what is known of how they ended."""

    def __init__(
        self,
        rows: pd.DataFrame,
        agreement: Agreement,
        at: pd.Timestamp | None,
        group: np.ndarray | None = None,
    ) -> None:
        rows = rows.reset_index(drop=True)
        self.rows, self.agreement, self.at, self.group = rows, agreement, at, group
        self.points = rows["points" if "points" in rows else "score"].to_numpy(dtype=float)
        self.spell = rows.groupby(["lead_id", "spell"], sort=False, dropna=False).ngroup()

    def axes(self) -> list[tuple[Line, bool]]:
        """Return the lines there are, each with its least fit."""
        lines = (self.agreement.lines.mql, self.agreement.lines.sql)
        return [(line, True) for line in lines if line is not None]

    def outcomes(self) -> pd.DataFrame:
        """Return what came in the columns of :func:`add_chances`; missing while not known."""
        mql, sql = self.agreement.lines.mql, self.agreement.lines.sql
        out = {"p_sql": self._outcome(mql)} if mql is not None else {}
        out["p_customer"] = out["p_passed_won"] = self._outcome(sql, wins=True)
        if mql is not None:
            handed = self._handed_over(mql)
            if handed is not None:
                out["p_pass"] = handed
        return pd.DataFrame(out)

    def chances(self) -> pd.DataFrame:
        """Return the columns of :func:`add_chances`."""
        rows, lines = self.rows, self.agreement.lines
        out = pd.DataFrame(index=rows.index)
        known = np.nan_to_num(self.points, nan=-np.inf)
        best = self.axis(lines.sql)[0].groupby(self.spell).transform("max").to_numpy()
        best = np.maximum(best, known)
        out["p_sql"] = out["p_customer"] = np.nan
        if lines.mql is not None:
            out["p_sql"] = self._fitted(lines.mql, self._outcome(lines.mql), self.points)
            handed = self._handed_over(lines.mql)
            passed = None if handed is None else self._fitted(lines.mql, handed, best)
            if passed is not None:
                won = self._fitted(lines.mql, self._outcome(lines.sql, wins=True), best)
                out["p_pass"], out["p_passed_won"] = passed, 0.0 if won is None else won
        out["p_customer"] = self._fitted(lines.sql, self._outcome(lines.sql, True), self.points)
        return out.astype(float)

    def axis(self, line: Line, least_fit: bool = True) -> tuple[pd.Series, pd.Series]:
        """Return the points that count for a line, and the best of the spell before."""
        value = pd.Series(np.nan_to_num(self.points, nan=-np.inf))
        if least_fit and "fit" in self.rows:
            fits = self.rows["fit"].to_numpy(dtype=float) >= (line.fit_at_least or 0)
            value = value.where(fits, -np.inf)
        before = value.groupby(self.spell).cummax().groupby(self.spell).shift(1)
        return value, before.fillna(-np.inf)

    def _outcome(self, line: Line, wins: bool = False) -> pd.Series:
        """Return what each snapshot came to, in [0, 1]; missing while it is not known."""
        ended = label(self.rows, line, self.agreement, self.at)["outcome"].astype(float)
        if wins and line.target == "customer" and self.at is not None:
            best = self.axis(self.agreement.lines.sql)[0].groupby(self.spell).transform("max")
            ended = ended * counts_for(self.rows, self.spell, best.to_numpy(), self.at)
        return ended

    def _handed_over(self, line: Line) -> pd.Series | None:
        """Return whether each snapshot was handed over within the MQL line's window."""
        if self.at is None or self.rows["sales_ready_at"].isna().all():
            return None
        as_of = pd.to_datetime(self.rows["as_of"])
        due, handed = (
            as_of + pd.Timedelta(days=line.window_days),
            reached_at(self.rows, "sales_ready"),
        )
        known = (due <= self.at) & ~(handed < as_of)
        return (handed <= due).astype(float).where(known)

    def _fitted(self, line: Line, outcome: pd.Series, points: np.ndarray) -> np.ndarray | None:
        """Return the chance of every row, learned from crossings of a line's axis."""
        # Few lead a sheltered life above the least fit: then all crossings teach.
        for least_fit in (True, False):
            value, before = self.axis(line, least_fit)
            crossed = (value > before) & outcome.notna()
            weight = self._weight(value, before, outcome, crossed.to_numpy())
            if weight is None:
                continue
            known, won = np.isfinite(points), outcome.to_numpy()
            chance = _curve(points[crossed], won[crossed], weight[crossed])
            chances = np.where(known, chance(np.where(known, points, 0.0)), np.nan)
            for name in () if self.group is None else np.unique(self.group):
                own = self.group == name
                some = own & crossed.to_numpy()
                shift = shift_of(chances[some], won[some], weight[some])
                chances[own] = shifted(chances[own], shift)
            return chances
        return None

    def _weight(
        self, value: pd.Series, before: pd.Series, outcome: pd.Series, crossed: np.ndarray
    ) -> np.ndarray | None:
        """Return how much each crossing counts; None where too few won or lost to learn from."""
        won, spell = outcome.to_numpy()[crossed], self.spell.to_numpy()[crossed]
        seen = [len(np.unique(spell[ended])) for ended in (won > 0, won <= 0)]
        if min(seen) < FEWEST:
            return None
        high, low = value.to_numpy()[crossed], before.to_numpy()[crossed]
        step = max(np.ptp(high) / 100, 1e-9)
        span = high - np.maximum(low, high.min() - step)
        weight = np.zeros(len(value))
        weight[crossed] = span * len(np.unique(spell)) / span.sum()  # a spell is one piece
        return weight


def _curve(points: np.ndarray, won: np.ndarray, weight: np.ndarray) -> Curve:
    """Return score -> chance; rows of one score weigh together, a hundredth of the rows."""
    at, place = np.unique(points, return_inverse=True)
    sums = [np.bincount(place, weight * share, len(at)) for share in (1 - won, won)]
    ended, total = np.repeat([False, True], len(at)), np.concatenate(sums)
    some = total > 0
    return fit_chance(np.tile(at, 2)[some], ended[some], total[some])
