"""Where to draw the MQL and SQL lines: expected margin under two capacities, with its doubt."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.planning.lines.agreed_lines import AgreedLines
from smarketing.planning.lines.choice import NEAR, ChosenLines, choose_lines
from smarketing.planning.lines.line_grid import RECENT_MONTHS, LinePair, LineTable
from smarketing.planning.lines.line_reasons import notes_on, verdict
from smarketing.planning.lines.margin import Terms
from smarketing.planning.lines.plots import plot_thresholds
from smarketing.planning.lines.policies import JudgedLines
from smarketing.results import Picture, Result, plain
from smarketing.scoring.cache import Cache


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
        rows = self.policies[self.policies["lines"] == lines]
        if rows.empty:
            raise KeyError(lines)
        return plain(rows.iloc[0].to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return the lines, their doubt and what they give, as plain types."""
        shown = [f.name for f in fields(self) if f.name not in ("flow", "terms", "table")]
        answer = {name: plain(getattr(self, name)) for name in shown}
        return answer | {"one_line": self.terms.one_line, "months": list(self.table.months)}

    def plot(self) -> Picture:
        """Draw margin and leads a month over the line, today's and recommended marked."""
        today = self.policies.set_index("lines").get("sql", pd.Series(dtype=float)).get("today")
        ready = self.row()["sales_ready"]
        return plot_thresholds(self.table, self.terms, self.mql, self.sql, today, ready)


def recommend_thresholds(
    rows: pd.DataFrame,
    agreement: Agreement,
    terms: Terms | None = None,
    recent: int = RECENT_MONTHS,
    resamples: int = 100,
    seed: int = 0,
    use_today: bool = True,
    cache: Cache | None = None,
) -> Thresholds:
    """Recommend the MQL and the SQL line by expected margin under both capacities.

    At or above the SQL line a lead earns P(customer) · value of a customer − cost of working
    it. From the MQL line up to it: P(customer) · value of a customer − P(passed on) · cost of
    working it − cost of qualifying it, with the chances of a lead that never reaches the SQL
    line. Lines are searched over the score's own distinct values
    (docs/method/thresholds.md, "Capacity"); a pair must fit each desk's capacity with
    ``sla.confidence`` in a predicted month, counted as gamma–Poisson on the recent months, and
    what qualification passes on takes closing capacity too. A lead that qualification has when
    it reaches the SQL line is handed over then.

    Parameters
    ----------
    rows : pandas.DataFrame
        Out-of-sample snapshots: ``lead_id``, ``spell``, ``as_of``, ``month`` (local "YYYY-MM"),
        ``score``, ``fit``, ``p_sql`` (chance of the MQL line's target within its window given
        the score), ``p_customer`` (of the SQL line's), and the others that
        :func:`~smarketing.planning.add_chances` gives. Rows without chances are history only.
    agreement : smarketing.agreement.Agreement
        Lines, and the terms where they are not given.
    terms : Terms, optional
        Capacity, economics, confidence and the demand expected; by default the agreement's.
    recent : int
        Months of history judged.
    resamples : int
        Bootstrap resamples over leads and months; 0 for none.
    seed : int
    use_today : bool
        Whether the agreement's lines are on this score's scale, so they can stand beside.
    cache : Cache, optional
        Where the resamples' lines are kept.

    Raises
    ------
    CannotAnswer
        If no row has chances.

    Examples
    --------
    >>> from types import SimpleNamespace as Bag
    >>> agreement = Bag(currency="DKK",
    ...     lines=Bag(mql=Bag(score=40, fit_at_least=0), sql=Bag(score=70, fit_at_least=0)),
    ...     capacity=Bag(qualification=Bag(leads_per_month=9), closing=Bag(leads_per_month=9)),
    ...     economics=Bag(revenue_per_customer=1000, margin_share=1, cost_per_qualified_lead=10,
    ...                   cost_per_worked_lead=100), sla=Bag(confidence=0.8))
    >>> rows = pd.DataFrame({"lead_id": list("abc"), "spell": 1, "as_of": 1, "month": "2026-10",
    ...     "score": [20, 50, 80], "fit": 0, "p_sql": [0.0, 0.3, 0.6],
    ...     "p_customer": [0, 0.1, 0.5], "p_pass": [0.0, 0.3, 0.6],
    ...     "p_passed_won": [0, 0.15, 0.3]})
    >>> found = recommend_thresholds(rows, agreement, resamples=0)
    >>> found.mql, found.sql, found.row()["margin"]
    (40, 70, 510.0)
    """
    terms, agreed = terms or Terms.of(agreement), AgreedLines.of(agreement)
    rows = rows if terms.dated else rows.assign(month="all")
    whole = agreed.table(rows, None if use_today else ())
    judged = JudgedLines.of(whole.last(recent), terms)
    today = agreed.places(judged.table) if use_today else None
    choice = choose_lines(judged.table, judged.money, terms, today, resamples, seed, cache)
    return _advised(choice, judged, whole, agreed, resamples, agreement.currency)


def _advised(
    choice: ChosenLines,
    judged: JudgedLines,
    whole: LineTable,
    agreed: AgreedLines,
    resamples: int,
    currency: str,
) -> Thresholds:
    """Return the best lines where there is reason to change, with all that stands beside them."""
    table, terms = judged.table, judged.terms
    change, why = verdict(choice, table.grid, judged.money, terms, currency)
    # Lines that need not change are the ones to recommend, and to plan volumes at.
    taken = choice.best if change or choice.today is None else choice.today
    (mql_low, mql_high), (sql_low, sql_high) = choice.spans or ((None, None),) * 2
    mql, sql = (table.line(place) for place in taken)
    return Thresholds(
        mql=mql,
        sql=sql,
        fit_mql=agreed.fit_mql,
        fit_sql=agreed.fit_sql,
        mql_low=mql_low,
        mql_high=mql_high,
        sql_low=sql_low,
        sql_high=sql_high,
        agree=choice.agree,
        resamples=resamples,
        change=change,
        why=why,
        gain=choice.gain,
        gain_low=choice.gain_low,
        gain_high=choice.gain_high,
        policies=_policies(judged, taken, choice),
        nearby=judged.nearby(taken, NEAR * (table.grid[-1] - table.grid[0])),
        flow=whole.flow(mql, sql),
        terms=terms,
        table=table,
        notes=notes_on(terms, taken, table.nobody),
    )


def _policies(judged: JudgedLines, taken: LinePair, choice: ChosenLines) -> pd.DataFrame:
    """Return the lines recommended, today's, the best ones and the simple rules, a row each."""
    ways = {"recommended": taken} | ({} if choice.today is None else {"today": choice.today})
    ways |= {} if taken == choice.best else {"best margin": choice.best}
    return pd.DataFrame([judged.policy(*way) for way in (ways | judged.simple_rules()).items()])
