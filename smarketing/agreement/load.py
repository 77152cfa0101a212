"""Reading agreement.yml: every mistake at once, each with its line."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from smarketing.agreement.consistency import consistency_faults
from smarketing.agreement.faults import Fault, Faults
from smarketing.agreement.model import Agreement
from smarketing.errors import Problem, SmarketingError
from smarketing.yamlfile import mark_of, read_yaml


def load_agreement(path: Path, shown_as: str = "agreement.yml") -> Agreement:
    """Read and check an agreement.

    Parameters
    ----------
    path : Path
        The file.
    shown_as : str
        How messages call the file.

    Raises
    ------
    SmarketingError
        With one problem a mistake: line, what is wrong, what was found, what is allowed.
    """
    with suppress(OSError):  # which reading it tells of, in words
        return _checked(path, path.read_bytes(), shown_as)
    return check_agreement(read_yaml(path, shown_as), shown_as)


@lru_cache(maxsize=8)
def _checked(path: Path, _content: bytes, shown_as: str) -> Agreement:
    """Read each content of a file once: a report asks for the agreement in several places."""
    return check_agreement(read_yaml(path, shown_as), shown_as)


def check_agreement(data: Mapping[str, Any], shown_as: str | None = None) -> Agreement:
    """Turn the content of an agreement, read with or without line marks, into the model.

    Raises
    ------
    SmarketingError
        With one problem a mistake.
    """
    try:
        content = plain_types(data)
    except RecursionError:
        raise SmarketingError(Problem("a part contains itself by an alias", shown_as)) from None
    faults: list[Fault] = []
    agreement = None
    try:
        agreement = Agreement.model_validate(content, context={"lists": _lists(content)})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            faults += _faults(detail)
    # pydantic checks a model as a whole only once all its fields are right: a pass of our own
    # reports what does not go together in the same breath
    wrong = {fault.loc for fault in faults}
    faults += [fault for fault in consistency_faults(content) if fault.loc not in wrong]
    if faults or agreement is None:
        raise SmarketingError(_problems(data, faults, shown_as))
    return agreement


def plain_types(data: Any) -> Any:
    """Turn what the YAML reader gives into plain dicts, lists and scalars."""
    if isinstance(data, Mapping):
        return {_plain_key(key): plain_types(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain_types(value) for value in data]
    if isinstance(data, bool) or type(data) in (str, int, float, type(None)):
        return data
    for kind in (int, float, str):
        if isinstance(data, kind):
            return kind(data)
    return data


def _plain_key(key: Any) -> Any:
    return str(key) if isinstance(key, (Mapping, list, tuple)) else plain_types(key)


def _lists(content: Any) -> dict[str, Any]:
    lists = content.get("lists")
    if not isinstance(lists, Mapping):
        return {}
    # a list with a mistake of its own is known all the same: one mistake, one problem
    return {
        str(name): value if isinstance(value, list) and value else ["?"]
        for name, value in lists.items()
    }


def _problems(data: Any, faults: list[Fault], shown_as: str | None) -> list[Problem]:
    problems = []
    for fault in faults:
        line, column = mark_of(data, fault.loc)
        path = ".".join(str(part) for part in fault.loc)
        problems.append(
            Problem(
                f"{path}: {fault.what}" if path else fault.what,
                shown_as,
                line,
                column,
                _short(fault.found),
                fault.allowed,
            )
        )
    return sorted(problems, key=lambda problem: problem.line or 0)


def _short(text: str | None) -> str | None:
    return text[:57] + "…" if text is not None and len(text) > 60 else text


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


def _faults(detail: Mapping[str, Any]) -> list[Fault]:
    """Say one of pydantic's errors in words of the agreement."""
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context, value = detail["type"], detail.get("ctx") or {}, detail["input"]
    found = "nothing" if value is None else f"'{value}'" if isinstance(value, date) else repr(value)
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
        return [unknown_key(loc)]
    if "[key]" in detail["loc"]:
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        near = difflib.get_close_matches(str(value), expected.split(", "), 1)
        hint = f"; did you mean {near[0]}?" if near and near[0] != value else ""
        return [Fault(loc, f"this key is not known{hint}", found, expected or None)]
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return [Fault(loc, "this value is not known", found, allowed)]
    if kind in _BOUNDS:
        what, allowed = _BOUNDS[kind]
        return [Fault(loc, f"the number {what}", found, allowed.format(**context))]
    if kind in ("string_too_short", "too_short"):
        return [Fault(loc, "this is empty", found, "at least one")]
    what, allowed = _KINDS.get(kind.split("_")[0], (str(detail["msg"]), None))
    return [Fault(loc, what, found, allowed)]


def unknown_key(loc: tuple[int | str, ...]) -> Fault:
    """Say that a key is not known, with the known ones of its place and the nearest of them."""
    known = sorted(_keys_at(Agreement, loc[:-1]))
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Fault(loc, f"this key is not known{hint}", allowed=", ".join(known) or None)


def _keys_at(annotation: Any, loc: tuple[int | str, ...]) -> set[str]:
    """Return the keys that the model has at a place."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _keys_at(args[0], loc)
    if origin in (Union, types.UnionType):
        return set().union(*(_keys_at(arg, loc) for arg in args))
    if origin is dict and loc:
        return _keys_at(args[1], loc[1:])
    if origin is tuple and loc:
        return _keys_at(args[0], loc[1:])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field for name, field in annotation.model_fields.items()}
        if not loc:
            return set(fields)
        return _keys_at(fields[loc[0]].annotation, loc[1:]) if loc[0] in fields else set()
    return set()
