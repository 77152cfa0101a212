"""A condition in words, for the names of a learned card's lines."""

from __future__ import annotations

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, FieldTest, Scalar

_MOST_NAMED = 4


def in_words(condition: Condition) -> str:
    """Return a condition in words.

    Examples
    --------
    >>> from smarketing.agreement.conditions import Not
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
    return opposite or f"not ({in_words(inner)})"


def _test_in_words(test: FieldTest) -> str:
    match test.op:
        case "at_least" | "at_most":
            return f"{test.op.replace('_', ' ')} {_text(test.values[0])}"
        case "between":
            return "between " + " and ".join(map(_text, test.values))
        case "missing":
            return "missing" if test.value else "known"
        case "like":
            return f"like {test.value}"
        case "not_in":
            return f"not {_listed(test)}"
        case _:
            return f"is {_listed(test)}"


def _opposite_in_words(test: FieldTest) -> str | None:
    match test.op:
        case "at_least":
            opposite = f"below {_text(test.values[0])} or missing"
        case "at_most":
            opposite = f"above {_text(test.values[0])} or missing"
        case "is" | "in":
            opposite = f"not {_listed(test)}, or missing"
        case "not_in":
            opposite = f"is {_listed(test)}, or missing"
        case "missing":
            opposite = "known" if test.value else "missing"
        case _:
            return None
    return f"{test.field} {opposite}"


def _listed(test: FieldTest) -> str:
    names = [_text(value) for value in test.values]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.12g}"
