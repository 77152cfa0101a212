"""Lines of several groups of leads under capacities they share."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import pandas as pd

from smarketing.planning.lines.line_grid import LineTable, Tables
from smarketing.planning.lines.margin import Money, Terms, judge
from smarketing.planning.lines.search import Pair, best_pair, cell

AXES = ("mql", "sql")
PRICES = 14
"""Prices of a desk's time that are tried, besides none."""


class Sharing:
    """The lines of all groups under the capacities they share.

    Parameters
    ----------
    tables : dict of str to LineTable
        By group, all on the same months.
    terms : Terms
    today : tuple of float
    sums : dict of str to Tables, optional
        The groups' monthly sums on leads drawn with replacement; of all leads once by default.
    months : numpy.ndarray, optional
        How often each month was drawn.
    """

    def __init__(
        self,
        tables: dict[str, LineTable],
        terms: Terms,
        today: Pair,
        sums: dict[str, Tables] | None = None,
        months: np.ndarray | None = None,
    ) -> None:
        self.tables, self.terms, self.today = tables, terms, today
        self.resampled, self.months = sums is not None, months
        self.sums = sums or {name: table.tables() for name, table in tables.items()}

    def solve(
        self, common: list[tuple[float, float]], start: dict[str, Pair] | None = None
    ) -> dict[str, Pair]:
        """Return the lines of each group; `common` pairs and a start are tried as well."""
        tried = [
            {name: (t.position(m), t.position(s)) for name, t in self.tables.items()}
            for m, s in common
        ]
        tried += [start] if start else []
        tried += self._at_prices()
        nobody = {name: (len(t.grid) - 1,) * 2 for name, t in self.tables.items()}
        fitting = [pairs for pairs in tried if self._fits(pairs)]
        best = max(fitting, key=self.margin, default=nobody)
        earned = self.margin(best)
        while True:
            for name in self.tables:
                best = best | {name: self._answer(name, best)}
            margin = self.margin(best)
            if margin <= earned + 1e-9 * max(1.0, abs(earned)):
                return best
            earned = margin

    def margin(self, pairs: dict[str, Pair]) -> float:
        """Return the margin a month of all groups together."""
        return float(self._judge(self._together(pairs)).margin[0, 0])

    def overflow(self, pairs: dict[str, Pair]) -> tuple[float | None, float | None]:
        """Return the chance of overflow of both desks; None without a limit."""
        money = self._judge(self._together(pairs))
        return tuple(
            None if math.isinf(room) else max(0.0, float(1 - fit[0, 0]))
            for room, fit in (
                (self.terms.qualification, money.fits_qualification),
                (self.terms.closing, money.fits_closing),
            )
        )

    def frame(self, pairs: dict[str, Pair]) -> pd.DataFrame:
        """Return what each group's lines give, and all together."""
        free = replace(self.terms, qualification=math.inf, closing=math.inf)
        parts = {name: cell(self.sums[name], pair) for name, pair in pairs.items()}
        rows = []
        for name, sums in [*parts.items(), ("all", self._together(pairs))]:
            table, pair = self.tables.get(name), pairs.get(name)
            spells = [len(t.spells) for t in ([table] if table else self.tables.values())]
            mean = {key: self.terms.demand * value.mean() for key, value in vars(sums).items()}
            rows.append(
                {
                    "group": name,
                    "leads": sum(spells),
                    "mql": line_at(table, pair and pair[0]) if not self.terms.one_line else None,
                    "sql": line_at(table, pair and pair[1]),
                    "mqls": None if self.terms.one_line else float(mean["qualified"]),
                    "sales_ready": float(mean["direct"] + mean["passed"]),
                    "customers": float(mean["direct_won"] + mean["passed_won"]),
                    "margin": float(judge(sums, free).margin[0, 0]),
                }
            )
        lines = {axis: pd.Series([row[axis] for row in rows], dtype=object) for axis in AXES}
        return pd.DataFrame(rows).assign(**lines)

    def _judge(self, sums: Tables, terms: Terms | None = None) -> Money:
        return judge(sums, terms or self.terms, self.months, self.resampled)

    def _mean(self, counts: np.ndarray) -> np.ndarray:
        return self.terms.demand * np.average(counts, axis=0, weights=self.months)

    def _together(self, pairs: dict[str, Pair], without: str = "") -> Tables:
        parts = [astuple(cell(self.sums[n], p)) for n, p in pairs.items() if n != without]
        months = len(next(iter(self.tables.values())).months)
        none = [np.zeros((months, 1, 1))] * len(astuple(next(iter(self.sums.values()))))
        return Tables(*(sum(each) for each in zip(none, *parts, strict=True)))

    def _fits(self, pairs: dict[str, Pair]) -> bool:
        money = self._judge(self._together(pairs))
        fits = [money.fits_closing[0, 0]]
        if not self.terms.one_line:
            fits.append(money.fits_qualification[0, 0])
        return min(fits) >= self.terms.confidence

    def _answer(self, name: str, pairs: dict[str, Pair]) -> Pair:
        """Return a group's best lines while those of the others stay."""
        others = astuple(self._together(pairs, without=name))
        own = Tables(
            *(mine + rest for mine, rest in zip(astuple(self.sums[name]), others, strict=True))
        )
        # A margin that is equal leaves the lines where they are.
        return best_pair(self._judge(own), self.terms, self._held(name) or pairs[name])

    def _held(self, name: str) -> Pair | None:
        table = self.tables[name]
        here = (table.position(self.today[0]), table.position(self.today[1]))
        return here if self.terms.hold_sql else None

    def _at_prices(self) -> list[dict[str, Pair]]:
        """Return each group's best lines at prices of the desks' time, for many prices."""
        free = replace(self.terms, qualification=math.inf, closing=math.inf)
        earned, q_load, c_load = {}, {}, {}
        for name, sums in self.sums.items():
            earned[name] = self._judge(sums, free).margin
            q_load[name] = self._mean(sums.qualified)
            c_load[name] = self._mean(sums.direct + sums.passed)
        most = float(self.terms.customer_value or 0.0)
        prices = np.r_[0.0, np.geomspace(most / 1000, most, PRICES)] if most else np.zeros(1)
        out = []
        for q_price in prices[: 1 if math.isinf(self.terms.qualification) else None]:
            for c_price in prices[: 1 if math.isinf(self.terms.closing) else None]:
                pairs = {}
                for name, margin in earned.items():
                    net = margin - q_price * q_load[name] - c_price * c_load[name]
                    pairs[name] = self._best(name, net)
                out.append(pairs)
        return out

    def _best(self, name: str, net: np.ndarray) -> Pair:
        size = len(net)
        m, s = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
        allowed = (m == s) if self.terms.one_line else (m <= s)
        held = self._held(name)
        if held is not None and not self.terms.one_line:
            allowed &= s == held[1]
        value = np.where(allowed, net, -np.inf)
        # Of lines that earn the same, the higher ones ask less of both teams.
        order = np.where(value >= value.max() - 1e-9, m + s, -1)
        place = int(order.argmax())
        return place // size, place % size


def line_at(table: LineTable | None, place: int | None) -> float | None:
    """Return the line at a place of a group's grid; None where nobody crosses it."""
    if table is None or place is None or place == len(table.grid) - 1:
        return None
    value = float(table.grid[place])
    return int(value) if value.is_integer() else value
