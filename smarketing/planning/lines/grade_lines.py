"""Lines as grades: which cells of the fit × engagement grid are MQL, and which sales-ready."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr, trc
from smarketing.language.numbers import number
from smarketing.planning import wording as words
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.line_grid import (
    RECENT_MONTHS,
    LineTable,
    Tables,
    build_lines,
    chances_of,
)
from smarketing.planning.lines.margin import Terms, judge
from smarketing.planning.lines.policies import JudgedLines, describe
from smarketing.results import Result

LETTERS, DIGITS = "ABC", "123"
CELLS = tuple(letter + digit for letter, digit in product(LETTERS, DIGITS))
NURTURE, MQL, SQL = 0, 1, 2
Grading = tuple[int, ...]
"""What becomes of each of the cells, in their order: nurtured, to qualification, to a rep."""


@dataclass(frozen=True)
class GradeLines(Result):
    """The grades that go to qualification, and those that go straight to a rep.

    Attributes
    ----------
    mql, sql : tuple of str
        The cells, such as ("A3", "B1"): of `sql` to a rep, of `mql` to qualification. Without a
        qualification desk `mql` is empty.
    policies : pandas.DataFrame
        As :attr:`~smarketing.planning.Thresholds.policies`, for the grades recommended and for
        today's lines in points on the same leads; ``mql`` and ``sql`` are words.
    tried : int
        Ways of grading compared.
    agree : pandas.DataFrame or None
        The grid again: in which share of resamples a cell is treated as it is here.
    sentence : str
    """

    mql: tuple[str, ...]
    sql: tuple[str, ...]
    policies: pd.DataFrame
    tried: int
    agree: pd.DataFrame | None
    sentence: str

    def frame(self) -> pd.DataFrame:
        """Return the ways of drawing the lines, one row each."""
        return self.policies.copy()

    def grid(self) -> pd.DataFrame:
        """Return the grid: fit down, engagement across, and what becomes of each cell."""
        fate = dict.fromkeys(self.mql, "MQL") | dict.fromkeys(self.sql, "sales-ready")
        cells = [[fate.get(letter + digit, "nurture") for digit in DIGITS] for letter in LETTERS]
        return pd.DataFrame(cells, index=list(LETTERS), columns=list(DIGITS))


def recommend_grades(
    rows: pd.DataFrame,
    agreement: Agreement,
    terms: Terms | None = None,
    recent: int = RECENT_MONTHS,
    resamples: int = 0,
    seed: int = 0,
) -> GradeLines:
    """Recommend which grades are MQLs and which are handed straight to a rep.

    Every way of grading is tried in which no cell is treated worse than one with less fit and
    less engagement – there are 175 – and the one with the highest margin that fits both
    capacities as often as agreed is taken. A lead crosses at its first snapshot in one of the
    cells.

    Parameters
    ----------
    rows : pandas.DataFrame
        As for :func:`~smarketing.planning.recommend_thresholds`, with ``grade``.
    agreement : smarketing.agreement.Agreement
    terms, recent
        As for :func:`~smarketing.planning.recommend_thresholds`. With ``hold_sql`` the cells of
        `sql` are those that hand over most nearly the leads of today's SQL line.
    resamples : int
        Bootstrap resamples over leads and months, for how sure each cell is; 0 for none.
    seed : int

    Raises
    ------
    CannotAnswer
        If the leads have no grades or chances.

    Examples
    --------
    >>> recommend_grades(rows, agreement).grid()  # doctest: +SKIP
    """
    if "grade" not in rows or not rows["grade"].isin(CELLS).any():
        raise CannotAnswer(tr("the leads have no grades of fit and engagement to draw lines by"))
    terms = terms or Terms.of(agreement)
    today = _today(rows, agreement, terms, recent)
    leads = _Graded(rows, terms, recent)
    ways = gradings(terms.one_line)
    if terms.hold_sql and not terms.one_line:
        ways = _held(ways, leads, rows, agreement.lines.sql)
    best = max(ways, key=leads.worth)
    drawn = []
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        leads.draw(rng)
        drawn.append(max(ways, key=leads.worth))
    leads.draw(None)
    mql, sql = (tuple(c for c, fate in zip(CELLS, best, strict=True) if fate == f) for f in (1, 2))
    row = leads.describe(best) | {
        "mql": None if terms.one_line else _cells(mql),
        "sql": _cells(sql),
        "lines": "grades",
    }
    return GradeLines(
        mql,
        sql,
        pd.DataFrame([row, today]),
        len(ways),
        _agreement(best, drawn),
        _sentence(row, today, agreement.currency),
    )


def gradings(one_line: bool = False) -> list[Grading]:
    """Return every way to grade in which no cell is treated worse than a lesser one.

    Examples
    --------
    >>> len(gradings()), len(gradings(one_line=True))
    (175, 20)
    """
    fates = (NURTURE, SQL) if one_line else (NURTURE, MQL, SQL)
    letters = [c for c in product(fates, repeat=3) if c[0] >= c[1] >= c[2]]
    return [
        a + b + c
        for a, b, c in product(letters, repeat=3)
        if all(x >= y >= z for x, y, z in zip(a, b, c, strict=True))
    ]


class _Graded:
    """The first snapshot of every spell in each cell: all that any grading asks for."""

    def __init__(self, rows: pd.DataFrame, terms: Terms, recent: int) -> None:
        rows = rows.sort_values(["lead_id", "spell", "as_of"], kind="stable")
        self.rows = rows.drop_duplicates(["lead_id", "spell", "grade"]).reset_index(drop=True)
        self.terms, self.recent = terms, recent
        cells = {cell: i for i, cell in enumerate(CELLS)}
        self.cell = self.rows["grade"].map(cells).fillna(len(CELLS)).to_numpy(dtype=int)
        table = self.table(np.zeros(len(self.rows)))
        self.months = table.months
        place = {month: i for i, month in enumerate(self.months)}
        known = self.rows["p_customer"].notna()
        if not terms.one_line:
            known &= self.rows["p_sql"].notna()
        month = self.rows["month"].map(place).where(known).fillna(-1)
        self.month = month.to_numpy(dtype=int)
        spell = self.rows.groupby(["lead_id", "spell"], sort=False).ngroup().to_numpy()
        self.starts = np.flatnonzero(np.r_[True, spell[1:] != spell[:-1]])

        chances = chances_of(self.rows)
        self.p_sql, self.p_won, self.p_pass, self.p_passed_won = (
            chances[name].to_numpy() for name in ("p_sql", "p_customer", "p_pass", "p_won")
        )
        self.lead = self.rows.groupby("lead_id", sort=False).ngroup().to_numpy()
        self.draw(None)

    def draw(self, rng: np.random.Generator | None) -> None:
        """Count leads and months as often as they are drawn; each once without a generator."""
        self.weight = np.ones(len(self.rows))
        self.often: np.ndarray | None = None
        if rng is not None:
            n, months = int(self.lead.max()) + 1, len(self.months)
            self.weight = rng.multinomial(n, np.full(n, 1 / n)).astype(float)[self.lead]
            self.often = rng.multinomial(months, np.full(months, 1 / months)).astype(float)

    def fate(self, way: Grading) -> np.ndarray:
        """Return what a grading does with each snapshot."""
        return np.r_[np.array(way, dtype=float), 0.0][self.cell]

    def crossed(self, way: Grading) -> tuple[np.ndarray, np.ndarray]:
        """Return, by spell, the first snapshot sent on at all, and straight to a rep."""
        fate, last = self.fate(way), len(self.rows)
        index = np.arange(last)
        sent, straight = (
            np.minimum.reduceat(np.where(fate >= least, index, last), self.starts)
            for least in (MQL, SQL)
        )
        return sent, straight

    def sums(self, way: Grading) -> Tables:
        """Return the monthly sums of a grading, shape (months, 1, 1)."""
        sent, straight = self.crossed(way)
        last = len(self.rows)
        to_desk = sent[(sent < straight) & (not self.terms.one_line)]
        never = sent[(sent < last) & (straight == last) & (not self.terms.one_line)]
        direct = straight[straight < last]

        def monthly(at: np.ndarray, value: np.ndarray | None = None) -> np.ndarray:
            at = at[self.month[at] >= 0]
            weight = self.weight[at] if value is None else self.weight[at] * value[at]
            return np.bincount(self.month[at], weight, len(self.months))[:, None, None]

        return Tables(
            qualified=monthly(to_desk),
            qualified_sql=monthly(to_desk, self.p_sql),
            passed=monthly(never, self.p_pass),
            passed_won=monthly(never, self.p_passed_won),
            noise=monthly(never, self.p_pass * (1 - self.p_pass)),
            direct=monthly(direct),
            direct_won=monthly(direct, self.p_won),
        )

    def worth(self, way: Grading) -> tuple[float, ...]:
        """Return what gradings are compared by; those that do not fit the desks come last."""
        sums = self.sums(way)
        money = judge(sums, self.terms, self.often, self.often is not None)
        kept = float(money.fits(self.terms)[0, 0])
        # Of gradings that earn the same, the one that asks less of both teams.
        return (kept, round(float(money.margin[0, 0]), 6), -float(sum(way)))

    def table(self, fate: np.ndarray) -> LineTable:
        """Return the crossings where the score is what becomes of a lead."""
        rows = self.rows.assign(score=fate)
        return build_lines(rows, one_line=self.terms.one_line).last(self.recent)

    def describe(self, way: Grading) -> dict[str, object]:
        """Return a grading's row of the comparison."""
        table, sums = self.table(self.fate(way)), self.sums(way)
        pair = (table.position(MQL), table.position(SQL))
        money = judge(sums, self.terms)
        return describe("grades", pair, table, sums, money, self.terms)


def _today(
    rows: pd.DataFrame, agreement: Agreement, terms: Terms, recent: int
) -> dict[str, object]:
    """Return the row of today's lines in points, on the same leads."""
    agreed = AgreedLines.of(agreement)
    table = agreed.table(rows).last(recent)
    row = JudgedLines.of(table, terms).policy("today", agreed.places(table))
    names = {"mql": agreed.mql, "sql": agreed.sql}
    return row | {
        name: None if row[name] is None else tr("from {points} points", points=number(at, 3))
        for name, at in names.items()
    }


def _held(ways: list[Grading], leads: _Graded, rows: pd.DataFrame, line: Line) -> list[Grading]:
    """Return the gradings whose cells for reps hold most nearly the leads of the SQL line."""
    reached = (rows["score"] >= line.score) & (rows["fit"] >= line.fit_at_least)
    keys = ["lead_id", "spell"]
    above = pd.MultiIndex.from_frame(rows.loc[reached, keys].drop_duplicates())
    spells = pd.MultiIndex.from_frame(leads.rows.loc[leads.starts, keys])
    today = spells.isin(above)

    def alike(way: Grading) -> float:
        straight = leads.crossed(way)[1] < len(leads.rows)
        return float((straight & today).sum() / max((straight | today).sum(), 1))

    alikeness = np.array([alike(way) for way in ways])
    nearest = alikeness.max()
    return [way for way, a in zip(ways, alikeness, strict=True) if a >= nearest - 1e-12]


def _agreement(best: Grading, drawn: list[Grading]) -> pd.DataFrame | None:
    if not drawn:
        return None
    alike = (np.array(drawn) == np.array(best)).mean(axis=0)
    return pd.DataFrame(alike.reshape(3, 3), index=list(LETTERS), columns=list(DIGITS))


def _cells(cells: tuple[str, ...]) -> str:
    return ", ".join(cells) or trc("grades", "nobody")


def _sentence(row: dict[str, Any], today: dict[str, Any], currency: str) -> str:
    cells = {"mql": row["mql"], "sql": row["sql"]}
    if row["mql"] is None:
        text = tr("As grades: grades {sql} straight to a rep", **cells)
    else:
        text = tr("As grades: grades {mql} to qualification, grades {sql} straight to a rep",
                  **cells)  # fmt: skip
    ours, theirs = (words.money(r["margin"], currency) for r in (row, today))
    return tr(
        "{grades}; margin {ours} a month, against {theirs} at today's lines in points.",
        grades=text,
        ours=ours,
        theirs=theirs,
    )
