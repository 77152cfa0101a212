"""How many spells reach each stage, month by month, as one expression for any engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import ibis

from smarketing.funnel.flow.stages import WAYS_OFF
from smarketing.funnel.history import PATH, moment
from smarketing.warehouse.local_time import local_time
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse


def stage_table(warehouse: Warehouse, timezone: str, stages: Sequence[str] = PATH) -> ibis.Table:
    """Return what :func:`smarketing.funnel.stage_counts` counts, of all months at once.

    Parameters
    ----------
    warehouse : Warehouse
        On any engine.
    timezone : str
        In which months are cut.
    stages : sequence of str
        The stages in the order in which leads pass them (``History.recorded``).

    Returns
    -------
    ibis.Table
        ``year``, ``month`` (1 to 12, local), ``stage`` (those given, and the ways off:
        rejected, recycled, disqualified), ``cohort``: of the spells started in the month, how
        many reached it or a later one; ``skipped``: those of them without a record of it;
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
    reached = {
        name: functools.reduce(
            operator.or_, (entered[later].notnull() for later in names[i : len(stages)])
        )
        if i < len(stages)
        else entered[name].notnull()
        for i, name in enumerate(names)
    }

    def at_place(values: dict[str, ibis.Value]) -> ibis.Value:
        return ibis.cases(*((rows.place == i, values[name]) for i, name in enumerate(names)))

    rows = rows.select(
        began=local_time(rows.started_at, timezone),
        stage=at_place({name: ibis.literal(name) for name in names}),
        entered=at_place(entered),
        reached=at_place(reached),
    )
    cohorts = rows.filter(rows.began.notnull())
    cohorts = cohorts.group_by(
        "stage", year=cohorts.began.year().cast("int64"), month=cohorts.began.month().cast("int64")
    ).agg(
        cohort=ibis._.count(where=ibis._.reached),
        skipped=ibis._.count(where=ibis._.reached & ibis._.entered.isnull()),
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
