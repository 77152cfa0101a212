"""What was known of a lead at a moment: attributes, and what the lead itself did.

Never what sales did, never what was written down after the outcome, never the calendar: a
model that knows the month learns the season of the past instead of the lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ibis

from smarketing.agreement.model import Agreement
from smarketing.scoring.events import (
    KEYS,
    MOMENT_COLUMNS,
    SINCE,
    EventFeature,
    event_features,
    left_of,
    own_events,
    with_decay,
)
from smarketing.scoring.point_in_time import (
    as_known,
    histories,
    known_when,
    no_time_column,
    values_as_of,
)
from smarketing.warehouse.local_time import local_time
from smarketing.warehouse.warehouse import Warehouse

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALF_LIFE_DAYS = 14.0  # of decayed sums, where the agreement names none
_MICROSECONDS = 86_400_000_000
_ASKABLE = ("source", "campaign_id", "account_id")


def features(
    warehouse: Warehouse,
    moments: ibis.Table,
    agreement: Agreement,
    only: Iterable[str] | None = None,
    decay_by_formula: bool = False,
) -> ibis.Table:
    """Return the moments with what was known of each lead at them.

    Parameters
    ----------
    warehouse : Warehouse
    moments : ibis.Table
        As :func:`smarketing.scoring.snapshots.snapshots` gives them.
    agreement : Agreement
        For the time zone and the half-life of engagement.
    only : iterable of str, optional
        Only these fields; unknown names are passed over. By default all.
    decay_by_formula : bool
        Whether decay and local times are computed by the engine, for SQL that is to stand by
        itself.

    Returns
    -------
    ibis.Table
        `moments` and one column per field: declared attributes (null before they were known,
        with ``known: history`` the value they had then; times as local days),
        ``source``, ``campaign_id``, ``account_id``, and with dates ``created_weekday``,
        ``created_hour`` (local), ``times_recycled``, ``days_in_spell``, ``weeks_in_spell``,
        ``days_since_last_event`` (null if there was none) and counts (``n_KIND``,
        ``n_KIND[SUBJECT]``) and decayed sums (``recent_KIND``) of the lead's own events.

    Examples
    --------
    >>> features(warehouse, snapshots(warehouse, agreement), agreement).columns  # doctest: +SKIP
    """
    names = None if only is None else frozenset(only)

    def is_wanted(name: str) -> bool:
        return names is None or name in names

    seen = _attributes(warehouse, moments, agreement, is_wanted, decay_by_formula)
    if not warehouse.has_time:
        return seen
    may_ask = names is None or any(name.startswith(("n_", "recent_")) for name in names)
    wanted = [f for f in event_features(warehouse) if is_wanted(f.name)] if may_ask else []
    since = [SINCE] if is_wanted(SINCE) else []
    if not (wanted or since):
        return seen
    if not warehouse.has("events"):
        return seen.mutate(**{SINCE: ibis.null("int64")})
    half = half_life(agreement)
    done = _done(warehouse.table("events"), moments, wanted, half, decay_by_formula)
    done = done.rename({f"done: {key}": key for key in KEYS})
    joined = seen.left_join(done, [seen[key] == done[f"done: {key}"] for key in KEYS])
    counts = {f.name: joined[f.name].fill_null(0) for f in wanted}
    return joined.select(*seen.columns, *since, **counts)


def half_life(agreement: Agreement) -> float:
    """Return the half-life of engagement in days, 14 where the agreement names none."""
    return agreement.scorecard.engagement.half_life_days or _HALF_LIFE_DAYS


def _attributes(
    warehouse: Warehouse,
    moments: ibis.Table,
    agreement: Agreement,
    is_wanted: Callable[[str], bool],
    by_engine: bool,
) -> ibis.Table:
    """Return the moments with who the lead was, as it was known, and when it is looked at."""
    leads, known = warehouse.table("leads"), known_when(warehouse)
    names = [name for name in leads.columns if is_wanted(name)]
    needed = {"lead_id", "created_at", *names, *(known[name][1] for name in names if name in known)}
    traits = leads.select({f"lead: {c}": leads[c] for c in leads.columns if c in needed})
    table = moments.left_join(traits, moments.lead_id == traits["lead: lead_id"])
    past = {name for name in names if known.get(name, ("",))[0] == "history"}
    past = past and past & histories(warehouse)
    if past:
        was = values_as_of(warehouse, moments, sorted(past))
        same = [moments.lead_id == was["was: lead_id"], moments.as_of == was["was: as_of"]]
        table = table.left_join(was, same)
    columns = {}
    for name in names:
        how, at = known.get(name, ("at_creation" if name in _ASKABLE else "canonical", None))
        value = table[f"lead: {name}"]
        if name in past:
            columns[name] = as_known(table, name, value)
        elif how == "at_creation":
            columns[name] = value
        elif how == "at" and not no_time_column(at, leads):
            by_then = (table[f"lead: {at}"] <= table.as_of).fill_null(False)
            columns[name] = ibis.ifelse(by_then, value, None)
    # a time is asked for by its day, where the company is
    for name, value in columns.items():
        if isinstance(value, ibis.ir.TimestampValue):
            columns[name] = local_time(value, agreement.timezone, by_engine).date()
    if warehouse.has_time:
        fields = _moment_fields(table, agreement.timezone, by_engine)
        columns |= {name: value for name, value in fields.items() if is_wanted(name)}
    return table.select(*[table[c] for c in MOMENT_COLUMNS if c in moments.columns], **columns)


def _moment_fields(table: ibis.Table, timezone: str, by_engine: bool) -> dict[str, ibis.Value]:
    local = local_time(table["lead: created_at"], timezone, by_engine)
    index = local.day_of_week.index()
    days = table.as_of.delta(table.started_at, unit="microsecond") // _MICROSECONDS
    return {
        "created_weekday": ibis.cases(*((index == i, name) for i, name in enumerate(_WEEKDAYS))),
        "created_hour": local.hour(),
        "times_recycled": table.spell - 1,
        "days_in_spell": days,
        "weeks_in_spell": days // 7,
    }


def _done(
    events: ibis.Table,
    moments: ibis.Table,
    wanted: list[EventFeature],
    half_life_days: float,
    decay_by_formula: bool,
) -> ibis.Table:
    aged = own_events(events, moments)
    if any(f.decayed for f in wanted):
        aged = with_decay(aged, [1], half_life_days, decay_by_formula)
    aggregates = {SINCE: aged.age.min()}
    for feature in wanted:
        where = aged.kind == feature.kind
        if feature.subject is not None:
            where &= aged.subject == feature.subject
        if feature.decayed:
            # Thousandths are summed as whole numbers: the order of events must not matter.
            aggregates[feature.name] = aged[left_of(1, half_life_days)].sum(where=where) / 1000
        else:
            aggregates[feature.name] = aged.count(where=where)
    return aged.group_by(*KEYS).agg(**aggregates)
