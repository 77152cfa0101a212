"""Which pair of lines to take: by margin under the capacities, and by the simpler rules."""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pandas as pd

from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import number
from smarketing.planning.lines.line_grid import LineTable, Tables
from smarketing.planning.lines.margin import Money, Terms, between, judge, next_count
from smarketing.scoring.cache import Cache, kept_frame

Pair = tuple[int, int]
"""Places of the MQL line and the SQL line in the grid."""
MOVED = {
    (0, -1): mark("MQL line {points} lower"),
    (0, 1): mark("MQL line {points} higher"),
    (1, -1): mark("SQL line {points} lower"),
    (1, 1): mark("SQL line {points} higher"),
}
"""What the lines moved a little are called: which line, and whereto."""


def best_pair(money: Money, terms: Terms, today: Pair | None) -> Pair:
    """Return the pair with the highest margin among those that fit both capacities.

    The SQL line is never below the MQL line; with one line they are the same. Without economics
    the lowest lines that fit are taken: the SQL line first, then the MQL line. Equal margins
    go to the pair nearest to today's. An SQL line to hold (``terms.hold_sql``) is today's, or the
    next one above it that fits.

    Examples
    --------
    >>> ones = np.ones((2, 2))
    >>> terms = Terms(100.0, 0.0, 0.0, 1.0, 1.0)
    >>> best_pair(Money(np.array([[1.0, 5.0], [9.0, 2.0]]), ones, ones), terms, None)
    (0, 1)
    """
    size = len(money.margin)
    m, s = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    allowed = (m == s) if terms.one_line else (m <= s)
    allowed &= money.fits_closing >= terms.confidence
    if not terms.one_line:
        allowed &= money.fits_qualification >= terms.confidence
    # The last line is above every score, nobody crosses it, so some pair is always allowed.
    if terms.hold_sql and today is not None and not terms.one_line:
        above = allowed & (s >= today[1])
        allowed = above & (s == s[above].min())
    if terms.customer_value is None:
        order = np.where(allowed, s * size + m, size * size)
        place = int(order.argmin())
        return place // size, place % size
    margin = np.where(allowed, money.margin, -np.inf)
    best = margin.max()
    tied = margin >= best - 1e-9 * max(1.0, abs(best))
    far = np.zeros(m.shape) if today is None else np.abs(m - today[0]) + np.abs(s - today[1])
    # Of lines that earn the same, the higher ones ask less of both teams.
    order = np.where(tied, far * 4 * size - m - s, np.inf)
    place = int(order.argmin())
    return place // size, place % size


def simple_rules(table: LineTable, tables: Tables, terms: Terms) -> dict[str, Pair]:
    """Return the lines of the rules commonly in use, to stand beside the recommended ones.

    ``fill the capacity``: the lowest lines whose *average* month fits; ``top 20 %``: one line
    that a fifth of the spells reach, handed straight to reps; ``best F1``: each line where
    precision and recall of its own target balance best.
    """
    spells, last = table.spells, len(table.grid) - 1
    rules = {}

    def lowest(load: np.ndarray, capacity: float) -> int:
        return int(np.argmax(load <= capacity)) if (load <= capacity).any() else last

    if math.isfinite(terms.closing):
        s = lowest(terms.demand * tables.direct.mean(axis=0)[0], terms.closing)
        m = s
        if not terms.one_line and math.isfinite(terms.qualification):
            load = terms.demand * tables.qualified[:, :, s].mean(axis=0)
            m = min(lowest(load, terms.qualification), s)
        rules["fill the capacity"] = (m, s)
    lines = np.arange(last + 1)
    reached_s = spells["s"].to_numpy()[None, :] > lines[:, None]
    top = min(int(np.argmax(reached_s.mean(axis=1) <= 0.2)), last)
    rules["top 20 %"] = (top, top)

    def best_f1(reached: np.ndarray, chance: np.ndarray) -> int:
        hits = reached @ chance
        f1 = 2 * hits / np.maximum(reached.sum(axis=1) + chance.sum(), 1e-12)
        return int(f1.argmax())

    s = best_f1(reached_s, spells["p_customer"].to_numpy())
    m = s
    if not terms.one_line:
        reached_m = spells["m"].to_numpy()[None, :] > lines[:, None]
        m = best_f1(reached_m, spells["p_sql"].to_numpy())
    rules["best F1"] = (m, max(m, s))
    return rules


def describe(
    name: str, pair: Pair, table: LineTable, tables: Tables, money: Money, terms: Terms
) -> dict[str, object]:
    """Return one row of the comparison: what a pair of lines gives a month.

    Counts are means over the months judged times the demand expected, with 80 % prediction
    intervals; the rest are shares in [0, 1] and money.
    """
    at = Money(*(np.atleast_2d(value[pair]) for value in astuple(money)))
    return describe_cell(name, pair, table, cell(tables, pair), at, terms)


def cell(tables: Tables, pair: Pair) -> Tables:
    """Return the monthly sums of one pair of lines, shape (months, 1, 1)."""
    m, s = pair
    return Tables(
        *(a[:, slice(m, m + 1) if a.shape[1] > 1 else slice(1), s : s + 1] for a in astuple(tables))
    )


def describe_cell(
    name: str, pair: Pair, table: LineTable, sums: Tables, money: Money, terms: Terms
) -> dict[str, object]:
    """Return the row of :func:`describe` from the sums and the money of one pair alone."""
    m, s = pair
    one = terms.one_line
    n = len(sums.direct)
    weight = np.full(n, 1 / n)
    one_cell = {name: values[:, 0, 0] for name, values in vars(sums).items()}
    qualified, direct, passed = (one_cell[name] for name in ("qualified", "direct", "passed"))
    ready = direct + passed
    q_mean, q_var = next_count(qualified, weight, 0.0, n, terms)
    r_mean, r_var = next_count(ready, weight, one_cell["noise"], n, terms)
    q_low, q_high = between(float(q_mean), float(q_var))
    r_low, r_high = between(float(r_mean), float(r_var))
    if table.months == ("all",):  # one lot without dates says nothing of another
        q_low = q_high = r_low = r_high = None
    spells = table.spells
    reached = {axis: spells[axis].to_numpy() > place for axis, place in (("m", m), ("s", s))}
    won = one_cell["direct_won"].sum()
    passed_won = one_cell["passed_won"].sum()
    return {
        "lines": name,
        "mql": None if one else _number(table.grid[m]),
        "sql": _number(table.grid[s]),
        "mqls": None if one else float(q_mean),
        "mqls_low": None if one else q_low,
        "mqls_high": None if one else q_high,
        "sales_ready": float(r_mean),
        "sales_ready_low": r_low,
        "sales_ready_high": r_high,
        "customers": terms.demand * float(won + passed_won) / n,
        "precision_mql": None if one else _ratio(one_cell["qualified_sql"].sum(), qualified.sum()),
        "precision_sql": _ratio(won, direct.sum()),
        "recall_mql": None if one else _recall(spells["p_sql"], reached["m"]),
        "recall_sql": _recall(spells["p_customer"], reached["s"]),
        "margin": None if terms.customer_value is None else float(money.margin[0, 0]),
        "overflow_qualification": _overflow(
            money.fits_qualification[0, 0], terms.qualification, one
        ),
        "overflow_closing": _overflow(money.fits_closing[0, 0], terms.closing),
        "idle_qualification": None if one else _idle(terms.demand * qualified, terms.qualification),
        "idle_closing": _idle(terms.demand * ready, terms.closing),
    }


def resample(
    table: LineTable,
    terms: Terms,
    chosen: Pair,
    today: Pair | None,
    resamples: int,
    seed: int,
    cache: Cache | None = None,
) -> pd.DataFrame:
    """Choose the lines anew on leads and months drawn with replacement.

    They may be kept in a cache (:class:`smarketing.evaluation.Cache`).

    Returns
    -------
    pandas.DataFrame
        Per resample ``m``, ``s`` (places in the grid) and ``gain`` (margin a month of the
        chosen lines above today's; missing without economics or today's lines).
    """

    def depends_on() -> list[object]:
        drawn = [chosen, today, resamples, seed]
        held = [table.mql, table.sql, table.grid, table.months, table.leads]
        return ["lines", *held, vars(terms), *drawn]

    return kept_frame(
        cache, lambda: _chosen_anew(table, terms, chosen, today, resamples, seed), depends_on
    )


def _chosen_anew(
    table: LineTable, terms: Terms, chosen: Pair, today: Pair | None, resamples: int, seed: int
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n, months = table.leads, len(table.months)
    rows = []
    for _ in range(resamples):
        leads = rng.multinomial(n, np.full(n, 1 / n))
        drawn = rng.multinomial(months, np.full(months, 1 / months))
        money = judge(table.tables(leads), terms, drawn, resampled=True)
        m, s = best_pair(money, terms, today)
        known = today is not None and terms.customer_value is not None
        gain = money.margin[chosen] - money.margin[today] if known else np.nan
        rows.append((m, s, gain))
    return pd.DataFrame(rows, columns=["m", "s", "gain"])


def nearby(chosen: Pair, near: float, table: LineTable, *rest: Any) -> pd.DataFrame:
    """Return the rows of :func:`describe` for lines moved by about `near`, up and down."""
    step = round(near) if table.grid[0].is_integer() and near >= 1 else near
    moved = {}
    for (line, sign), name in MOVED.items():
        lines = [table.grid[chosen[0]], table.grid[chosen[1]]]
        lines[line] += sign * step
        if rest[-1].one_line:
            lines = [lines[1], lines[1]]
        if lines[0] <= lines[1] and not (rest[-1].one_line and line == 0):
            pair = (table.position(lines[0]), table.position(lines[1]))
            moved[tr(name, points=number(step, 3))] = pair
    return pd.DataFrame([describe(name, pair, table, *rest) for name, pair in moved.items()])


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _recall(chance: pd.Series, reached: np.ndarray) -> float | None:
    chances = chance.to_numpy(dtype=float)
    return _ratio(chances[reached].sum(), chances.sum())


def _overflow(fit: float, capacity: float, absent: bool = False) -> float | None:
    return None if absent or math.isinf(capacity) else max(0.0, float(1 - fit))


def _idle(load: np.ndarray, capacity: float) -> float | None:
    if math.isinf(capacity) or capacity <= 0:
        return None
    return float(1 - np.minimum(load, capacity).mean() / capacity)
