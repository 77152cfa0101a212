"""A condition in words, for the names of a learned card's lines."""

from __future__ import annotations

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, FieldTest

_MOST_NAMED = 4


def in_words(condition: Condition) -> str:
    """Return a condition in words.

    Examples
    --------
    >>> from smarketing.agreement import Not
    >>> few = Not(FieldTest("employees", "at_least", 50))  # a missing value fails every test
    >>> in_words(AllOf((few, FieldTest("source", "in", ("web", "fair")))))
    'employees below 50 or missing, and source is web or fair'
    """
    if isinstance(condition, (AllOf, AnyOf)):
        join = ", and " if isinstance(condition, AllOf) else ", or "
        return join.join(
            f"({in_words(part)})" if isinstance(part, (AllOf, AnyOf)) else in_words(part)
            for part in condition.conditions
        )
    if isinstance(condition, FieldTest):
        return f"{condition.field} {_test_in_words(condition)}"
    inner = condition.condition
    opposite = _opposite_in_words(inner) if isinstance(inner, FieldTest) else None
    return f"not ({in_words(inner)})" if opposite is None else f"{inner.field} {opposite}"


def _test_in_words(test: FieldTest) -> str:
    value = test.value
    match test.op:
        case "at_least" | "at_most":
            return f"{test.op.replace('_', ' ')} {_said(value)}"
        case "between":
            return f"between {_said(value[0])} and {_said(value[1])}"
        case "missing":
            return "missing" if value else "known"
        case "like":
            return f"like {value}"
        case "not_in":
            return f"not {_listed(value)}"
        case _:
            return f"is {_listed(value)}"


def _opposite_in_words(test: FieldTest) -> str | None:
    match test.op:
        case "at_least":
            return f"below {_said(test.value)} or missing"
        case "at_most":
            return f"above {_said(test.value)} or missing"
        case "is" | "in":
            return f"not {_listed(test.value)}, or missing"
        case "not_in":
            return f"is {_listed(test.value)}, or missing"
        case "missing":
            return "known" if test.value else "missing"
        case _:
            return None


def _listed(value: object) -> str:
    names = [_said(item) for item in (value if isinstance(value, tuple) else (value,))]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.12g}"
