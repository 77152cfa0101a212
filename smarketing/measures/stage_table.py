"""How many leads enter each stage, month by month, as one expression for any engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import ibis

from smarketing.measures.path import PATH, WAYS_OFF, moment
from smarketing.warehouse.local_time import local_time
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse


def stage_table(warehouse: Warehouse, timezone: str, stages: Sequence[str] = PATH) -> ibis.Table:
    """Return what :func:`smarketing.measures.count.count` counts by lead, of all months at once.

    Parameters
    ----------
    warehouse : Warehouse
        On any engine.
    timezone : str
        In which months are cut.
    stages : sequence of str
        The stages in the order in which leads pass them (``Facts.recorded``).

    Returns
    -------
    ibis.Table
        ``year``, ``month`` (1 to 12, local), ``stage`` (those given, and the ways off:
        rejected, recycled, disqualified), ``cohort``: of the spells started in the month, how
        many entered it; ``skipped``: those of them that entered a later one, and never it;
        ``calendar``: how many spells entered it in the month. Months in which nothing happened
        to a stage have no row.

    Raises
    ------
    CannotAnswer
        If neither leads nor stages have dates.

    Examples
    --------
    >>> stage_table(warehouse, "Europe/Copenhagen").execute()  # doctest: +SKIP
    """
    names = [*stages, *WAYS_OFF]
    runs = spells(warehouse)
    # One row per spell and stage; a list of places, because not every engine can turn columns.
    rows = runs.mutate(place=ibis.range(len(names)).unnest())
    entered = {name: rows[moment(name)] for name in names}
    won = {"customer": rows.is_customer}
    counted = {name: won.get(name, entered[name].notnull()) for name in names}
    later = {
        name: functools.reduce(
            operator.or_,
            (counted[one] for one in names[i + 1 : len(stages)]),
            ibis.literal(False),
        )
        if i < len(stages)
        else ibis.literal(False)
        for i, name in enumerate(names)
    }

    def at_place(values: dict[str, ibis.Value]) -> ibis.Value:
        return ibis.cases(*((rows.place == i, values[name]) for i, name in enumerate(names)))

    rows = rows.select(
        began=local_time(rows.started_at, timezone),
        stage=at_place({name: ibis.literal(name) for name in names}),
        entered=at_place(entered),
        counted=at_place(counted),
        later=at_place(later),
    )
    cohorts = rows.filter(rows.began.notnull())
    cohorts = cohorts.group_by(
        "stage", year=cohorts.began.year().cast("int64"), month=cohorts.began.month().cast("int64")
    ).agg(
        cohort=ibis._.count(where=ibis._.counted),
        skipped=ibis._.count(where=~ibis._.counted & ibis._.later),
    )
    came = rows.filter(rows.entered.notnull())
    came = came.mutate(at=local_time(came.entered, timezone))
    calendar = came.group_by(
        "stage", year=came["at"].year().cast("int64"), month=came["at"].month().cast("int64")
    ).agg(calendar=ibis._.count())
    keys = ("year", "month", "stage")
    zero = ibis.literal(0, "int64")
    both = cohorts.select(*keys, "cohort", "skipped", calendar=zero).union(
        calendar.select(*keys, cohort=zero, skipped=zero, calendar="calendar")
    )
    counts = {name: both[name].sum().cast("int64") for name in ("cohort", "skipped", "calendar")}
    counted = both.group_by(*keys).agg(**counts)
    return counted.filter((counted.cohort > 0) | (counted.calendar > 0))
