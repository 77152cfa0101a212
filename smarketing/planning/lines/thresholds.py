"""Where to draw the MQL and SQL lines: expected margin under two capacities, with its doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from smarketing.planning.lines.line_grid import LineTable, build_lines
from smarketing.planning.lines.line_reasons import check_terms, verdict, why_nobody
from smarketing.planning.lines.margin import Terms, judge, terms_of
from smarketing.planning.lines.plots import plot_thresholds
from smarketing.planning.lines.search import best_pair, describe, nearby, resample, simple_rules
from smarketing.results import Result, plain
from smarketing.scoring.cache import Cache

RECENT_MONTHS = 12
NEAR = 0.05
"""Two lines agree when they lie within this part of the score's range."""


@dataclass(frozen=True)
class Thresholds(Result):
    """The lines recommended, beside the others one might draw.

    Attributes
    ----------
    mql, sql : float
        The lines: those with the best margin, or today's where there is no reason to change.
        Without a qualification desk both are the same.
    fit_mql, fit_sql : int
        Least fit, as agreed.
    mql_low, mql_high, sql_low, sql_high : float or None
        90 % intervals of the best lines over leads and months; None without resamples.
    agree, resamples : int
        In how many resamples the best lines lie within 5 % of the score's range of the best
        ones here.
    change : bool
        False: no reason to change today's lines.
    why : str
        One or two sentences.
    gain, gain_low, gain_high : float or None
        Margin a month of the best lines above today's, with a 90 % interval.
    policies : pandas.DataFrame
        One row per way of drawing the lines: crossings with 80 % prediction intervals,
        precision, recall, margin, overflow risk, idle capacity.
    nearby : pandas.DataFrame
        The same for the recommended lines moved a few points.
    flow : pandas.DataFrame
        What the recommended lines would have given in each month of history.
    terms : Terms
    table : LineTable
        For asking about any other pair of lines.
    notes : tuple of str
        What a reader should know.
    """

    mql: float
    sql: float
    fit_mql: int
    fit_sql: int
    mql_low: float | None
    mql_high: float | None
    sql_low: float | None
    sql_high: float | None
    agree: int
    resamples: int
    change: bool
    why: str
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    policies: pd.DataFrame
    nearby: pd.DataFrame
    flow: pd.DataFrame
    terms: Terms
    table: LineTable
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the ways of drawing the lines, one row each."""
        return self.policies.copy()

    def row(self, lines: str = "recommended") -> dict[str, Any]:
        """Return one way of drawing the lines as plain types."""
        found = self.policies[self.policies["lines"] == lines]
        if found.empty:
            raise KeyError(lines)
        return plain(found.iloc[0].to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the lines, their doubt and what they give, as plain types."""
        keys = (
            "mql", "sql", "fit_mql", "fit_sql", "mql_low", "mql_high", "sql_low", "sql_high",
            "agree", "resamples", "change", "why", "gain", "gain_low", "gain_high",
            "policies", "nearby", "notes",
        )  # fmt: skip
        out = {key: plain(getattr(self, key)) for key in keys}
        return out | {"one_line": self.terms.one_line, "months": list(self.table.months)}

    def plot(self) -> Figure:
        """Draw margin and leads a month over the line, today's and recommended marked."""
        today = self.policies.set_index("lines").get("sql", pd.Series(dtype=float)).get("today")
        ready = self.row()["sales_ready"]
        return plot_thresholds(self.table, self.terms, self.mql, self.sql, today, ready)


def recommend_thresholds(
    rows: pd.DataFrame,
    agreement: Any,
    customer_per_sql: float | None = None,
    handed_over_per_sql: float = 1.0,
    demand: float = 1.0,
    dated: bool = True,
    recent: int = RECENT_MONTHS,
    resamples: int = 100,
    seed: int = 0,
    use_today: bool = True,
    variation: float | None = None,
    hold_sql: bool = False,
    cache: Cache | None = None,
) -> Thresholds:
    """Recommend the MQL and the SQL line by expected margin under both capacities.

    At or above the SQL line a lead earns P(customer) · value of a customer − cost of working
    it. From the MQL line up to it: P(customer) · value of a customer − P(passed on) · cost of
    working it − cost of qualifying it, with the chances of a lead that never reaches the SQL
    line. Lines are searched over the score's own distinct values (methods.md, "Lines"); a pair
    must fit each desk's capacity with ``sla.confidence`` in a predicted month, counted as
    gamma–Poisson on the recent months, and what qualification passes on takes closing capacity
    too. A lead that qualification has when it reaches the SQL line is handed over then.

    Parameters
    ----------
    rows : pandas.DataFrame
        Out-of-sample snapshots: ``lead_id``, ``spell``, ``as_of``, ``month`` (local "YYYY-MM"),
        ``score``, ``fit``, ``p_sql`` (chance of the MQL line's target within its window given
        the score), ``p_customer`` (of the SQL line's), and the others that
        :func:`~smarketing.planning.add_chances` gives. Rows without chances are history only.
    agreement : smarketing.agreement.Agreement
        Lines, capacity, economics and confidence.
    customer_per_sql : float, optional
        P(customer | SQL), where the rows have no ``p_passed_won``; by default the ratio of the
        two chances' sums.
    handed_over_per_sql : float
        Leads that qualification passes on per confirmed SQL, where the rows have no ``p_pass``.
    demand : float
        Leads expected a month ÷ leads a month in the recent months.
    dated : bool
        False for tables without dates: all rows are one lot and no capacity applies.
    recent : int
        Months of history judged.
    resamples : int
        Bootstrap resamples over leads and months; 0 for none.
    seed : int
    use_today : bool
        Whether the agreement's lines are on this score's scale, so they can stand beside.
    variation : float, optional
        Variance of a coming month's leads beyond chance ÷ their squared mean, from a forecast;
        by default months vary as the recent ones did, trend and season among it.
    hold_sql : bool
        Leave the SQL line where it is as far as closing can take it: for a history that cannot
        tell what reps make of leads that come to them unqualified
        (:func:`~smarketing.planning.lines.unqualified_leads.unworked_note`).
    cache : Cache, optional
        Where the resamples' lines are kept.

    Returns
    -------
    Thresholds

    Raises
    ------
    CannotAnswer
        If no row has chances, or the agreement has neither economics nor capacity.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> agreement = Bag(
    ...     lines=Bag(mql=Bag(score=40, fit_at_least=0), sql=Bag(score=70, fit_at_least=0)),
    ...     capacity=Bag(qualification=Bag(leads_per_month=9), closing=Bag(leads_per_month=9)),
    ...     economics=Bag(revenue_per_customer=1000, margin_share=1, cost_per_qualified_lead=10,
    ...                   cost_per_worked_lead=100), sla=Bag(confidence=0.8))
    >>> rows = pd.DataFrame({"lead_id": list("abc"), "spell": 1, "as_of": 1, "month": "2026-10",
    ...     "score": [20, 50, 80], "fit": 0, "p_sql": [0.0, 0.3, 0.6], "p_customer": [0, 0.1, 0.5]})
    >>> found = recommend_thresholds(rows, agreement, customer_per_sql=0.5, resamples=0)
    >>> found.mql, found.sql, found.row()["margin"]
    (40, 70, 510.0)
    """
    one_line = terms_of(agreement).one_line
    lines = agreement.lines
    today_lines = (lines.sql.score if one_line else lines.mql.score, lines.sql.score)
    fit_sql = int(lines.sql.fit_at_least or 0)
    fit_mql = fit_sql if one_line else int(lines.mql.fit_at_least or 0)
    if not dated:
        rows = rows.assign(month="all")
    if customer_per_sql is None:
        total = float(rows["p_sql"].sum()) if "p_sql" in rows else 0.0
        customer_per_sql = min(1.0, float(rows["p_customer"].sum()) / total) if total else 0.0
    terms = terms_of(agreement, demand, dated, variation, hold_sql)
    if "p_passed_won" not in rows and "p_sql" in rows:
        rows = rows.assign(p_passed_won=rows["p_sql"] * customer_per_sql)
    whole = build_lines(
        rows, fit_mql, fit_sql, handed_over_per_sql, today_lines if use_today else (), one_line
    )
    table = whole.last(recent)
    notes = check_terms(terms, agreement, dated)
    tables = table.tables()
    money = judge(tables, terms)
    today = None
    if use_today:
        today = (table.position(today_lines[0]), table.position(today_lines[1]))
    chosen = best_pair(money, terms, today)
    drawn = resample(table, terms, chosen, today, resamples, seed, cache)
    near = NEAR * (table.grid[-1] - table.grid[0])
    off = np.maximum(
        np.abs(table.grid[drawn["m"].astype(int)] - table.grid[chosen[0]]),
        np.abs(table.grid[drawn["s"].astype(int)] - table.grid[chosen[1]]),
    )
    spans = [_span(table.grid, drawn[axis]) for axis in ("m", "s")]
    gains = drawn["gain"].dropna()
    gain_low, gain_high = np.quantile(gains, [0.05, 0.95]) if len(gains) else (None, None)
    known = today is not None and terms.customer_value is not None
    gain = float(money.margin[chosen] - money.margin[today]) if known else None
    fits_today = today is not None and all(
        fit[today] >= terms.confidence
        for fit in (money.fits_closing, *(() if one_line else (money.fits_qualification,)))
    )
    change, why = verdict(
        chosen,
        today,
        fits_today,
        spans,
        table.grid,
        gain,
        gain_low,
        money,
        terms,
        getattr(agreement, "currency", ""),
        dated,
    )
    # Lines that need not change are the ones to recommend, and to plan volumes at.
    taken = chosen if change else today
    pairs = {"recommended": taken} | ({"today": today} if today else {})
    pairs |= {} if taken == chosen else {"best margin": chosen}
    pairs |= simple_rules(table, tables, terms)
    if taken[1] == len(table.grid) - 1:
        notes.append(why_nobody(terms, taken, len(table.grid) - 1))
    return Thresholds(
        mql=_value(table.grid[taken[0]]),
        sql=_value(table.grid[taken[1]]),
        fit_mql=fit_mql,
        fit_sql=fit_sql,
        mql_low=spans[0][0],
        mql_high=spans[0][1],
        sql_low=spans[1][0],
        sql_high=spans[1][1],
        agree=int((off <= near).sum()),
        resamples=resamples,
        change=change,
        why=why,
        gain=gain,
        gain_low=None if gain_low is None else float(gain_low),
        gain_high=None if gain_high is None else float(gain_high),
        policies=pd.DataFrame(
            [describe(name, pair, table, tables, money, terms) for name, pair in pairs.items()]
        ),
        nearby=nearby(taken, near, table, tables, money, terms),
        flow=whole.flow(table.grid[taken[0]], table.grid[taken[1]]),
        terms=terms,
        table=table,
        notes=tuple(notes),
    )


def _span(grid: np.ndarray, places: pd.Series) -> tuple[float | None, float | None]:
    if places.empty:
        return None, None
    low, high = np.quantile(places.astype(int), [0.05, 0.95], method="inverted_cdf").astype(int)
    return _value(grid[low]), _value(grid[high])


def _value(line: float) -> int | float:
    return int(line) if float(line).is_integer() else float(line)
