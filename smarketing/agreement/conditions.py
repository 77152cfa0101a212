"""Conditions are data, never code: what a rule, a persona or a population asks of a lead."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from smarketing.agreement.faults import Fault, Faults
from smarketing.errors import Problem, SmarketingError

OPERATORS = ("is", "in", "not_in", "at_least", "at_most", "between", "like", "missing")
JOINS = ("all", "any", "not")

Scalar = str | int | float | bool


@dataclass(frozen=True)
class FieldTest:
    """One test of one field of a lead.

    Parameters
    ----------
    field : str
        An attribute, or a feature such as ``days_since_last_event``.
    op : str
        One of :data:`OPERATORS`.
    value : str, int, float, bool or tuple of them
        What the field is held against: a tuple for ``in`` and ``not_in``, (low, high) with both
        ends included for ``between``, a pattern for ``like``, True or False for ``missing``.
    list_name : str, optional
        The list a value was written as, ``$free_mail`` say; `value` holds its members.
    """

    field: str
    op: str
    value: Scalar | tuple[Scalar, ...]
    list_name: str | None = None

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return {self.field}

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        value: Any = f"${self.list_name}" if self.list_name else self.value
        return {"field": self.field, self.op: list(value) if isinstance(value, tuple) else value}


@dataclass(frozen=True)
class AllOf:
    """True if every condition is."""

    conditions: tuple[Condition, ...]

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return set().union(*(c.fields() for c in self.conditions))

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        return {"all": [c.to_dict() for c in self.conditions]}


@dataclass(frozen=True)
class AnyOf:
    """True if at least one condition is."""

    conditions: tuple[Condition, ...]

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return set().union(*(c.fields() for c in self.conditions))

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        return {"any": [c.to_dict() for c in self.conditions]}


@dataclass(frozen=True)
class Not:
    """True if the condition is false; a missing value made that one false already."""

    condition: Condition

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return self.condition.fields()

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        return {"not": self.condition.to_dict()}


Condition = FieldTest | AllOf | AnyOf | Not


@cache
def free_mail() -> tuple[str, ...]:
    """Return the domains that anybody can have an address at, what ``$free_mail`` stands for.

    Examples
    --------
    >>> "gmail.com" in free_mail()
    True
    """
    return tuple(files("smarketing.agreement").joinpath("free_mail.txt").read_text().split())


def parse_condition(
    raw: Mapping[str, Any], lists: Mapping[str, Iterable[str]] | None = None
) -> Condition:
    """Turn the written form of a condition into a typed one.

    Parameters
    ----------
    raw : mapping
        ``{"field": NAME, OPERATOR: VALUE}``, or ``{"all": […]}``, ``{"any": […]}``,
        ``{"not": …}`` around others.
    lists : mapping, optional
        Lists that ``$NAME`` may stand for, beside the built-in ``$free_mail``.

    Raises
    ------
    SmarketingError
        With every mistake, said by its place in the condition.

    Examples
    --------
    >>> parse_condition({"field": "employees", "between": [50, 500]})
    FieldTest(field='employees', op='between', value=(50, 500), list_name=None)
    """
    try:
        return read_condition(raw, lists)
    except Faults as error:
        raise SmarketingError(
            Problem(
                f"{'.'.join(map(str, fault.loc))}: {fault.what}" if fault.loc else fault.what,
                found=fault.found,
                allowed=fault.allowed,
            )
            for fault in error.faults
        ) from None


def read_condition(raw: Any, lists: Mapping[str, Iterable[str]] | None = None) -> Condition:
    """Do as :func:`parse_condition`, but raise :class:`Faults` with places instead of problems."""
    faults: list[Fault] = []
    known = {"free_mail": free_mail(), **{k: tuple(v) for k, v in (lists or {}).items()}}
    condition = _read(raw, (), known, faults)
    if faults:
        raise Faults(faults)
    assert condition is not None  # noqa: S101 - no fault, so there is one
    return condition


def _read(
    raw: Any, loc: tuple[int | str, ...], lists: Mapping[str, tuple[str, ...]], faults: list[Fault]
) -> Condition | None:
    if not isinstance(raw, Mapping) or not raw:
        faults.append(Fault(loc, "a condition is written as keys and values", repr(raw), _FORMS))
        return None
    keys = [str(key) for key in raw]
    unknown = [key for key in keys if key not in ("field", *OPERATORS, *JOINS)]
    if unknown:
        for key in unknown:
            near = difflib.get_close_matches(key, ["field", *OPERATORS, *JOINS], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(
                Fault(
                    (*loc, key),
                    f"{key} is not a test{hint}",
                    allowed=f"{', '.join(OPERATORS)}; {', '.join(JOINS)}",
                )
            )
        return None
    joins = [key for key in keys if key in JOINS]
    if joins:
        if len(keys) > 1:
            faults.append(
                Fault(
                    (*loc, joins[0]),
                    f"{joins[0]} stands alone in its condition",
                    ", ".join(keys),
                    "put the other test inside it",
                )
            )
            return None
        return _read_join(joins[0], raw[joins[0]], loc, lists, faults)
    return _read_test(raw, keys, loc, lists, faults)


_FORMS = "{field: NAME, TEST: VALUE}, {all: […]}, {any: […]}, {not: …}"


def _read_join(
    join: str,
    raw: Any,
    loc: tuple[int | str, ...],
    lists: Mapping[str, tuple[str, ...]],
    faults: list[Fault],
) -> Condition | None:
    if join == "not":
        inner = _read(raw, (*loc, "not"), lists, faults)
        return None if inner is None else Not(inner)
    if not isinstance(raw, (list, tuple)) or not raw:
        faults.append(
            Fault((*loc, join), f"{join} takes a list of conditions", repr(raw), f"{join}: [{{…}}]")
        )
        return None
    parts = [_read(item, (*loc, join, n), lists, faults) for n, item in enumerate(raw)]
    whole = tuple(part for part in parts if part is not None)
    if len(whole) < len(parts):
        return None
    return AllOf(whole) if join == "all" else AnyOf(whole)


def _read_test(
    raw: Mapping[str, Any],
    keys: list[str],
    loc: tuple[int | str, ...],
    lists: Mapping[str, tuple[str, ...]],
    faults: list[Fault],
) -> Condition | None:
    field, before = raw.get("field"), len(faults)
    ops = [key for key in keys if key in OPERATORS]
    if "field" not in raw:
        faults.append(Fault(loc, "the condition names no field", ", ".join(keys), _FORMS))
    elif not isinstance(field, str) or not field:
        faults.append(Fault((*loc, "field"), "a field's name is needed", repr(field), "a text"))
    if len(ops) != 1:
        faults.append(
            Fault(
                (*loc, ops[1]) if ops else loc,
                "a condition makes one test of its field; join several with all or any"
                if ops
                else "the condition makes no test of its field",
                ", ".join(ops) or ", ".join(keys) or "nothing",
                ", ".join(OPERATORS),
            )
        )
        return None
    op, value = ops[0], raw[ops[0]]
    list_name = None
    if op in ("in", "not_in") and isinstance(value, str) and value.startswith("$"):
        list_name = value[1:]
        if list_name not in lists:
            near = difflib.get_close_matches(list_name, lists, 1)
            hint = f"; did you mean ${near[0]}?" if near else ""
            known = ", ".join(f"${name}" for name in sorted(lists))
            faults.append(Fault((*loc, op), f"the list is not known{hint}", repr(value), known))
            return None
        value = lists[list_name]
    fault = _value_fault(op, value)
    if fault:
        what, allowed = fault
        faults.append(Fault((*loc, op), what, repr(value), allowed))
    if len(faults) > before:
        return None
    return FieldTest(str(field), op, tuple(value) if isinstance(value, list) else value, list_name)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number; a boolean is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, bool)) or is_number(value)


def _value_fault(op: str, value: Any) -> tuple[str, str] | None:
    """Return what is wrong with an operator's value and what may stand there."""
    if op == "is" and not _is_scalar(value):
        return "is takes one value", "a text, a number, true or false; dates in quotes"
    if op in ("in", "not_in"):
        if not isinstance(value, (list, tuple)) or not value:
            return f"{op} takes a list of values", "[a, b, …] or $NAME of a list"
        if not all(_is_scalar(item) for item in value):
            return f"{op} takes texts, numbers, true or false", "[a, b, …]; dates in quotes"
    if op in ("at_least", "at_most") and not is_number(value):
        return f"{op} takes a number", "a number"
    if op == "between":
        if (
            not isinstance(value, (list, tuple))
            or len(value) != 2
            or not all(is_number(item) for item in value)
        ):
            return "between takes two numbers", "[low, high]"
        if value[0] > value[1]:
            return "between has its bounds the wrong way round", f"[{value[1]}, {value[0]}]"
    if op == "like":
        return pattern_fault(value)
    if op == "missing" and not isinstance(value, bool):
        return "missing takes true or false", "true, false"
    return None


def pattern_fault(value: Any) -> tuple[str, str] | None:
    """Return what is wrong with a pattern and what may stand there; None if it is right."""
    if not isinstance(value, str) or not value.strip("*"):
        return "a pattern is a text", "text, text*, *text, *text*"
    if "*" in value.removeprefix("*").removesuffix("*"):
        return "a pattern has * only at its start and its end", "text, text*, *text, *text*"
    return None
