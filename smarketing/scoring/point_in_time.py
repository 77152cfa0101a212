"""The value that an attribute had at a moment, where its history is kept."""

from __future__ import annotations

from collections.abc import Sequence

import ibis

from smarketing.warehouse.warehouse import Warehouse


def histories(warehouse: Warehouse) -> frozenset[str]:
    """Return the attributes whose changes are kept: those of which at least one is known.

    A CRM keeps the history of the fields somebody chose; of the others today's value would be
    taken for what was known.

    Examples
    --------
    >>> sorted(histories(warehouse))  # doctest: +SKIP
    ['employees', 'industry']
    """
    if not (warehouse.has_time and warehouse.has("changes")):
        return frozenset()
    return frozenset(warehouse.table("changes").select("field").distinct().execute().field)


def known_when(warehouse: Warehouse) -> dict[str, tuple[str, str | None]]:
    """Return, per attribute of leads, how it becomes known and, for ``at``, the time's column."""
    rows = warehouse.columns()
    rows = rows[(rows.table_name == "leads") & (rows.known != "canonical")]
    return {
        row.column_name: (row.known, row.known_at if isinstance(row.known_at, str) else None)
        for row in rows.itertuples()
    }


def no_time_column(at: str | None, leads: ibis.Table) -> bool:
    """Return whether leads have no time of that name."""
    return at not in leads.columns or not isinstance(leads[at], ibis.ir.TimestampValue)


def values_as_of(warehouse: Warehouse, moments: ibis.Table, names: Sequence[str]) -> ibis.Table:
    """Return what the history says of attributes at moments of leads.

    A change holds from its moment up to the next; before the first one the value was what that
    one replaced. Of a lead without a change the history says nothing: today's value stood all
    the time.

    Returns
    -------
    ibis.Table
        ``was: lead_id``, ``was: as_of``, and for each name ``changes: NAME`` (how many changes of
        the lead say it: 0 or 1) and ``was: NAME`` (text, null for an empty cell).
    """
    changes = warehouse.table("changes")
    changes = changes.filter(changes.field.isin(list(names)))
    order = ibis.window(group_by=["lead_id", "field"], order_by="changed_at")
    spans = changes.mutate(
        until=changes.changed_at.lead().over(order), place=ibis.row_number().over(order)
    ).rename(changed_lead="lead_id")
    at = moments.select("lead_id", "as_of").distinct()
    pairs = at.join(spans, at.lead_id == spans.changed_lead)
    begun = pairs.changed_at <= pairs.as_of
    holds = begun & (pairs.until.isnull() | (pairs.until > pairs.as_of))
    pairs = pairs.filter(holds | ((pairs.place == 0) & ~begun))
    pairs = pairs.mutate(
        held=ibis.ifelse(pairs.changed_at <= pairs.as_of, pairs["new"], pairs["old"])
    )
    changes_of = {f"changes: {name}": pairs.count(where=pairs.field == name) for name in names}
    values = {f"was: {name}": pairs.held.max(where=pairs.field == name) for name in names}
    held = pairs.group_by("lead_id", "as_of").agg(**changes_of, **values)
    return held.rename({"was: lead_id": "lead_id", "was: as_of": "as_of"})


def as_known(table: ibis.Table, name: str, today: ibis.Value) -> ibis.Value:
    """Return an attribute's value at the moment: what the history says, else today's.

    Parameters
    ----------
    table : ibis.Table
        Moments joined with :func:`values_as_of`.
    name : str
    today : ibis.Value
        Its type is that of the answer.
    """
    was = table[f"was: {name}"]
    if isinstance(today, ibis.ir.BooleanValue):
        was = was == "true"
    elif isinstance(today, ibis.ir.NumericValue):
        was = was.cast(today.type())
    return ibis.ifelse((table[f"changes: {name}"] > 0).fill_null(False), was, today)
