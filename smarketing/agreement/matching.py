"""Whom a condition matches: the reference in plain Python that every engine is held to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, Not, Scalar


def matches_pattern(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern with ``*`` at its start, its end or both.

    Capital and small letters count as the same; everything but ``*`` means itself.

    Examples
    --------
    >>> matches_pattern("/pricing*", "/Pricing/enterprise")
    True
    """
    core, text = pattern.removeprefix("*").removesuffix("*").casefold(), text.casefold()
    at_start, at_end = not pattern.startswith("*"), not pattern.endswith("*")
    if at_start and at_end:
        return text == core
    if at_start:
        return text.startswith(core)
    return text.endswith(core) if at_end else core in text


def matches(condition: Condition, lead: Mapping[str, Any]) -> bool:
    """Tell whether a lead meets a condition: the reference that every engine is held to.

    A missing value (absent, None, NaN or NaT) makes a test false before any ``not``; only
    ``missing`` asks for it. ``is`` and ``in`` compare exactly, capitals included; ``like`` takes
    texts only and does not mind capitals. A text never equals a number. A day (a date, or the
    date of a time, which is taken as local) is compared with days.

    Examples
    --------
    >>> from smarketing.agreement.conditions import parse_condition
    >>> condition = parse_condition({"not": {"field": "employees", "at_least": 50}})
    >>> matches(condition, {"employees": 10}), matches(condition, {"employees": None})
    (True, True)
    >>> matches(parse_condition({"field": "job_role", "not_in": ["student"]}), {"job_role": None})
    False
    """
    if isinstance(condition, AllOf):
        return all(matches(part, lead) for part in condition.conditions)
    if isinstance(condition, AnyOf):
        return any(matches(part, lead) for part in condition.conditions)
    if isinstance(condition, Not):
        return not matches(condition.condition, lead)
    cell: Any = lead.get(condition.field)
    missing = cell is None or cell != cell  # NaN and NaT differ from themselves
    if condition.op == "missing" or missing:
        return condition.op == "missing" and missing is condition.value
    if is_a_day := isinstance(cell, date):
        cell = cell.isoformat()[:10]
    values = condition.values
    match condition.op:
        case "is" | "in":
            return any(_same(cell, value) for value in values)
        case "not_in":
            return not any(_same(cell, value) for value in values)
        case "like":
            return isinstance(cell, str) and not is_a_day and matches_pattern(str(values[0]), cell)
    if is_a_day != isinstance(values[0], str) or is_a_day != isinstance(cell, str):
        return False  # days are held against days, numbers against numbers, texts against neither
    least, most = condition.op != "at_most", condition.op != "at_least"
    return bool((not least or values[0] <= cell) and (not most or cell <= values[-1]))


def _same(cell: Any, value: Scalar) -> bool:
    return isinstance(cell, str) == isinstance(value, str) and bool(cell == value)
