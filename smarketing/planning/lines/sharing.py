"""Lines of several groups of leads under capacities they share."""

from __future__ import annotations

import math
from dataclasses import astuple, replace

import numpy as np
import pandas as pd

from smarketing.planning.lines.choice import best_lines
from smarketing.planning.lines.line_grid import LinePair, LineTable, Tables
from smarketing.planning.lines.margin import Money, Terms, judge
from smarketing.planning.lines.policies import cell

AXES = ("mql", "sql")
GroupPairs = dict[str, LinePair]
"""Places of the lines of each group, each in the group's own grid."""
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
        today: tuple[float, float],
        sums: dict[str, Tables] | None = None,
        months: np.ndarray | None = None,
    ) -> None:
        self.tables, self.terms, self.today = tables, terms, today
        self.resampled, self.months = sums is not None, months
        self.sums = sums or {name: table.tables() for name, table in tables.items()}

    def solve(
        self, common: list[tuple[float, float]], start: GroupPairs | None = None
    ) -> GroupPairs:
        """Return the lines of each group; `common` pairs and a start are tried as well."""
        tried = [
            {name: places(table, pair) for name, table in self.tables.items()} for pair in common
        ]
        tried += [start] if start else []
        tried += self._at_prices()
        nobody = {name: (table.nobody, table.nobody) for name, table in self.tables.items()}
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

    def margin(self, pairs: GroupPairs) -> float:
        """Return the margin a month of all groups together."""
        return float(self._judge(self._together(pairs)).margin[0, 0])

    def overflow(self, pairs: GroupPairs) -> dict[str, float]:
        """Return the chance of overflow of each desk that has a limit."""
        return self._judge(self._together(pairs)).overflow((0, 0), self.terms)

    def frame(self, pairs: GroupPairs) -> pd.DataFrame:
        """Return what each group's lines give, and all together; what comes beside is in none."""
        free = replace(self.terms, qualification=math.inf, closing=math.inf)
        parts = {name: cell(self.sums[name], pair) for name, pair in pairs.items()}
        rows = []
        for name, sums in [*parts.items(), ("all", self._together(pairs))]:
            table, pair = self.tables.get(name), pairs.get(name)
            spells = [len(t.spells) for t in ([table] if table else self.tables.values())]
            kept = self.terms.record.kept_to(sums)
            mean = {key: self.terms.demand * value.mean() for key, value in vars(kept).items()}
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

    def _together(self, pairs: GroupPairs, without: str = "") -> Tables:
        parts = [astuple(cell(self.sums[n], p)) for n, p in pairs.items() if n != without]
        months = len(next(iter(self.tables.values())).months)
        none = [np.zeros((months, 1, 1))] * len(astuple(next(iter(self.sums.values()))))
        return Tables(*(sum(each) for each in zip(none, *parts, strict=True)))

    def _fits(self, pairs: GroupPairs) -> bool:
        return bool(self._judge(self._together(pairs)).fits(self.terms)[0, 0])

    def _answer(self, name: str, pairs: GroupPairs) -> LinePair:
        """Return a group's best lines while those of the others stay."""
        others = astuple(self._together(pairs, without=name))
        own = Tables(
            *(mine + rest for mine, rest in zip(astuple(self.sums[name]), others, strict=True))
        )
        # A margin that is equal leaves the lines where they are.
        return best_lines(self._judge(own), self.terms, self._held(name) or pairs[name])

    def _held(self, name: str) -> LinePair | None:
        return places(self.tables[name], self.today) if self.terms.hold_sql else None

    def _at_prices(self) -> list[GroupPairs]:
        """Return each group's best lines at prices of the desks' time, for many prices."""
        free = replace(self.terms, qualification=math.inf, closing=math.inf)
        earned, q_load, c_load = {}, {}, {}
        for name, sums in self.sums.items():
            earned[name] = self._judge(sums, free).margin
            kept = self.terms.record.kept_to(sums)
            q_load[name] = self._mean(kept.qualified)
            c_load[name] = self._mean(kept.direct + kept.passed)
        most = self.terms.customer_value or 0.0
        prices = np.r_[0.0, np.geomspace(most / 1000, most, PRICES)] if most else np.zeros(1)
        out = []
        for q_price in prices[: 1 if math.isinf(self.terms.qualification) else None]:
            for c_price in prices[: 1 if math.isinf(self.terms.closing) else None]:
                pairs = {}
                for name, margin in earned.items():
                    net = margin - q_price * q_load[name] - c_price * c_load[name]
                    free_desks = Money(net, np.ones_like(net), np.ones_like(net))
                    pairs[name] = best_lines(free_desks, self.terms, self._held(name))
                out.append(pairs)
        return out


def places(table: LineTable, pair: tuple[float, float]) -> LinePair:
    """Return where a pair of lines stands in a group's grid."""
    return table.position(pair[0]), table.position(pair[1])


def line_at(table: LineTable | None, place: int | None) -> float | None:
    """Return the line at a place of a group's grid; None where nobody crosses it."""
    if table is None or place is None or place == table.nobody:
        return None
    return table.line(place)
