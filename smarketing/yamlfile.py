"""YAML files a person writes: read with line marks, checked against a typed model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from smarketing.errors import Problem, SmarketingError
from smarketing.faults import MOST_LETTERS, Fault, Loc, faults_of

MOST_PARTS = 200_000
"""Keys and values of a file that a person could have written."""

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, shown_as: str) -> CommentedMap:
    """Read a YAML mapping, comments and line marks kept.

    Raises
    ------
    SmarketingError
        Missing, empty or unreadable file, a syntax error or a duplicate key; with its line.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise SmarketingError("this is no file", shown_as, todo="Every workspace needs it.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SmarketingError(
            "the file does not exist", shown_as, todo="Every workspace needs it."
        ) from None
    except IsADirectoryError:
        raise SmarketingError("this is a folder, not a file", shown_as) from None
    except UnicodeDecodeError as error:
        raise SmarketingError(
            "the file is not UTF-8 text",
            shown_as,
            line=error.object.count(b"\n", 0, error.start) + 1,
            found=f"byte 0x{error.object[error.start]:02x}",
            todo="Save it as UTF-8.",
        ) from None
    return parse_yaml(text, shown_as)


def parse_yaml(text: str, shown_as: str) -> CommentedMap:
    """Read the text of a YAML mapping, as :func:`read_yaml` does.

    Raises
    ------
    SmarketingError
        A syntax error or a duplicate key; with its line.
    """
    try:
        data = YAML(typ="rt").load(text.removeprefix("\ufeff"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SmarketingError(
            f"this is not valid YAML: {(error.problem or str(error)).splitlines()[0]}",
            shown_as,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except (YAMLError, ValueError) as error:
        raise SmarketingError(
            f"this is not valid YAML: {str(error).splitlines()[0]}", shown_as
        ) from None
    except RecursionError:
        raise SmarketingError(
            "the file is nested too deep", shown_as, allowed="some ten levels"
        ) from None
    if not isinstance(data, CommentedMap):
        raise SmarketingError(
            "the file must hold keys and values",
            shown_as,
            found="nothing" if data is None else type(data).__name__,
        )
    _refuse_multiplied(data, shown_as)
    return data


def _refuse_multiplied(data: CommentedMap, shown_as: str) -> None:
    """Refuse aliases that hold each other many times over: written out, they fill all memory.

    Raises
    ------
    SmarketingError
        With the line of the first part that is too large.
    """
    sizes: dict[int, int] = {}

    def size(part: Any) -> int:
        if not isinstance(part, (CommentedMap, CommentedSeq)):
            return 1
        if id(part) not in sizes:
            sizes[id(part)] = 1  # of a part that contains itself another check tells
            inside = part.values() if isinstance(part, CommentedMap) else part
            sizes[id(part)] = 1 + sum(size(one) for one in inside)
            if sizes[id(part)] > MOST_PARTS:
                raise SmarketingError(
                    "aliases multiply what stands here",
                    shown_as,
                    part.lc.line + 1,
                    found=f"{sizes[id(part)]:,} parts",
                    allowed=f"{MOST_PARTS:,} in all",
                    todo="Write it out, without * and &.",
                )
        return sizes[id(part)]

    size(data)


def mark_of(data: Any, loc: tuple[int | str, ...]) -> tuple[int | None, int | None]:
    r"""Return line and column, from 1, of the deepest part of a location that the file has.

    Examples
    --------
    >>> mark_of(YAML().load("a:\n  b: 1\n"), ("a", "b"))
    (2, 3)
    """
    mark: tuple[int | None, int | None] = (None, None)
    for part in loc:
        if not _holds(data, part):
            continue  # a name pydantic puts into the location for a union's branch
        with suppress(KeyError):  # what came by a merge key has the mark of what holds it
            if isinstance(data, (CommentedMap, CommentedSeq)):
                at = data.lc.item if isinstance(data, CommentedSeq) else data.lc.key
                line, column = at(part)
                mark = line + 1, column + 1
        data = data[part]
    return mark


def _holds(data: Any, part: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def check_yaml(
    data: CommentedMap, model: type[Model], shown_as: str, also: Iterable[Problem] = ()
) -> Model:
    """Check a read file against its model; every mistake is reported at once, with its line.

    Parameters
    ----------
    data : CommentedMap
        The file as :func:`read_yaml` gives it.
    model : type of BaseModel
    shown_as : str
        How messages call the file.
    also : iterable of Problem
        What is wrong with the file beyond its types, told together with it.

    Raises
    ------
    SmarketingError
        With one :class:`~smarketing.errors.Problem` a mistake.
    """
    problems = list(also)
    try:
        checked = model.model_validate(content_of(data, shown_as))
    except ValidationError as error:
        problems += problems_at(data, faults_of(error, model), shown_as)
    if problems:
        raise SmarketingError(sorted(problems, key=lambda problem: problem.line or 0))
    return checked


def problems_at(data: Any, faults: Iterable[Fault], shown_as: str | None) -> list[Problem]:
    """Return a problem for each mistake of a read file, with its line, in the file's order."""
    problems = []
    for fault in faults:
        what = replace(fault, loc=tuple(_in_file(data, fault.loc))).sentence
        cell = fault.found
        if cell is not None and len(cell) > MOST_LETTERS:
            cell = cell[: MOST_LETTERS - 3] + "…"
        line, column = mark_of(data, fault.loc)
        problems.append(Problem(what, shown_as, line, column, cell, fault.allowed))
    return sorted(problems, key=lambda problem: problem.line or 0)


def _in_file(data: Any, loc: Loc) -> Iterator[str]:
    """Yield the parts of a place, without pydantic's names for the branches of a union."""
    for n, part in enumerate(loc, start=1):
        if _holds(data, part):
            data = data[part]
        elif n < len(loc) or not str(part).isidentifier() or not str(part).islower():
            continue  # a key that is missing is a name of ours
        yield str(part)


def content_of(data: Any, shown_as: str | None) -> Any:
    """Return what was read as plain types.

    Raises
    ------
    SmarketingError
        If a part contains itself.
    """
    try:
        return plain_types(data)
    except RecursionError:
        raise SmarketingError("a part contains itself by an alias", shown_as) from None


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
