"""What became of every hand-over: contacted when, followed up how, answered or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smarketing.errors import CannotAnswer
from smarketing.funnel.sla.business_hours import hours_on_clock
from smarketing.language.catalogue import tr
from smarketing.measures.catalogue import qualified_anew
from smarketing.measures.facts import Facts
from smarketing.warehouse.sql import FALSE

IN_TIME, LATE, NEVER, YOUNG = "in time", "late", "never", "pending"

_NO = tuple(word for word in FALSE if len(word) > 1 or word == "0")
_VERDICTS = ("sql", "opportunity", "customer", "rejected", "recycled", "disqualified")


def handovers(facts: Facts, first_month: str, last_month: str | None = None) -> pd.DataFrame:
    """Return one row per spell handed over to sales in the months, with what sales did.

    Only attempts by people of sales count, at or after the hand-over and before the lead's next
    spell. States follow the promise: *pending* is every hand-over younger than it, whatever was
    done already, so that quick answers are not counted before slow ones had their time.

    Parameters
    ----------
    facts : Facts
    first_month, last_month : str
        Local months of the hand-over, both included; one month if the last is left out.

    Returns
    -------
    pandas.DataFrame
        ``lead_id``, ``spell``, ``owner_id``, ``source``, ``campaign_id``, ``handed_at``;
        ``counts`` (for marketing's promise: first spell, or qualified anew); ``accepted``,
        ``answered`` (accepted, or given back), ``disposed_at`` (sales' verdict); ``attempts``,
        ``first_attempt_at``, ``attempts_before`` (in this spell, before the hand-over),
        ``connected_at``, ``assigned_at``; ``contact_hours``, ``system_hours``, ``rep_hours`` on
        the agreed clock; ``contact``, ``follow_up``, ``disposition``: in time, late, never,
        pending – missing where it is not agreed or not recorded; ``age_days``.

    Raises
    ------
    CannotAnswer
        If no record shows a hand-over.

    Examples
    --------
    >>> handovers(facts, "2026-10")[["lead_id", "contact_hours", "contact"]]  # doctest: +SKIP
    """
    if "sales_ready" not in facts.recorded:
        raise CannotAnswer(tr("no record shows when a lead was handed over to sales (sales_ready)"))
    runs = facts.spells
    after = runs.sales_ready_at >= facts.bounds(first_month)[0]
    before = runs.sales_ready_at < facts.bounds(last_month or first_month)[1]
    rows = runs[after & before]
    rows = rows.assign(counts=qualified_anew(rows)).rename(columns={"sales_ready_at": "handed_at"})
    rows = rows.sort_values(["handed_at", "lead_id"], ignore_index=True)
    rows["age_days"] = (facts.data_until - rows.handed_at) / pd.Timedelta(days=1)
    later = ["sql_at", "opportunity_at", "customer_at"]
    rows["accepted"] = rows[["accepted_at", *later]].notna().any(axis=1) | rows.is_customer
    given_back = rows[["rejected_at", "recycled_at", "disqualified_at"]].notna().any(axis=1)
    rows["answered"] = rows.accepted | given_back
    verdicts = [f"{stage}_at" for stage in _VERDICTS]
    if not {"sql", "opportunity", "customer"} & set(facts.recorded):
        verdicts.append("accepted_at")  # the last thing sales says in these tables
    rows["disposed_at"] = rows[verdicts].min(axis=1)
    rows = _with_attempts(facts, rows)
    rows = _with_states(facts, rows)
    return rows[[
        "lead_id", "spell", "owner_id", "source", "campaign_id", "handed_at", "counts", "age_days",
        "accepted", "answered", "disposed_at", "attempts", "attempts_before", "first_attempt_at",
        "connected_at", "assigned_at", "contact_hours", "system_hours", "rep_hours",
        "contact", "follow_up", "disposition", *facts.fields,
    ]]  # fmt: skip


def missing_fields(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    """Count hand-overs without a field the agreement requires.

    A text that is empty or says no, and a flag that is false (``phone_known``), are missing.

    Returns
    -------
    pandas.DataFrame
        ``field``, ``missing`` of ``n``; missing is null where the leads have no such column.
    """
    required = facts.agreement.handover.required_fields
    table = pd.DataFrame({"field": list(required), "missing": pd.NA, "n": len(rows)})
    for place, name in enumerate(required):
        if name in rows:
            text = rows[name].astype("str").str.strip().str.lower()
            absent = rows[name].isna() | text.isin(["", *_NO])
            table.loc[place, "missing"] = int(absent.sum())
    return table.astype({"missing": "Int64"})


def records_attempts(facts: Facts) -> bool:
    """Return whether the tables record any attempt of sales at all."""
    return not facts.attempts.empty


def _with_attempts(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    key = ["lead_id", "spell"]
    made, assigned = facts.attempts, facts.assigned
    moments = rows[[*key, "started_at", "handed_at", "next_started_at"]]

    def of_spell(events: pd.DataFrame) -> pd.DataFrame:
        joined = moments.merge(events, on="lead_id")
        over = joined.occurred_at >= joined.next_started_at
        return joined[(joined.occurred_at >= joined.started_at) & ~over]

    tried = of_spell(made)
    after = tried[tried.occurred_at >= tried.handed_at]
    follow_up = facts.agreement.sla.sales and facts.agreement.sla.sales.follow_up
    days = pd.Timedelta(days=follow_up.within_days if follow_up else 0)
    spells = pd.MultiIndex.from_frame(rows[key])

    def by_spell(events: pd.DataFrame) -> pd.api.typing.SeriesGroupBy:
        return events.groupby(key).occurred_at

    for name, events in {
        "attempts": after,
        "attempts_before": tried[tried.occurred_at < tried.handed_at],
        "attempts_in_time": after[after.occurred_at <= after.handed_at + days],
    }.items():
        counted = by_spell(events).size().reindex(spells, fill_value=0)
        rows[name] = counted.to_numpy(dtype=int)
    for name, events in {
        "first_attempt_at": after,
        "connected_at": after[after.connected],
        "assigned_at": of_spell(assigned),
    }.items():
        rows[name] = pd.to_datetime(by_spell(events).min().reindex(spells)).to_numpy()
    return rows


def _with_states(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    agreement = facts.agreement
    sales = agreement.sla.sales
    first_contact = sales.first_contact if sales else None
    clock = first_contact.clock if first_contact else "elapsed"
    until = pd.Series(facts.data_until, index=rows.index)
    # who was assigned before the hand-over could act at once; who acted unassigned did not wait
    free = rows[["assigned_at", "handed_at"]].max(axis=1).where(rows.assigned_at.notna())
    free = free.mask(free > rows.first_attempt_at, rows.first_attempt_at)
    rows["contact_hours"] = hours_on_clock(rows.handed_at, rows.first_attempt_at, clock, agreement)
    rows["system_hours"] = hours_on_clock(rows.handed_at, free, clock, agreement)
    rows["rep_hours"] = hours_on_clock(free, rows.first_attempt_at, clock, agreement)
    rows["contact"] = rows["follow_up"] = rows["disposition"] = None
    if records_attempts(facts):
        if first_contact:
            age = hours_on_clock(rows.handed_at, until, clock, agreement)
            in_time = rows.contact_hours <= first_contact.within_hours
            rows["contact"] = _state(
                age < first_contact.within_hours, in_time, rows.first_attempt_at.notna()
            )
        if sales and sales.follow_up:
            promise = sales.follow_up
            due = rows.handed_at + pd.Timedelta(days=promise.within_days)
            followed = rows.attempts_in_time >= promise.attempts
            followed |= (rows.connected_at <= due) | (rows.disposed_at <= due)
            tried = rows.attempts > 0
            rows["follow_up"] = _state(rows.age_days < promise.within_days, followed, tried)
    if sales and sales.disposition_within_days:
        due = rows.handed_at + pd.Timedelta(days=sales.disposition_within_days)
        young = rows.age_days < sales.disposition_within_days
        rows["disposition"] = _state(young, rows.disposed_at <= due, rows.disposed_at.notna())
    return rows


def _state(young: pd.Series, in_time: pd.Series, done: pd.Series) -> np.ndarray:
    return np.select([young, in_time, done], [YOUNG, IN_TIME, LATE], NEVER)
