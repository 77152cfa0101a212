"""Whom a condition matches: the reference in plain Python that every engine is held to."""

from __future__ import annotations

from collections.abc import Mapping
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
    texts only and does not mind capitals. A text never equals a number.

    Examples
    --------
    >>> from smarketing.agreement import parse_condition
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
    found, value = lead.get(condition.field), condition.value
    missing = found is None or found != found  # NaN and NaT differ from themselves
    if condition.op == "missing" or missing:
        return condition.op == "missing" and missing is value
    match condition.op:
        case "is":
            return _same(found, value)
        case "in":
            return any(_same(found, item) for item in value)
        case "not_in":
            return not any(_same(found, item) for item in value)
        case "at_least":
            return found >= value
        case "at_most":
            return found <= value
        case "between":
            return value[0] <= found <= value[1]
        case _:
            return isinstance(found, str) and matches_pattern(value, found)


def _same(found: Any, value: Scalar) -> bool:
    return isinstance(found, str) == isinstance(value, str) and bool(found == value)
