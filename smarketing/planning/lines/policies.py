"""Ways of drawing the lines, a row each: recommended, today's, simpler rules, moved a little."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import number
from smarketing.planning.lines.line_grid import LinePair, LineTable, Tables
from smarketing.planning.lines.margin import Money, Terms, between, judge, next_count

MOVED = {
    (0, -1): mark("MQL line {points} lower"),
    (0, 1): mark("MQL line {points} higher"),
    (1, -1): mark("SQL line {points} lower"),
    (1, 1): mark("SQL line {points} higher"),
}
"""What the lines moved a little are called: which line, and whereto."""


@dataclass(frozen=True)
class JudgedLines:
    """What every pair of lines sends to the desks and earns, on given terms.

    Attributes
    ----------
    table : LineTable
    tables : Tables
        Its monthly sums.
    terms : Terms
    money : Money
    """

    table: LineTable
    tables: Tables
    terms: Terms
    money: Money

    @classmethod
    def of(cls, table: LineTable, terms: Terms) -> JudgedLines:
        """Judge all pairs of lines of a table."""
        tables = table.tables()
        return cls(table, tables, terms, judge(tables, terms))

    def policy(self, name: str, pair: LinePair) -> dict[str, object]:
        """Return one row of the comparison: what a pair of lines gives a month.

        Counts are means over the months judged times the demand expected, with 80 % prediction
        intervals; the rest are shares in [0, 1] and money.
        """
        money = Money(*(np.atleast_2d(value[pair]) for value in astuple(self.money)))
        return describe(name, pair, self.table, cell(self.tables, pair), money, self.terms)

    def nearby(self, pair: LinePair, near: float) -> pd.DataFrame:
        """Return the rows of lines moved by about `near`, up and down."""
        grid, one_line = self.table.grid, self.terms.one_line
        step = round(near) if grid[0].is_integer() and near >= 1 else near
        rows = []
        for (axis, sign), name in MOVED.items():
            lines = [grid[pair[0]], grid[pair[1]]]
            lines[axis] += sign * step
            if one_line:
                lines = [lines[1], lines[1]]
            if lines[0] <= lines[1] and not (one_line and axis == 0):
                moved = (self.table.position(lines[0]), self.table.position(lines[1]))
                rows.append(self.policy(tr(name, points=number(step, 3)), moved))
        return pd.DataFrame(rows)

    def simple_rules(self) -> dict[str, LinePair]:
        """Return the lines of the rules commonly in use, to stand beside the recommended ones.

        ``fill the capacity``: the lowest lines whose *average* month fits; ``top 20 %``: one line
        that a fifth of the spells reach, handed straight to reps; ``best F1``: each line where
        precision and recall of its own target balance best.
        """
        spells, nobody, terms = self.table.spells, self.table.nobody, self.terms
        reached = {
            axis: spells[axis].to_numpy()[None, :] > np.arange(nobody + 1)[:, None]
            for axis in ("m", "s")
        }
        rules = {"fill the capacity": self._filling()} if math.isfinite(terms.closing) else {}
        top = int(np.argmax(reached["s"].mean(axis=1) <= 0.2))
        rules["top 20 %"] = (top, top)
        sql = _best_f1(reached["s"], spells["p_customer"])
        mql = sql if terms.one_line else _best_f1(reached["m"], spells["p_sql"])
        rules["best F1"] = (mql, max(mql, sql))
        return rules

    def _filling(self) -> LinePair:
        """Return the lowest lines whose average month fits the desks."""
        record = self.terms.record
        tables = record.kept_to(self.tables)

        def lowest(counts: np.ndarray, capacity: float) -> int:
            fits = self.terms.demand * counts.mean(axis=0) <= capacity
            return int(np.argmax(fits)) if fits.any() else self.table.nobody

        sql = lowest(tables.direct[:, 0] + record.sales_ready, self.terms.closing)
        if self.terms.one_line or math.isinf(self.terms.qualification):
            return sql, sql
        qualified = tables.qualified[:, :, sql] + record.mqls
        return min(lowest(qualified, self.terms.qualification), sql), sql


def cell(tables: Tables, pair: LinePair) -> Tables:
    """Return the monthly sums of one pair of lines, shape (months, 1, 1)."""
    m, s = pair
    return Tables(
        *(a[:, slice(m, m + 1) if a.shape[1] > 1 else slice(1), s : s + 1] for a in astuple(tables))
    )


def describe(
    name: str, pair: LinePair, table: LineTable, sums: Tables, money: Money, terms: Terms
) -> dict[str, object]:
    """Return a row of :meth:`JudgedLines.policy` from the sums and the money of one pair alone."""
    n, one_line, record = len(sums.direct), terms.one_line, terms.record
    at = {key: values[:, 0, 0] for key, values in vars(record.kept_to(sums)).items()}
    qualified = at["qualified"] + record.mqls
    ready = at["direct"] + at["passed"] + record.sales_ready
    won = at["direct_won"] + at["passed_won"] + record.customers
    mqls = _predicted("mqls", qualified, 0.0, terms)
    if one_line:
        mqls = dict.fromkeys(mqls)
    reached = {axis: table.spells[axis] > place for axis, place in zip("ms", pair, strict=True)}
    risks = money.overflow((0, 0), terms)
    return {
        "lines": name,
        "mql": None if one_line else table.line(pair[0]),
        "sql": table.line(pair[1]),
        **mqls,
        **_predicted("sales_ready", ready, at["noise"], terms),
        "customers": terms.demand * float(won.sum()) / n,
        "precision_mql": _ratio(at["qualified_sql"].sum(), sums.qualified.sum(), one_line),
        "precision_sql": _ratio(at["direct_won"].sum(), at["direct"].sum()),
        "recall_mql": _recall(table.spells["p_sql"], reached["m"], one_line),
        "recall_sql": _recall(table.spells["p_customer"], reached["s"]),
        "margin": None if terms.customer_value is None else float(money.margin[0, 0]),
        "overflow_qualification": risks.get("qualification"),
        "overflow_closing": risks.get("closing"),
        "idle_qualification": _idle(qualified, terms.qualification, terms),
        "idle_closing": _idle(ready, terms.closing, terms),
    }


def _predicted(
    name: str, counts: np.ndarray, noise: np.ndarray | float, terms: Terms
) -> dict[str, float | int | None]:
    """Return the mean of a coming month's count with its 80 % interval."""
    n = len(counts)
    mean, variance = (float(x) for x in next_count(counts, np.full(n, 1 / n), noise, n, terms))
    # One lot without dates says nothing of another.
    low, high = between(mean, variance) if terms.dated else (None, None)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}


def _best_f1(reached: np.ndarray, chance: pd.Series) -> int:
    hits = reached @ chance.to_numpy()
    return int((2 * hits / np.maximum(reached.sum(axis=1) + chance.sum(), 1e-12)).argmax())


def _ratio(part: float, whole: float, absent: bool = False) -> float | None:
    return float(part / whole) if whole > 0 and not absent else None


def _recall(chance: pd.Series, reached: pd.Series, absent: bool = False) -> float | None:
    return _ratio(chance[reached].sum(), chance.sum(), absent)


def _idle(counts: np.ndarray, capacity: float, terms: Terms) -> float | None:
    if math.isinf(capacity) or capacity <= 0:
        return None
    return float(1 - np.minimum(terms.demand * counts, capacity).mean() / capacity)
