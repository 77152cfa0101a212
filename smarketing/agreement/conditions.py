"""Conditions are data, never code: what a rule, a persona or a population asks of a lead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

from smarketing.errors import Problem, SmarketingError
from smarketing.faults import Fault, Faults, Loc, hint

OPERATORS = ("is", "in", "not_in", "at_least", "at_most", "between", "like", "missing")
JOINS = ("all", "any", "not")

Scalar = str | int | float | bool

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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
        ends included for ``between``, a pattern for ``like``, True or False for ``missing``. A
        day is a text such as "2026-10-01".
    list_name : str, optional
        The list a value was written as, ``$free_mail`` say; `value` holds its members.
    """

    field: str
    op: str
    value: Scalar | tuple[Scalar, ...]
    list_name: str | None = None

    @property
    def values(self) -> tuple[Scalar, ...]:
        """The value, or each of them."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return {self.field}

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        value: Any = f"${self.list_name}" if self.list_name else self.value
        return {"field": self.field, self.op: list(value) if isinstance(value, tuple) else value}


class _Joined:
    """Several conditions under one word."""

    word: ClassVar[str]
    conditions: tuple[Condition, ...]

    def fields(self) -> set[str]:
        """Return the names of the fields asked for."""
        return set().union(*(c.fields() for c in self.conditions))

    def to_dict(self) -> dict[str, Any]:
        """Return the condition as it is written in the file."""
        return {self.word: [c.to_dict() for c in self.conditions]}


@dataclass(frozen=True)
class AllOf(_Joined):
    """True if every condition is."""

    word: ClassVar[str] = "all"
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf(_Joined):
    """True if at least one condition is."""

    word: ClassVar[str] = "any"
    conditions: tuple[Condition, ...]


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
            Problem(fault.sentence, found=fault.found, allowed=fault.allowed)
            for fault in error.faults
        ) from None


def read_condition(raw: Any, lists: Mapping[str, Iterable[str]] | None = None) -> Condition:
    """Do as :func:`parse_condition`, but raise :class:`Faults` with places instead of problems."""
    known = {"free_mail": free_mail(), **{k: tuple(v) for k, v in (lists or {}).items()}}
    reader = _Reader(known)
    condition = reader.read(raw, ())
    if condition is None or reader.faults:
        raise Faults(reader.faults)
    return condition


_FORMS = "{field: NAME, TEST: VALUE}, {all: […]}, {any: […]}, {not: …}"


class _Reader:
    """Reads written conditions and collects what is wrong with them, each with its place."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self.lists = lists
        self.faults: list[Fault] = []

    def read(self, raw: Any, loc: Loc) -> Condition | None:
        """Return the condition; None where it, or a part of it, has a mistake."""
        if not isinstance(raw, Mapping) or not raw:
            self._wrong(loc, "a condition is written as keys and values", repr(raw), _FORMS)
            return None
        keys = [str(key) for key in raw]
        known = ("field", *OPERATORS, *JOINS)
        unknown = [key for key in keys if key not in known]
        allowed = f"{', '.join(OPERATORS)}; {', '.join(JOINS)}"
        for key in unknown:
            self._wrong((*loc, key), f"{key} is not a test{hint(key, known)}", None, allowed)
        if unknown:
            return None
        join = next((key for key in keys if key in JOINS), None)
        if join is None:
            return self._test(raw, keys, loc)
        if len(keys) > 1:
            what, todo = f"{join} stands alone in its condition", "put the other test inside it"
            self._wrong((*loc, join), what, ", ".join(keys), todo)
            return None
        return self._join(join, raw[join], loc)

    def _wrong(
        self, loc: Loc, what: str, found: str | None = None, allowed: str | None = None
    ) -> None:
        self.faults.append(Fault(loc, what, found, allowed))

    def _join(self, join: str, raw: Any, loc: Loc) -> Condition | None:
        if join == "not":
            inner = self.read(raw, (*loc, "not"))
            return None if inner is None else Not(inner)
        if not isinstance(raw, (list, tuple)) or not raw:
            what = f"{join} takes a list of conditions"
            self._wrong((*loc, join), what, repr(raw), f"{join}: [{{…}}]")
            return None
        parts = [self.read(item, (*loc, join, n)) for n, item in enumerate(raw)]
        whole = tuple(part for part in parts if part is not None)
        if len(whole) < len(parts):
            return None
        return AllOf(whole) if join == "all" else AnyOf(whole)

    def _test(self, raw: Mapping[str, Any], keys: list[str], loc: Loc) -> Condition | None:
        field, before = raw.get("field"), len(self.faults)
        ops = [key for key in keys if key in OPERATORS]
        if "field" not in raw:
            self._wrong(loc, "the condition names no field", ", ".join(keys), _FORMS)
        elif not isinstance(field, str) or not field:
            self._wrong((*loc, "field"), "a field's name is needed", repr(field), "a text")
        if len(ops) != 1:
            what, at = "the condition makes no test of its field", loc
            if ops:
                what = "a condition makes one test of its field; join several with all or any"
                at = (*loc, ops[1])
            self._wrong(at, what, ", ".join(ops or keys), ", ".join(OPERATORS))
            return None
        op, value, list_name = ops[0], _with_days(raw[ops[0]]), None
        if op in ("in", "not_in") and isinstance(value, str) and value.startswith("$"):
            list_name = value[1:]
            if list_name not in self.lists:
                names = [f"${name}" for name in sorted(self.lists)]
                what = f"the list is not known{hint(value, names)}"
                self._wrong((*loc, op), what, repr(value), ", ".join(names))
                return None
            value = self.lists[list_name]
        if fault := _value_fault(op, value):
            what, allowed = fault
            self._wrong((*loc, op), what, repr(value), allowed)
        if len(self.faults) > before:
            return None
        value = tuple(value) if isinstance(value, list) else value
        return FieldTest(str(field), op, value, list_name)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number; a boolean is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_day(value: Any) -> bool:
    """Tell whether a value is a day as ISO 8601 writes it.

    Examples
    --------
    >>> is_day("2026-10-01"), is_day("2026-02-30"), is_day("2026-10-01 12:00")
    (True, False, False)
    """
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _with_days(value: Any) -> Any:
    """Write the days that YAML reads without quotes as the texts they stand for."""
    if isinstance(value, list):
        return [_with_days(item) for item in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, bool)) or is_number(value)


def _value_fault(op: str, value: Any) -> tuple[str, str] | None:
    """Return what is wrong with an operator's value and what may stand there."""
    if op == "is" and not _is_scalar(value):
        return "is takes one value", "a text, a number, a day, true or false"
    if op in ("in", "not_in"):
        if not isinstance(value, (list, tuple)) or not value:
            return f"{op} takes a list of values", "[a, b, …] or $NAME of a list"
        if not all(_is_scalar(item) for item in value):
            return f"{op} takes texts, numbers, days, true or false", "[a, b, …]"
    if op in ("at_least", "at_most") and not (is_number(value) or is_day(value)):
        return f"{op} takes a number or a day", "a number, or a day such as 2026-10-01"
    if op == "between":
        if (
            not isinstance(value, (list, tuple))
            or len(value) != 2
            or not (all(map(is_number, value)) or all(map(is_day, value)))
        ):
            return "between takes two numbers or two days", "[low, high]"
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
