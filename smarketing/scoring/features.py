"""What was known of a lead at a moment: attributes, and what the lead itself did.

Never what sales did, never what was written down after the outcome, never the calendar: a
model that knows the month learns the season of the past instead of the lead.
"""

from __future__ import annotations

from collections.abc import Iterable

import ibis

from smarketing.agreement.model import Agreement
from smarketing.scoring.events import KEYS, own_events, with_decay
from smarketing.scoring.feature_set import EventFeature, event_features, known_when, no_time_column
from smarketing.scoring.point_in_time import as_known, histories, values_as_of
from smarketing.scoring.snapshots import MOMENT_COLUMNS
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
        with ``known: history`` the value they had then),
        ``source``, ``campaign_id``, ``account_id``, and with dates ``created_weekday``,
        ``created_hour`` (local), ``times_recycled``, ``days_in_spell``, ``weeks_in_spell``,
        ``days_since_last_event`` (null if there was none) and counts (``n_KIND``,
        ``n_KIND[SUBJECT]``) and decayed sums (``recent_KIND``) of the lead's own events.

    Examples
    --------
    >>> features(warehouse, snapshots(warehouse, agreement), agreement).columns  # doctest: +SKIP
    """
    wanted = None if only is None else set(only)

    def is_wanted(name: str) -> bool:
        return wanted is None or name in wanted

    leads, known = warehouse.table("leads"), known_when(warehouse)
    needed = {"lead_id", "created_at"} & set(leads.columns)
    for name in leads.columns:
        if is_wanted(name):
            needed |= {name, known.get(name, ("", None))[1] or name}
    traits = leads.select({f"lead: {c}": leads[c] for c in leads.columns if c in needed})
    table = moments.left_join(traits, moments.lead_id == traits["lead: lead_id"])
    past = [n for n in leads.columns if is_wanted(n) and known.get(n, ("",))[0] == "history"]
    past = sorted(histories(warehouse).intersection(past)) if past else []
    if past:
        was = values_as_of(warehouse, moments, past)
        same = [moments.lead_id == was["was: lead_id"], moments.as_of == was["was: as_of"]]
        table = table.left_join(was, same)
    columns = {}
    for name in leads.columns:
        how, at = known.get(name, ("at_creation" if name in _ASKABLE else "canonical", None))
        if not is_wanted(name) or (how not in ("at_creation", "at") and name not in past):
            continue
        value = table[f"lead: {name}"]
        if name in past:
            value = as_known(table, name, value)
        if how == "at":
            if no_time_column(at, leads):
                continue
            known_at = table[f"lead: {at}"]
            value = ibis.ifelse((known_at <= table.as_of).fill_null(False), value, None)
        columns[name] = value
    if warehouse.has_time:
        columns |= _moment_fields(table, agreement.timezone, decay_by_formula)
    result = table.select(
        *[table[c] for c in MOMENT_COLUMNS if c in moments.columns],
        **{name: value for name, value in columns.items() if is_wanted(name)},
    )
    if not warehouse.has_time:
        return result
    may_ask = wanted is None or any(name.startswith(("n_", "recent_")) for name in wanted)
    wanted_events = [f for f in event_features(warehouse) if is_wanted(f.name)] if may_ask else []
    if not (wanted_events or is_wanted("days_since_last_event")):
        return result
    if not warehouse.has("events"):
        return result.mutate(days_since_last_event=ibis.null("int64"))
    half = half_life(agreement)
    done = _done(warehouse.table("events"), moments, wanted_events, half, decay_by_formula)
    done = done.rename({f"done: {key}": key for key in KEYS})
    joined = result.left_join(done, [result[key] == done[f"done: {key}"] for key in KEYS])
    return joined.select(
        *result.columns,
        **(
            {"days_since_last_event": "days_since_last_event"}
            if is_wanted("days_since_last_event")
            else {}
        ),
        **{f.name: joined[f.name].fill_null(0) for f in wanted_events},
    )


def half_life(agreement: Agreement) -> float:
    """Return the half-life of engagement in days, 14 where the agreement names none."""
    return agreement.scorecard.engagement.half_life_days or _HALF_LIFE_DAYS


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
    aggregates = {"days_since_last_event": aged.age.min()}
    for feature in wanted:
        where = aged.kind == feature.kind
        if feature.subject is not None:
            where &= aged.subject == feature.subject
        aggregates[feature.name] = (
            # Thousandths are summed as whole numbers: the order of events must not matter.
            aged.left_0.sum(where=where) / 1000 if feature.decayed else aged.count(where=where)
        )
    return aged.group_by(*KEYS).agg(**aggregates)
