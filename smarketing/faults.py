"""Mistakes by their place in a file that a person wrote, pydantic's among them, in our words."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

Loc = tuple[int | str, ...]
"""Keys and list positions that lead to a part of a file."""

MOST_LETTERS = 60
"""What stands in a file is repeated up to this length."""


@dataclass(frozen=True)
class Fault:
    """One mistake: where (keys and list positions), what, what was found and is allowed."""

    loc: Loc
    what: str
    found: str | None = None
    allowed: str | None = None

    @property
    def sentence(self) -> str:
        """The mistake behind its place, as dotted names."""
        return ": ".join(filter(None, (".".join(map(str, self.loc)), self.what)))


class Faults(ValueError):  # noqa: N818 - several of them
    """All mistakes of one part; a ValueError, so that pydantic collects it with its own."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.what for fault in self.faults))


def nearest(name: object, known: Iterable[object]) -> str | None:
    """Return the known name that is closest, case ignored; None if none is close.

    Examples
    --------
    >>> nearest("Create date", ["Create Date", "Email"])
    'Create Date'
    """
    by_lower = {str(one).lower(): str(one) for one in known}
    close = difflib.get_close_matches(str(name).lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def near(name: str, names: Iterable[str]) -> str | None:
    """Return a hint at the closest of the names, case ignored; None if none is close.

    Examples
    --------
    >>> near("Create date", ["Create Date", "Email"])
    'Did you mean "Create Date"?'
    """
    closest = nearest(name, names)
    return None if closest is None else f'Did you mean "{closest}"?'


def hint(name: object, known: Iterable[object]) -> str:
    """Return "; did you mean …?" with the nearest known name, empty if none is near.

    Examples
    --------
    >>> hint("curency", ["currency", "timezone"])  # codespell:ignore
    '; did you mean currency?'
    """
    near = nearest(name, known)
    return "" if near is None or near == str(name) else f"; did you mean {near}?"


_KINDS = {
    "int": ("a whole number is needed", "a whole number"),
    "float": ("a number is needed", "a number"),
    "finite": ("a number is needed", "a number"),
    "string": ("a text is needed", "a text; in quotes if it looks like a number or a date"),
    "bool": ("true or false is needed", "true, false"),
    "date": ("a date is needed", "YYYY-MM-DD"),
    "model": ("keys and values are needed here", "KEY: VALUE lines below it"),
    "dict": ("keys and values are needed here", "KEY: VALUE lines below it"),
    "tuple": ("a list is needed", "[a, b, …]"),
}
_BOUNDS = {
    "greater_than_equal": ("is too small", "at least {ge}"),
    "greater_than": ("is too small", "more than {gt}"),
    "less_than_equal": ("is too large", "at most {le}"),
    "less_than": ("is too large", "less than {lt}"),
}


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Say pydantic's mistakes in our words, each by its place.

    Parameters
    ----------
    error : ValidationError
    model : type of BaseModel
        What was validated: of an unknown key its known neighbours are named.
    """
    return [fault for detail in error.errors(include_url=False) for fault in _said(detail, model)]


def _said(detail: Mapping[str, Any], model: type[BaseModel]) -> list[Fault]:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context, value = detail["type"], detail.get("ctx") or {}, detail["input"]
    if isinstance(context.get("error"), Faults):
        return [
            Fault((*loc, *fault.loc), fault.what, fault.found, fault.allowed)
            for fault in context["error"].faults
        ]
    if kind == "missing":
        return [Fault(loc, "this key is missing")]
    if kind in ("extra_forbidden", "invalid_key"):
        if value is None and " " in str(loc[-1]):  # {a: one, two} is a: one and a key "two"
            return [Fault(loc, "this key is not known; a text with a comma in it needs quotes")]
        return [unknown_key(loc, model)]
    found = _shown(value)
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    if "[key]" in detail["loc"]:
        what = f"this key is not known{hint(value, expected.split(', '))}"
        return [Fault(loc, what, found, expected or None)]
    if kind == "literal_error":
        return [Fault(loc, "this value is not known", found, expected)]
    if kind in _BOUNDS:
        what, allowed = _BOUNDS[kind]
        return [Fault(loc, f"the number {what}", found, allowed.format(**context))]
    if kind in ("string_too_short", "too_short"):
        return [Fault(loc, "this is empty", found, "at least one")]
    if kind in ("value_error", "assertion_error"):
        # of a part as a whole the sentence says what is wrong: its cells may be secrets
        whole = isinstance(value, (Mapping, BaseModel))
        return [Fault(loc, str(context["error"]), None if whole else found)]
    prefix = kind.split("_")[0]
    what, wanted = _KINDS.get(prefix, (str(detail["msg"]), None))
    return [Fault(loc, what, found, wanted)]


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return f"'{value}'" if isinstance(value, date) else repr(value)


def unknown_key(loc: Loc, model: type[BaseModel]) -> Fault:
    """Say that a key is not known, with the known ones of its place and the nearest of them."""
    known = sorted(_keys_at(model, loc[:-1]))
    what = f"this key is not known{hint(loc[-1], known)}"
    return Fault(loc, what, allowed=", ".join(known) or None)


def _keys_at(annotation: Any, loc: Loc) -> set[str]:
    """Return the keys that the model has at a place."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _keys_at(args[0], loc)
    if origin in (Union, types.UnionType):
        return set().union(*(_keys_at(arg, loc) for arg in args))
    if origin is dict and loc:
        return _keys_at(args[1], loc[1:])
    if origin is tuple and loc:
        return _keys_at(args[0], loc[1:] if isinstance(loc[0], int) else loc)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        if not loc:
            return set(fields)
        return _keys_at(fields[str(loc[0])].annotation, loc[1:]) if loc[0] in fields else set()
    return set()
