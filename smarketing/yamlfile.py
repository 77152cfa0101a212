"""YAML files a person writes: read with line marks, checked against a typed model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from smarketing.errors import Problem, SmarketingError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, shown_as: str) -> CommentedMap:
    """Read a YAML mapping, comments and line marks kept.

    Raises
    ------
    SmarketingError
        Missing, empty or unreadable file, a syntax error or a duplicate key; with its line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SmarketingError(
            Problem("the file does not exist", shown_as, todo="Every workspace needs it.")
        ) from None
    except IsADirectoryError:
        raise SmarketingError(Problem("this is a folder, not a file", shown_as)) from None
    except UnicodeDecodeError as error:
        raise SmarketingError(
            Problem(
                "the file is not UTF-8 text",
                shown_as,
                line=error.object.count(b"\n", 0, error.start) + 1,
                found=f"byte 0x{error.object[error.start]:02x}",
                todo="Save it as UTF-8.",
            )
        ) from None
    try:
        data = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SmarketingError(
            Problem(
                f"this is not valid YAML: {(error.problem or str(error)).splitlines()[0]}",
                shown_as,
                line=mark.line + 1 if mark else None,
                column=mark.column + 1 if mark else None,
            )
        ) from None
    except (YAMLError, ValueError) as error:
        raise SmarketingError(
            Problem(f"this is not valid YAML: {str(error).splitlines()[0]}", shown_as)
        ) from None
    if not isinstance(data, CommentedMap):
        raise SmarketingError(
            Problem(
                "the file must hold keys and values",
                shown_as,
                found="nothing" if data is None else type(data).__name__,
            )
        )
    return data


def mark_of(data: Any, loc: tuple[int | str, ...]) -> tuple[int | None, int | None]:
    r"""Return line and column, from 1, of the deepest part of a location that the file has.

    Examples
    --------
    >>> mark_of(YAML().load("a:\n  b: 1\n"), ("a", "b"))
    (2, 3)
    """
    line = column = None
    for part in loc:
        if isinstance(data, CommentedMap) and part in data:
            with suppress(KeyError):  # what came by a merge key has the mark of what holds it
                line, column = data.lc.key(part)
        elif isinstance(data, CommentedSeq) and isinstance(part, int) and part < len(data):
            line, column = data.lc.item(part)
        else:
            continue  # a name pydantic puts into the location for a union's branch
        data = data[part]
    return (None, None) if line is None else (line + 1, column + 1)


def check_yaml(data: CommentedMap, model: type[Model], shown_as: str) -> Model:
    """Check a read file against its model; every mistake is reported at once, with its line.

    Raises
    ------
    SmarketingError
        With one :class:`~smarketing.errors.Problem` a mistake.
    """
    try:
        return model.model_validate(_plain(data))
    except ValidationError as error:
        raise SmarketingError(
            _problem(data, detail, shown_as) for detail in error.errors(include_url=False)
        ) from None


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data


def _problem(data: CommentedMap, detail: Mapping[str, Any], shown_as: str) -> Problem:
    loc = tuple(detail["loc"])
    line, column = mark_of(data, loc)
    path = ".".join(str(part) for part in loc)
    message = str(detail["msg"]).removeprefix("Value error, ")
    found, allowed = repr(detail["input"]), (detail.get("ctx") or {}).get("expected")
    if detail["type"] == "missing":
        return Problem(f"{path} is missing", shown_as, line, column)
    if detail["type"] == "extra_forbidden":
        return Problem(f"{path} is not a known key", shown_as, line, column)
    if len(found) > 60:
        found = found[:57] + "..."
    what = f"{path}: {message[:1].lower()}{message[1:]}" if path else message
    return Problem(what, shown_as, line, column, found, allowed)
