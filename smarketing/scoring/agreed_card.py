"""The agreed scorecard as of any moment, in whole numbers: the same score on every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis

from smarketing.agreement.model import Agreement, Grades, Persona
from smarketing.agreement.scorecard import Axis, Scorecard
from smarketing.scoring.card_lines import CardLine, axes_of, fields_of, lines_of
from smarketing.scoring.condition_expressions import matches_text, to_ibis
from smarketing.scoring.events import KEYS, left_of, own_events, with_decay
from smarketing.scoring.features import features
from smarketing.warehouse.warehouse import Warehouse

ROUNDING, CAP = "(rounding)", "(cap)"
"""Rows of a breakdown beside the rules: to whole points, and what the clamp to 0 … cap took."""


def score_card(
    card: Scorecard,
    warehouse: Warehouse,
    moments: ibis.Table,
    agreement: Agreement,
    decay_by_formula: bool = False,
) -> ibis.Table:
    """Return every moment's score.

    An event of the lead aged *d* whole days gives floor(1000 · points · 2^(−d / half-life) + 0.5)
    thousandths, ``at_most`` keeps the newest; an axis is (sum + 500) // 1000, clamped to
    0 … cap; the score is the sum of the axes (docs/method/scores.md, "Whole-number points").

    Parameters
    ----------
    card : Scorecard
    warehouse : Warehouse
    moments : ibis.Table
        As :func:`smarketing.scoring.snapshots.snapshots` gives them.
    agreement : Agreement
        For personas, grades and time zone.
    decay_by_formula : bool
        Whether decay is computed by the engine, for SQL that is to stand by itself.

    Returns
    -------
    ibis.Table
        ``lead_id``, ``spell``, ``as_of``, ``persona`` (the first that matches, else null),
        ``fit``, ``engagement``, ``score`` (whole), ``grade`` ("A1" … "C3").

    Raises
    ------
    SmarketingError
        If a rule or persona asks for a field that is not known at the moment of scoring.

    Examples
    --------
    >>> moments = snapshots(warehouse, agreement)  # doctest: +SKIP
    >>> scores = score_card(agreement.scorecard, warehouse, moments, agreement)  # doctest: +SKIP
    """
    wide = rule_points(card, warehouse, moments, agreement, decay_by_formula)
    return scores_of(wide, card, agreement.grades)


def breakdown(
    card: Scorecard, warehouse: Warehouse, moments: ibis.Table, agreement: Agreement
) -> ibis.Table:
    """Return where each score comes from: one row per moment and rule that gave something.

    Returns
    -------
    ibis.Table
        ``lead_id``, ``spell``, ``as_of``, ``axis``, ``rule``, ``points_thousandths`` (after
        decay), ``n`` (events counted, 1 for a condition), ``age_days`` (whole days since the
        newest event counted; null for conditions), ``over`` (events not counted because of
        ``at_most``). The rows of an axis' rules sum to it
        before rounding and caps; the rows ``(rounding)`` and ``(cap)`` explain the rest, so all
        rows of a moment sum to 1000 times its score.

    Examples
    --------
    >>> moments = snapshots(warehouse, agreement)  # doctest: +SKIP
    >>> breakdown(agreement.scorecard, warehouse, moments, agreement).columns  # doctest: +SKIP
    ('lead_id', 'spell', 'as_of', 'axis', 'rule', 'points_thousandths', 'n', 'age_days', 'over')
    """
    wide = rule_points(card, warehouse, moments, agreement, details=True)
    lines = lines_of(card)
    # A row per part by its place, and not an array of structs: PostgreSQL has none.
    long = wide.mutate(place=ibis.range(len(lines) + 4).unnest())
    rows = []
    for line in lines:
        counts = (long[name] for name in (line.points, line.count, *line.details))
        rows.append((line.axis, line.rule.name, *counts))
    none = (ibis.literal(0), ibis.null("int64"), ibis.literal(0))
    for name, axis in axes_of(card).items():
        total = _total(long, card, name)
        whole = _whole(total)
        clamped = _clamped(whole, axis)
        rows.append((name, ROUNDING, whole * 1000 - total, *none))
        rows.append((name, CAP, (clamped - whole) * 1000, *none))
    parts = {}
    names = ("axis", "rule", "points_thousandths", "n", "age_days", "over")
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        kind = "string" if name in ("axis", "rule") else "int64"
        typed = [ibis.literal(v) if kind == "string" else v.cast(kind) for v in values]
        parts[name] = ibis.cases(*((long.place == i, value) for i, value in enumerate(typed)))
    long = long.select(*KEYS, **parts)
    return long.filter((long.points_thousandths != 0) | (long.n > 0))


def wide_table(
    card: Scorecard,
    base: ibis.Table,
    events: ibis.Table | None,
    personas: Mapping[str, Persona],
    decay_by_formula: bool = False,
    details: bool = False,
) -> ibis.Table:
    """Return each moment with every rule's thousandths and count side by side.

    Parameters
    ----------
    card : Scorecard
    base : ibis.Table
        Moments with the fields the card asks for.
    events : ibis.Table or None
        The canonical events; None where there are none.
    personas : mapping of str to Persona
    decay_by_formula : bool
    details : bool
        Whether the age of the newest event and the events over ``at_most`` stand beside them.
    """
    persona = ibis.null("string")
    if personas:
        persona = ibis.cases(
            *((to_ibis(p.when, base), ibis.literal(name)) for name, p in personas.items())
        ).cast("string")
    base = base.mutate(persona=persona)
    lines = lines_of(card)
    on_events = [line for line in lines if line.rule.event is not None and events is not None]
    joined = base
    if events is not None and on_events:
        kinds = sorted({str(line.rule.event) for line in on_events})
        done = _done(on_events, own_events(events, base, kinds), decay_by_formula, details)
        done = done.rename({f"done: {key}": key for key in KEYS})
        joined = base.left_join(done, [base[key] == done[f"done: {key}"] for key in KEYS])
    columns = {}
    for line in lines:
        rule, counts = line.rule, ibis.literal(True)
        if rule.persona is not None:
            counts = (joined.persona == rule.persona).fill_null(False)
        nothing: dict[str, int | None] = {line.points: 0, line.count: 0}
        if details:
            age, over = line.details
            nothing |= {age: None, over: 0}
        for name, none in nothing.items():
            value = ibis.literal(none)
            if line in on_events:
                given = joined[name] if none is None else joined[name].fill_null(none)
                value = ibis.ifelse(counts, given, none)
            columns[name] = value.cast("int64")
        if rule.when is not None:
            met = to_ibis(rule.when, joined) & counts
            columns[line.points] = ibis.ifelse(met, 1000 * rule.points, 0).cast("int64")
            columns[line.count] = ibis.ifelse(met, 1, 0).cast("int64")
    return joined.select(*KEYS, "persona", **columns)


def scores_of(wide: ibis.Table, card: Scorecard, grades: Grades) -> ibis.Table:
    """Return fit, engagement, score and grade from the rules side by side."""
    axes = {
        name: _clamped(_whole(_total(wide, card, name)), axis).cast("int64")
        for name, axis in axes_of(card).items()
    }
    scored = wide.select(*KEYS, "persona", **axes)
    return scored.mutate(
        score=scored.fit + scored.engagement,
        grade=_step(scored.fit, list(grades.fit.items()), "C")
        + _step(scored.engagement, list(grades.engagement.items()), "3"),
    )


def rule_points(
    card: Scorecard,
    warehouse: Warehouse,
    moments: ibis.Table,
    agreement: Agreement,
    decay_by_formula: bool = False,
    details: bool = False,
) -> ibis.Table:
    """Return :func:`wide_table` of a warehouse's leads at the moments."""
    needed = fields_of(card, agreement.personas)
    base = features(warehouse, moments, agreement, needed, decay_by_formula)
    with_events = warehouse.has_time and warehouse.has("events")
    events = warehouse.table("events") if with_events else None
    return wide_table(card, base, events, agreement.personas, decay_by_formula, details)


def _done(
    lines: list[CardLine], aged: ibis.Table, decay_by_formula: bool, details: bool
) -> ibis.Table:
    """Sum each event rule per moment: one pass, one shared window for all ``at_most``."""
    for half in sorted({line.half_life_days for line in lines if line.half_life_days is not None}):
        points = sorted({x.rule.points for x in lines if x.half_life_days == half})
        aged = with_decay(aged, points, half, decay_by_formula)
    hits = {}
    for line in lines:
        hit = aged.kind == line.rule.event
        if line.rule.subject is not None:
            hit &= matches_text(line.rule.subject, aged.subject).fill_null(False)
        hits[f"hit: {line.points}"] = hit
    marked = aged.mutate(**hits)
    limited = [line for line in lines if line.rule.at_most is not None]
    if limited:
        # Ties do not matter: events of the same moment are worth the same.
        newest_first = ibis.window(
            group_by=list(KEYS), order_by=ibis.desc("occurred_at"), preceding=None, following=0
        )
        hits = {line.points: marked[f"hit: {line.points}"].ifelse(1, 0) for line in limited}
        places = {f"place: {name}": hit.sum().over(newest_first) for name, hit in hits.items()}
        marked = marked.mutate(**places)
    sums = {}
    for line in lines:
        hit = counted = marked[f"hit: {line.points}"]
        if line.rule.at_most is not None:
            counted = hit & (marked[f"place: {line.points}"] <= line.rule.at_most)
        if line.half_life_days is None:
            sums[line.points] = marked.count(where=counted) * (1000 * line.rule.points)
        else:
            left = marked[left_of(line.rule.points, line.half_life_days)]
            sums[line.points] = left.sum(where=counted)
        sums[line.count] = marked.count(where=counted)
        if details:
            age, over = line.details
            sums[age] = marked.age.min(where=counted)
            sums[over] = marked.count(where=hit) - marked.count(where=counted)
    return marked.group_by(*KEYS).agg(**sums)


def _total(wide: ibis.Table, card: Scorecard, axis: str) -> ibis.ir.IntegerValue:
    own = (wide[line.points] for line in lines_of(card) if line.axis == axis)
    return sum(own, ibis.literal(0, "int64"))


def _whole(total: ibis.ir.IntegerValue) -> ibis.ir.IntegerValue:
    # PostgreSQL cuts whole quotients towards zero, so a negative one is cut as a positive one.
    shifted = total + 500
    return ibis.ifelse(shifted < 0, -((999 - shifted) // 1000), shifted // 1000)


def _clamped(whole: ibis.ir.IntegerValue, axis: Axis) -> ibis.ir.IntegerValue:
    floored = ibis.greatest(whole, 0)
    return floored if axis.cap is None else ibis.least(floored, axis.cap)


def _step(
    value: ibis.ir.IntegerValue, bounds: Sequence[tuple[str | int, int]], last: str
) -> ibis.ir.StringValue:
    """Name the first bound reached, from the best; the last name is for what reaches none."""
    steps = sorted((str(name), bound) for name, bound in bounds)
    return ibis.cases(*((value >= bound, name) for name, bound in steps), else_=last)
