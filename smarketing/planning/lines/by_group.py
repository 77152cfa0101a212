"""Lines for each persona or product, sharing the capacities of the same two desks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import number
from smarketing.planning import wording as words
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.choice import best_lines
from smarketing.planning.lines.line_grid import RECENT_MONTHS, LineTable
from smarketing.planning.lines.margin import Terms, judge
from smarketing.planning.lines.sharing import AXES, GroupPairs, Sharing, line_at, places
from smarketing.results import Result

MOST_GROUPS = 12
OTHERS = mark("others")
"""The group of leads without one: an unmatched persona is a group too."""


@dataclass(frozen=True)
class GroupLines(Result):
    """Lines for each group, solved together.

    Attributes
    ----------
    by : str
        The column that tells the groups apart.
    lines : pandas.DataFrame
        One row per group, and a last one for all together: ``group``, ``leads`` (spells judged),
        ``mql``, ``sql`` (missing where nobody of the group crosses it), and a month ``mqls``,
        ``sales_ready``, ``customers``, ``margin`` (before leads that a full desk cannot take).
        With resamples also ``mql_low`` … ``sql_high``: 90 % intervals of the lines themselves.
    margin : float
        A month, of all groups together at their own lines.
    margin_of_one_pair : float
        The same if one pair of lines served all groups.
    one_pair : tuple of float
        That pair.
    overflow_qualification, overflow_closing : float or None
        Chance of more leads in a month than a desk can take; None without a limit.
    worth_qualification, worth_closing : float or None
        Margin a month that room for one more lead would add, by a tenth more room and one lead at
        least: what the last lead of every group is worth alike. None without a limit.
    gain_low, gain_high : float or None
        90 % interval of what these lines earn a month above one pair; None without resamples.
    resamples : int
    sentence : str
    """

    by: str
    lines: pd.DataFrame
    margin: float
    margin_of_one_pair: float
    one_pair: tuple[float, float]
    overflow_qualification: float | None
    overflow_closing: float | None
    worth_qualification: float | None
    worth_closing: float | None
    gain_low: float | None
    gain_high: float | None
    resamples: int
    sentence: str

    def frame(self) -> pd.DataFrame:
        """Return the lines, one row per group and one for all."""
        return self.lines.copy()

    def row(self, group: str) -> dict[str, Any]:
        """Return one group's lines and what they give."""
        rows = self.lines[self.lines["group"] == group]
        if rows.empty:
            raise KeyError(group)
        return rows.iloc[0].to_dict()


def recommend_lines_by(
    rows: pd.DataFrame,
    agreement: Agreement,
    by: str = "persona",
    terms: Terms | None = None,
    recent: int = RECENT_MONTHS,
    resamples: int = 0,
    seed: int = 0,
) -> GroupLines:
    """Recommend lines for each group of leads, which share the desks.

    A lead is worth the desk's time where it earns at least what the desk's time is worth
    elsewhere. So each desk's time has one price; at given prices every group takes its own best
    lines, and the prices are those at which all groups together fit both capacities as often as
    agreed. From there each group's lines are moved while that earns more. One pair of lines for
    all is among the ways tried, so lines by group never earn less on the same leads.

    Parameters
    ----------
    rows : pandas.DataFrame
        As for :func:`~smarketing.planning.recommend_thresholds`, with the column `by`; chances
        should differ by group (:func:`~smarketing.planning.add_chances` with ``by``).
    agreement : smarketing.agreement.Agreement
    by : str
        Such as "persona"; leads without a value are a group of their own.
    terms, recent
        As for :func:`~smarketing.planning.recommend_thresholds`.
    resamples : int
        Bootstrap resamples, over the leads of each group and over months, for intervals of the
        lines; 0 for none.
    seed : int

    Raises
    ------
    UsageError
        If the rows have no such column, or it has too many values.

    Examples
    --------
    >>> found = recommend_lines_by(rows, agreement, by="persona")  # doctest: +SKIP
    >>> found.row("it_decision_maker")["sql"]  # doctest: +SKIP
    48
    """
    terms, agreed = terms or Terms.of(agreement), AgreedLines.of(agreement)
    rows = rows.reset_index(drop=True)
    groups = _groups(rows, by)
    whole = agreed.table(rows).last(recent)
    tables = _tables(rows, groups, agreed, whole)
    money = judge(whole.tables(), terms)
    all_alike = best_lines(money, terms, agreed.places(whole))
    pair = (float(whole.grid[all_alike[0]]), float(whole.grid[all_alike[1]]))
    solver = Sharing(tables, terms, (agreed.mql, agreed.sql))
    chosen = solver.solve([pair])
    risks = solver.overflow(chosen)
    drawn, gains = _resample(solver, pair, chosen, resamples, seed)
    low, high = (float(x) for x in np.quantile(gains, [0.05, 0.95])) if gains else (None, None)
    lines = GroupLines(
        by=by,
        lines=_with_intervals(solver, chosen, drawn),
        margin=solver.margin(chosen),
        margin_of_one_pair=float(money.margin[all_alike]),
        one_pair=pair,
        overflow_qualification=risks.get("qualification"),
        overflow_closing=risks.get("closing"),
        worth_qualification=_worth_of_room("qualification", solver, pair, chosen),
        worth_closing=_worth_of_room("closing", solver, pair, chosen),
        gain_low=low,
        gain_high=high,
        resamples=resamples,
        sentence="",
    )
    return replace(lines, sentence=_sentence(lines, agreement.currency))


def _tables(
    rows: pd.DataFrame, groups: pd.Series, agreed: AgreedLines, whole: LineTable
) -> dict[str, LineTable]:
    """Return the crossings of each group that has chances, on the months of all together."""
    tables = {}
    for name, part in rows.groupby(groups, sort=True):
        try:
            table = agreed.table(part, tuple(whole.grid[:-1]))
        except CannotAnswer:
            continue  # of months without chances only
        tables[str(name)] = _on_months(table, whole.months)
    return tables


def _worth_of_room(
    desk: str, solver: Sharing, pair: tuple[float, float], chosen: GroupPairs
) -> float | None:
    """Return the margin that room for one more lead at a desk would add; None without a limit."""
    terms, room = solver.terms, getattr(solver.terms, desk)
    if math.isinf(room) or room <= 0 or (terms.one_line and desk == "qualification"):
        return None
    more = max(1.0, room / 10)
    wider = Sharing(solver.tables, replace(terms, **{desk: room + more}), solver.today)
    gained = wider.margin(wider.solve([pair], chosen)) - solver.margin(chosen)
    return max(0.0, round(gained / more, 2))


def _resample(
    solver: Sharing, pair: tuple[float, float], chosen: GroupPairs, resamples: int, seed: int
) -> tuple[list[GroupPairs], list[float]]:
    """Return the lines chosen anew on leads and months drawn, and what the chosen ones gain."""
    rng = np.random.default_rng(seed)
    tables, drawn, gains = solver.tables, [], []
    alike = {name: places(table, pair) for name, table in tables.items()}
    months = len(next(iter(tables.values())).months)
    for _ in range(resamples):
        often = rng.multinomial(months, np.full(months, 1 / months)).astype(float)
        sums = {}
        for name, table in tables.items():
            leads = rng.multinomial(table.leads, np.full(table.leads, 1 / table.leads))
            sums[name] = table.tables(leads)
        again = Sharing(tables, solver.terms, solver.today, sums, often)
        drawn.append(again.solve([pair], chosen))
        gains.append(again.margin(chosen) - again.margin(alike))
    return drawn, gains


def _with_intervals(solver: Sharing, chosen: GroupPairs, drawn: list[GroupPairs]) -> pd.DataFrame:
    """Return the lines with the 90 % intervals of their resamples, each a score of the group."""
    frame = solver.frame(chosen)
    if not drawn:
        return frame
    for axis, name in enumerate(AXES):
        for end, share in (("low", 0.05), ("high", 0.95)):
            column: list[float | None] = []
            for group in frame["group"]:
                table = solver.tables.get(group)
                if table is None or (name == "mql" and solver.terms.one_line):
                    column.append(None)
                    continue
                drawn_at = [pairs[group][axis] for pairs in drawn]
                column.append(line_at(table, int(np.quantile(drawn_at, share, method="nearest"))))
            frame[f"{name}_{end}"] = pd.Series(column, dtype=object)
    return frame


def check_column(rows: pd.DataFrame, by: str) -> None:
    """Refuse a column that the leads do not have."""
    if by not in rows:
        raise UsageError(f"leads have no {by!r} to draw lines by")


def _groups(rows: pd.DataFrame, by: str) -> pd.Series:
    check_column(rows, by)
    # A spell is of one group: that of its first snapshot.
    rows = rows.sort_values("as_of", kind="stable")
    first = rows[by].astype("string").fillna(OTHERS).groupby([rows["lead_id"], rows["spell"]])
    groups = first.transform("first")
    if groups.nunique() > MOST_GROUPS:
        raise UsageError(
            Problem(
                f"{by!r} has too many values for a pair of lines each",
                found=str(groups.nunique()),
                allowed=f"at most {MOST_GROUPS}",
            )
        )
    return groups.sort_index()


def _on_months(table: LineTable, months: tuple[str, ...]) -> LineTable:
    """Return a table that counts on these months; others are history only."""
    place = np.array([months.index(m) if m in months else -1 for m in table.months] + [-1])
    moved = [frame.assign(month=place[frame["month"]]) for frame in (table.mql, table.sql)]
    return replace(table, months=months, mql=moved[0], sql=moved[1])


def _sentence(lines: GroupLines, currency: str) -> str:
    gain = lines.margin - lines.margin_of_one_pair
    if gain < 0.01 * abs(lines.margin_of_one_pair):
        return tr(
            "Lines by {column} would earn less than 1 % more than one pair for all.",
            column=lines.by,
        )
    values = {
        "column": lines.by,
        "lines": "; ".join(_lines_of(row) for row in lines.lines.iloc[:-1].to_dict("records")),
        "gain": words.money(gain, currency),
    }
    if lines.gain_low is None or lines.gain_high is None:
        return tr(
            "Lines by {column} ({lines}) earn {gain} more a month than one pair for all, on the "
            "same leads and within the same capacities.",
            **values,
        )
    return tr(
        "Lines by {column} ({lines}) earn {gain} more a month than one pair for all ({low} to "
        "{high}), on the same leads and within the same capacities.",
        low=words.money(lines.gain_low, currency),
        high=words.money(lines.gain_high, currency),
        **values,
    )


def _lines_of(row: dict[str, Any]) -> str:
    """Return a group's lines within the sentence."""
    group = tr(OTHERS) if row["group"] == OTHERS else row["group"]
    mql, sql = (None if _none(row[axis]) else number(row[axis], 3) for axis in AXES)
    if mql is None and sql is None:
        return tr("{group}: nobody", group=group)
    if sql is None:
        return tr("{group}: MQL {mql}", group=group, mql=mql)
    if mql is None:
        return tr("{group}: SQL {sql}", group=group, sql=sql)
    return tr("{group}: MQL {mql} and SQL {sql}", group=group, mql=mql, sql=sql)


def _none(value: Any) -> bool:
    return value is None or pd.isna(value)
