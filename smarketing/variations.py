"""What an analyst varies: the agreement's terms, the leads looked at, the moment."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd
from ruamel.yaml import YAML, YAMLError

from smarketing.agreement.conditions import parse_condition
from smarketing.agreement.load import check_agreement
from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.scoring.condition_expressions import to_ibis
from smarketing.scoring.population import Population


def varied(
    agreement: Agreement,
    line: str = "sql",
    *,
    target: str = "",
    window_days: int = 0,
    confidence: float = 0.0,
    capacity: int = 0,
) -> Agreement:
    """Return the agreement with what an analyst varies; empty and 0 leave what it says.

    Parameters
    ----------
    agreement : Agreement
    line : {"sql", "mql"}
        The line whose target, window and desk are meant.
    target : str
        The stage the line is to reach.
    window_days : int
        Days in which it counts.
    confidence : float
        How sure a promise is to be, in (0, 1).
    capacity : int
        Leads a month that the line's desk can work.

    Raises
    ------
    UsageError, SmarketingError
        If the result would be no valid agreement.

    Examples
    --------
    >>> varied(agreement, window_days=60).lines.sql.window_days  # doctest: +SKIP
    60.0
    """
    if line not in {"mql", "sql"}:
        raise UsageError(Problem("there is no such line", found=repr(line), allowed="mql, sql"))
    data = agreement.to_dict()
    if target:
        data["lines"][line]["target"] = target
    if window_days:
        data["lines"][line]["window_days"] = window_days
    if confidence:
        data.setdefault("sla", {})["confidence"] = confidence
    if capacity:
        desk = "qualification" if line == "mql" else "closing"
        data["capacity"][desk] = {"people": 1, "leads_per_person_per_month": capacity}
    return check_agreement(data)


def part_of(population: Population, condition: str) -> Population:
    """Return the rows that meet a condition written as in the scorecard; all for an empty text.

    Parameters
    ----------
    population : Population
    condition : str
        Such as ``{field: source, is: webinar}``.

    Raises
    ------
    UsageError
        If it is no condition.
    CannotAnswer
        If no lead meets it.

    Examples
    --------
    >>> part_of(population, "{field: employees, at_least: 50}")  # doctest: +SKIP
    """
    if not condition:
        return population
    try:
        written = YAML(typ="safe").load(condition)
    except YAMLError as error:
        raise UsageError(Problem("population is no condition", found=repr(condition))) from error
    if not isinstance(written, dict):
        raise UsageError(
            Problem(
                "population is no condition",
                found=repr(condition),
                allowed="{field: NAME, is: VALUE}, as in the scorecard",
            )
        )
    asked = parse_condition(written)
    unknown = asked.fields() - set(population.rows.columns)
    if unknown:
        raise UsageError(
            Problem(
                "population names a field that no lead has",
                found=", ".join(sorted(unknown)),
                allowed=", ".join(population.features.names),
            )
        )
    keys = population.rows[sorted(asked.fields())].assign(place=range(len(population.rows)))
    table = ibis.memtable(keys)
    places = table.filter(to_ibis(asked, table)).place.execute()
    if not len(places):
        raise CannotAnswer(f"no lead meets the condition {condition}")
    rows = population.rows.iloc[sorted(places)].reset_index(drop=True)
    return replace(population, rows=rows)


def as_known(population: Population, at: pd.Timestamp | None) -> Population:
    """Return the rows up to a moment, to be judged by what was known then; all for None."""
    if at is None or not population.has_time:
        return population
    rows = population.rows[population.rows.as_of <= at].reset_index(drop=True)
    if rows.empty:
        raise CannotAnswer(f"no lead was known on {at:%Y-%m-%d}")
    return replace(population, rows=rows, data_until=min(at, population.data_until))
