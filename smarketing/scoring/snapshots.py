"""The rows of scoring: spells as they were known at one moment."""

from __future__ import annotations

import ibis
import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.language.catalogue import tr
from smarketing.scoring.events import MOMENT_COLUMNS, SEEN_ONCE, SPELL
from smarketing.warehouse.spells import spells
from smarketing.warehouse.warehouse import Warehouse

_DAY = 86_400


def snapshots(warehouse: Warehouse, agreement: Agreement) -> ibis.Table:
    """Return the moments at which every spell is looked at.

    Each spell is seen ``snapshots.first_after_hours`` after its start and then every
    ``snapshots.every_days``, while it is open and, with ``until: handover``, not yet handed
    over; and once more at the very moment of the hand-over. Without that last row the leads
    handed over on their first day, often the best, would never be judged.
    Spells that started before ``history_from`` are left out whole: seeing only those that
    lasted until then would favour slow ones.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement

    Returns
    -------
    ibis.Table
        ``lead_id``, ``spell``, ``started_at``, ``as_of`` (UTC), ``number`` (1 …),
        ``last_at_handover`` (bool), ``weight`` (1 / rows of the spell). Without dates one row
        per lead: ``as_of`` and ``started_at`` null, spell 1, weight 1.

    Examples
    --------
    >>> snapshots(warehouse, agreement).count().execute()  # doctest: +SKIP
    38211
    """
    if not warehouse.has_time:
        return _one_row_per_lead(warehouse)
    plan, until = agreement.snapshots, _data_until(warehouse)
    spans = _spans(warehouse, agreement)
    first = spans.started_at + ibis.interval(seconds=_seconds(plan.first_after_hours / 24))
    spans = spans.mutate(first_at=first)
    if plan.every_days is None:
        regular = spans.mutate(as_of=spans.first_at)
    else:
        step = _seconds(plan.every_days)
        length = (spans.stop_at.epoch_seconds() - spans.first_at.epoch_seconds()).cast("int64")
        number = ibis.range(0, length // step + 2).unnest().name("k")
        # Spells over before their first snapshot would make an empty or negative range.
        lasting = spans.filter(spans.stop_at >= spans.first_at)
        regular = lasting.select(*SPELL, "started_at", "first_at", "stop_at", number)
        regular = regular.mutate(as_of=regular.first_at + (regular.k * step).as_interval("s"))
    # The moment of the hand-over has its own row, and the end of a spell is no longer open.
    is_open = (regular.as_of < regular.stop_at) & (regular.as_of <= ibis.literal(until))
    rows = _moments(regular.filter(is_open), "as_of", at_handover=False)
    if plan.until == "handover":
        handed_over = spans.filter(_handed_over(spans, until))
        rows = rows.union(_moments(handed_over, "sales_ready_at", at_handover=True))
    place = ibis.row_number().over(group_by=SPELL, order_by="as_of")
    return rows.mutate(
        number=(place + 1).cast("int32"), weight=1.0 / rows.count().over(group_by=SPELL)
    ).select(*MOMENT_COLUMNS)


def snapshot_counts(
    warehouse: Warehouse, agreement: Agreement, moments: ibis.Table | None = None
) -> dict[str, int]:
    """Return how many spells there are, how many are seen, and why the others are not.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    moments : ibis.Table, optional
        The snapshots, if they are at hand.

    Returns
    -------
    dict
        ``spells``, ``seen``, ``snapshots``, ``before_history`` (started before the history
        can be trusted), ``converted_before_first`` (won before the first snapshot),
        ``ended_before_first`` (ended otherwise before it), ``too_young`` (the data ends before
        it). Without dates only the first three.

    Examples
    --------
    >>> snapshot_counts(warehouse, agreement)["too_young"]  # doctest: +SKIP
    11
    """
    moments = snapshots(warehouse, agreement) if moments is None else moments
    n = int(moments.count().execute())
    if not warehouse.has_time:
        return {"spells": n, "seen": n, "snapshots": n}
    all_spells = spells(warehouse).select(*SPELL, "started_at", "customer_at", "ended_at")
    firsts = moments.filter(moments.number == 1).select(seen_lead="lead_id", seen_spell="spell")
    unseen = all_spells.left_join(
        firsts, [all_spells.lead_id == firsts.seen_lead, all_spells.spell == firsts.seen_spell]
    )
    start = warehouse.history_from
    before = ibis.literal(False) if start is None else unseen.started_at < ibis.literal(start)
    until = ibis.literal(_data_until(warehouse))
    ended = (unseen.ended_at <= until).fill_null(False)
    won = ended & (unseen.customer_at <= unseen.ended_at).fill_null(False)
    why = ibis.cases(
        (unseen.seen_lead.notnull(), "seen"),
        (before, "before_history"),
        (won, "converted_before_first"),
        (ended, "ended_before_first"),
        else_="too_young",
    )
    counts = unseen.group_by(why=why).aggregate(n=ibis._.count()).execute()
    reasons = dict(zip(counts["why"], counts["n"], strict=True))
    unseen_for = ("before_history", "converted_before_first", "ended_before_first", "too_young")
    return {
        "spells": int(counts["n"].sum()),
        "seen": int(reasons.get("seen", 0)),
        "snapshots": n,
        **{name: int(reasons.get(name, 0)) for name in unseen_for},
    }


def open_spells(
    warehouse: Warehouse,
    agreement: Agreement,
    as_of: pd.Timestamp | None = None,
    lead: str | None = None,
) -> ibis.Table:
    """Return one row for every spell open at a moment, what ``score --as-of`` scores.

    Open means begun, not ended and, with ``snapshots.until: handover``, not handed over.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    as_of : pandas.Timestamp, optional
        Naive UTC; by default the end of the data.
    lead : str, optional
        Only this lead's.

    Returns
    -------
    ibis.Table
        The columns of :func:`snapshots`.

    Raises
    ------
    CannotAnswer
        If a moment is asked of tables without dates.

    Examples
    --------
    >>> with open_spells(warehouse, agreement).cache() as moments:  # doctest: +SKIP
    ...     score_card(card, warehouse, moments, agreement).execute()
    """
    if not warehouse.has_time:
        if as_of is not None:
            raise CannotAnswer(
                "the leads carry no dates, so they cannot be scored as of a day; leave it out"
            )
        rows = _one_row_per_lead(warehouse)
        return rows if lead is None else rows.filter(rows.lead_id == lead)
    moment = _moment(warehouse, as_of)
    rows = _open_rows(warehouse, as_of)
    if agreement.snapshots.until == "handover":
        rows = rows.filter((rows.sales_ready_at > moment).fill_null(True))
    if lead is not None:
        rows = rows.filter(rows.lead_id == lead)
    moments = rows.select(*SPELL, "started_at", as_of=moment.cast("timestamp"))
    return moments.mutate(**SEEN_ONCE)


def open_with_sales(
    warehouse: Warehouse, agreement: Agreement, as_of: pd.Timestamp | None = None
) -> int:
    """Return how many open leads :func:`open_spells` leaves out, as sales has them by then.

    Examples
    --------
    >>> open_with_sales(warehouse, agreement)  # doctest: +SKIP
    61
    """
    if agreement.snapshots.until != "handover" or not warehouse.has_time:
        return 0
    rows = _open_rows(warehouse, as_of)
    handed = (rows.sales_ready_at <= _moment(warehouse, as_of)).fill_null(False)
    return int(rows.filter(handed).count().execute())


def _moment(warehouse: Warehouse, as_of: pd.Timestamp | None) -> ibis.Value:
    return ibis.literal(pd.Timestamp(as_of) if as_of is not None else _data_until(warehouse))


def _open_rows(warehouse: Warehouse, as_of: pd.Timestamp | None) -> ibis.Table:
    """Return the spells that had begun and not ended at a moment."""
    moment, rows = _moment(warehouse, as_of), spells(warehouse)
    # a lead without a date may have come at any time: at the data's end it is there
    begun = (rows.started_at <= moment).fill_null(as_of is None)
    return rows.filter(begun & (rows.ended_at > moment).fill_null(True))


def _spans(warehouse: Warehouse, agreement: Agreement) -> ibis.Table:
    """Spells with ``stop_at``: when looking at them ends, at the latest with the data."""
    rows = spells(warehouse).select(*SPELL, "started_at", "sales_ready_at", "ended_at")
    if warehouse.history_from is not None:
        rows = rows.filter(rows.started_at >= ibis.literal(warehouse.history_from))
    # One second past the data's end, so that a snapshot at the very end still counts.
    beyond = ibis.literal(_data_until(warehouse) + pd.Timedelta(seconds=1))
    ends = [rows.ended_at.fill_null(beyond), beyond.cast("timestamp")]
    if agreement.snapshots.until == "handover":
        ends.append(rows.sales_ready_at.fill_null(beyond))
    return rows.mutate(stop_at=ibis.least(*ends))


def _moments(rows: ibis.Table, at: str, at_handover: bool) -> ibis.Table:
    moment, flag = rows[at].cast("timestamp"), ibis.literal(at_handover)
    return rows.select(*SPELL, "started_at", as_of=moment, last_at_handover=flag)


def _handed_over(spans: ibis.Table, until: pd.Timestamp) -> ibis.ir.BooleanValue:
    in_spell = (spans.sales_ready_at >= spans.started_at) & (
        spans.ended_at >= spans.sales_ready_at
    ).fill_null(True)
    return (in_spell & (spans.sales_ready_at <= ibis.literal(until))).fill_null(False)


def _one_row_per_lead(warehouse: Warehouse) -> ibis.Table:
    return warehouse.table("leads").select(
        "lead_id",
        spell=ibis.literal(1, "int32"),
        started_at=ibis.null("timestamp"),
        as_of=ibis.null("timestamp"),
        **SEEN_ONCE,
    )


def _data_until(warehouse: Warehouse) -> pd.Timestamp:
    if warehouse.data_until is None:
        raise CannotAnswer(tr("the tables do not say when the data ends, so no lead can be judged"))
    return warehouse.data_until


def _seconds(days: float) -> int:
    return round(days * _DAY)
