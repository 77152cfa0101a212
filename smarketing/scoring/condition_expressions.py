"""Conditions of the agreement as ibis expressions, the same on every engine."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Sequence

import ibis

from smarketing.agreement.conditions import (
    AllOf,
    AnyOf,
    Condition,
    FieldTest,
    Not,
    Scalar,
    is_day,
)
from smarketing.errors import SmarketingError
from smarketing.faults import hint


def to_ibis(condition: Condition, table: ibis.Table) -> ibis.ir.BooleanValue:
    """Return whether each row meets the condition; never null.

    Follows :func:`smarketing.agreement.matching.matches`: a missing value makes a test false
    before any ``not``, a text never equals a number, ``like`` does not mind capitals.

    Parameters
    ----------
    condition : Condition
    table : ibis.Table
        Has a column for every field the condition asks for.

    Raises
    ------
    SmarketingError
        If the table has no such column, or a text is compared by size.

    Examples
    --------
    >>> from smarketing.agreement.conditions import parse_condition
    >>> leads = ibis.memtable({"employees": [10, 80, None]})
    >>> condition = parse_condition({"field": "employees", "at_least": 50})
    >>> leads.select(big=to_ibis(condition, leads)).big.execute().tolist()
    [False, True, False]
    """
    if isinstance(condition, AllOf):
        return functools.reduce(operator.and_, (to_ibis(c, table) for c in condition.conditions))
    if isinstance(condition, AnyOf):
        return functools.reduce(operator.or_, (to_ibis(c, table) for c in condition.conditions))
    if isinstance(condition, Not):
        return ~to_ibis(condition.condition, table)
    return _test(condition, table)


def matches_text(pattern: str, text: ibis.ir.StringValue) -> ibis.ir.BooleanValue:
    """Return whether a text fits a pattern with ``*`` at its start, its end or both; null if null.

    Examples
    --------
    >>> pages = ibis.memtable({"page": ["/Pricing/team", "/blog"]})
    >>> pages.select(hit=matches_text("/pricing*", pages.page)).hit.execute().tolist()
    [True, False]
    """
    core = ibis.literal(pattern.removeprefix("*").removesuffix("*").lower())
    text = text.lower()
    open_start, open_end = pattern.startswith("*"), pattern.endswith("*")
    if open_start and open_end:
        return text.contains(core)
    if open_end:
        return text.startswith(core)
    return text.endswith(core) if open_start else text == core


def _test(test: FieldTest, table: ibis.Table) -> ibis.ir.BooleanValue:
    column = _column(test, table)
    if test.op == "missing":
        missing = column.isnull()
        if isinstance(column, ibis.ir.FloatingValue):
            missing |= column.isnan().fill_null(False)
        return missing if test.value else ~missing
    return _meets(test, column).fill_null(False)


def _meets(test: FieldTest, column: ibis.ir.Value) -> ibis.ir.BooleanValue:
    if isinstance(column, (ibis.ir.TimestampValue, ibis.ir.DateValue)):
        return _meets_day(test, column)
    is_text = isinstance(column, ibis.ir.StringValue)
    if test.op == "like":
        return matches_text(str(test.value), column) if is_text else ibis.literal(False)
    if test.op in ("is", "in", "not_in"):
        column = _as_number(column)
        same_kind = [_plain(value) for value in test.values if isinstance(value, str) == is_text]
        # A comparison with the column itself keeps null as null, also where nothing can be equal.
        is_one = column.isin(same_kind) if same_kind else ibis.literal(False)
        return _is_known(column) & (~is_one if test.op == "not_in" else is_one)
    if is_text or any(isinstance(value, str) for value in test.values):
        raise SmarketingError(
            f"a rule compares {test.field} by size, but it is no number",
            "agreement.yml",
            found=f"{test.op}: {test.value}",
            allowed="is, in, not_in, like, missing",
            todo=f"Declare {test.field} with type: number in sources.yml, or use another test.",
        )
    column = _as_number(column)
    return _is_known(column) & _within(test, column, test.values)


def _meets_day(
    test: FieldTest, column: ibis.ir.TimestampValue | ibis.ir.DateValue
) -> ibis.ir.BooleanValue:
    """Hold days against days; a time counts as the day it is of."""
    if test.op == "like":
        return ibis.literal(False)
    wrong = [value for value in test.values if not is_day(value)]
    if wrong:
        raise SmarketingError(
            f"a rule compares {test.field} with what is no day",
            "agreement.yml",
            found=f"{test.op}: {wrong[0]}",
            allowed="days such as 2026-10-01",
        )
    days = [ibis.date(str(value)) for value in test.values]
    day = column.date() if isinstance(column, ibis.ir.TimestampValue) else column
    if test.op in ("is", "in", "not_in"):
        is_one = day.isin(days)
        return day.notnull() & (~is_one if test.op == "not_in" else is_one)
    return day.notnull() & _within(test, day, days)


def _within(
    test: FieldTest, column: ibis.ir.Value, bounds: Sequence[Scalar | ibis.ir.DateValue]
) -> ibis.ir.BooleanValue:
    if test.op == "at_least":
        return column >= bounds[0]
    if test.op == "at_most":
        return column <= bounds[0]
    return (column >= bounds[0]) & (column <= bounds[1])


def _is_known(column: ibis.ir.Value) -> ibis.ir.BooleanValue:
    if isinstance(column, ibis.ir.FloatingValue):
        return column.notnull() & ~column.isnan().fill_null(False)
    return column.notnull()


def _as_number(column: ibis.ir.Value) -> ibis.ir.Value:
    return column.cast("int32") if isinstance(column, ibis.ir.BooleanValue) else column


def _plain(value: Scalar) -> Scalar:
    return int(value) if isinstance(value, bool) else value


# columns of the snapshot and of the arithmetic, which say nothing of the lead
_OURS = re.compile(
    r"lead_id|spell|as_of|started_at|number|weight|last_at_handover|done: .*|(n|points)_\d+"
)


def _column(test: FieldTest, table: ibis.Table) -> ibis.ir.Value:
    if test.field in table.columns:
        return table[test.field]
    fields = sorted(name for name in table.columns if not _OURS.fullmatch(name))
    raise SmarketingError(
        f"a condition asks for {test.field}, which is not known of a lead"
        + hint(test.field, fields),
        "agreement.yml",
        allowed=", ".join(fields),
        todo="Only what sources.yml declares as known at_creation, at a time or by history "
        "may be used.",
    )
