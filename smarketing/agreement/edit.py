"""Changing single values in YAML text, every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from smarketing.errors import Problem, SmarketingError


def change_scalars(text: str, changes: Mapping[str, Any], shown_as: str) -> str:
    r"""Set values at dotted paths; comments, order, quotes and line ends elsewhere stay.

    A list's item goes by its number or its ``name``. A key that its block does not have yet is
    put in front of the block's first one.

    Parameters
    ----------
    text : str
        YAML text that was read without a mistake.
    changes : mapping of str to str, int, float, bool, date or None
        Dotted path -> new value.
    shown_as : str
        How messages call the file.

    Raises
    ------
    SmarketingError
        If a path leads nowhere, or to something that is not a single value.

    Examples
    --------
    >>> change_scalars("sql: {score: 65}  # a rep's\n", {"sql.score": 68}, "agreement.yml")
    "sql: {score: 68}  # a rep's\n"
    """
    root = YAML().compose(text)
    edits, problems = [], []
    for path, value in changes.items():
        try:
            edits.append(_edit(root, path, value))
        except _NoPlaceError as error:
            problems.append(
                Problem(
                    f"{path} cannot be changed: {error}",
                    shown_as,
                    error.line,
                    todo="Change the file by hand.",
                )
            )
    if problems:
        raise SmarketingError(problems)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


class _NoPlaceError(Exception):
    def __init__(self, what: str, node: Node) -> None:
        self.line = node.start_mark.line + 1
        super().__init__(what)


def _edit(root: Node, path: str, value: Any) -> tuple[int, int, str]:
    """Return start, end and new text of one change."""
    node, parts = root, path.split(".")
    for n, part in enumerate(parts):
        child = _child(node, part)
        if child is None:
            if n == len(parts) - 1 and isinstance(node, MappingNode) and node.value:
                return _insertion(node, part, value)
            raise _NoPlaceError(f"there is no {'.'.join(parts[: n + 1])} in the file", node)
        node = child
    if not isinstance(node, ScalarNode) or node.style in ("|", ">"):
        raise _NoPlaceError("it is not a single value", node)
    quoted = node.style in ("'", '"') and isinstance(value, str)
    return node.start_mark.index, node.end_mark.index, _written(value, quoted)


def _child(node: Node, part: str) -> Node | None:
    if isinstance(node, MappingNode):
        pairs: list[tuple[Node, Node]] = node.value
        return next((value for key, value in pairs if key.value == part), None)
    items: list[Node] = node.value if isinstance(node, SequenceNode) else []
    for n, item in enumerate(items):
        name = _child(item, "name") if isinstance(item, MappingNode) else None
        if str(n) == part or (isinstance(name, ScalarNode) and name.value == part):
            return item
    return None


def _insertion(node: MappingNode, key: str, value: Any) -> tuple[int, int, str]:
    first = node.value[0][0].start_mark
    between = ", " if node.flow_style else "\n" + " " * first.column
    return first.index, first.index, f"{key}: {_written(value)}{between}"


def _written(value: Any, quoted: bool = False) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    plain = re.fullmatch(r"[A-Za-z_][\w /-]*", value) and YAML(typ="safe").load(value) == value
    return value if plain and not quoted else json.dumps(value, ensure_ascii=False)
