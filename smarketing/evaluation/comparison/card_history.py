"""The agreed card on history: how leads of each score, grade and rule went on to do."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.funnel.rates import wilson
from smarketing.results import Result
from smarketing.scoring.agreed_card import breakdown
from smarketing.scoring.population import Population
from smarketing.scoring.snapshots import snapshots
from smarketing.scoring.targets import label
from smarketing.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class CardHistory(Result):
    """How leads of each score, grade and rule went on to do.

    Parameters
    ----------
    leads : pandas.DataFrame
        As from :func:`outcomes`.
    by_score, by_grade, by_rule : pandas.DataFrame
        As from the functions of these names.
    """

    leads: pd.DataFrame
    by_score: pd.DataFrame
    by_grade: pd.DataFrame
    by_rule: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return a row for each rule."""
        return self.by_rule


def card_history(population: Population, warehouse: Warehouse, agreement: Agreement) -> CardHistory:
    """Tell how leads of each score, grade and rule of the agreed card went on to do.

    Raises
    ------
    CannotAnswer
        If no lead is old enough to know how it ended.
    """
    leads = outcomes(population, agreement)
    return CardHistory(
        leads, by_score(leads), by_grade(leads), by_rule(leads, warehouse, agreement)
    )


def outcomes(population: Population, agreement: Agreement) -> pd.DataFrame:
    """Return each spell's last row whose window is over, with ``won`` (bool).

    Raises
    ------
    CannotAnswer
        If no row is old enough.
    """
    known = label(population.rows, agreement.lines.sql, agreement, population.data_until)
    mature = known.mature.to_numpy(bool)
    rows = population.rows[mature].assign(won=known.outcome[mature].astype(bool))
    if rows.empty:
        raise CannotAnswer("no lead is old enough to know how it ended")
    return rows.drop_duplicates(["lead_id", "spell"], keep="last")


def by_score(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often leads of each band of the score reached the target.

    Parameters
    ----------
    rows : pandas.DataFrame
        As from :func:`outcomes`.

    Returns
    -------
    pandas.DataFrame
        ``score`` (the band), ``leads``, ``won``, ``rate``, ``low``, ``high`` (95 %).

    Examples
    --------
    >>> by_score(pd.DataFrame({"score": [3, 12, 17], "won": [False, True, False]}))[
    ...     ["score", "leads", "won"]].to_dict("list")
    {'score': ['0 to 9', '10 to 19'], 'leads': [1, 2], 'won': [0, 1]}
    """
    band = (rows.score // 10 * 10).astype(int)
    table = _rates(rows.won.groupby(band), "score")
    return table.assign(score=[f"{low} to {low + 9}" for low in table.score])


def by_grade(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often leads of each grade reached the target; columns as :func:`by_score`."""
    return _rates(rows.won.groupby(rows.grade), "grade")


def by_rule(rows: pd.DataFrame, warehouse: Warehouse, agreement: Agreement) -> pd.DataFrame:
    """Return what each rule of the agreed card says of leads, and what became of them.

    Returns
    -------
    pandas.DataFrame
        ``rule``, ``axis``, ``points`` (average where it counts), ``leads``, ``won``, ``rate``
        with its 95 % interval, ``without`` (the rate of the leads it does not count for).
        Rules in the file's order; those that never count have no leads.
    """
    card = agreement.scorecard
    hits = breakdown(card, warehouse, snapshots(warehouse, agreement), agreement).execute()
    keys = ["lead_id", "spell", "as_of"]
    hits = hits.merge(rows[[*keys, "won"]], on=keys)
    total, won = len(rows), int(rows.won.sum())
    table = []
    for axis in ("fit", "engagement"):
        for rule in getattr(card, axis).rules:
            of_rule = hits[(hits.axis == axis) & (hits.rule == rule.name)]
            k, n = int(of_rule.won.sum()), len(of_rule)
            table.append(
                {
                    "rule": rule.name,
                    "axis": axis,
                    "points": of_rule.points_thousandths.mean() / 1000 if n else None,
                    "leads": n,
                    "won": k,
                    "without": (won - k) / (total - n) if total > n else None,
                }
            )
    return _with_rates(pd.DataFrame(table))


def _rates(groups: pd.core.groupby.SeriesGroupBy, name: str) -> pd.DataFrame:
    table = groups.agg(["size", "sum"]).reset_index()
    return _with_rates(table.set_axis([name, "leads", "won"], axis=1))


def _with_rates(table: pd.DataFrame) -> pd.DataFrame:
    rate, low, high = wilson(table.won, table.leads)
    return table.assign(rate=rate, low=low, high=high)
