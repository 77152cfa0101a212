"""The agreement's form as JSON Schema, by which editors complete and check the file."""

from __future__ import annotations

import json
import sys
from typing import Any

from smarketing.agreement.conditions import JOINS, OPERATORS
from smarketing.agreement.model import Agreement

_SCALAR = {"type": ["string", "number", "boolean"]}
_LIST = {
    "anyOf": [
        {"type": "array", "items": _SCALAR, "minItems": 1},
        {"type": "string", "pattern": r"^\$", "description": "$NAME of a list."},
    ]
}
_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_SIZE = {"anyOf": [{"type": "number"}, _DAY]}
_VALUES = {
    "is": _SCALAR,
    "in": _LIST,
    "not_in": _LIST,
    "at_least": _SIZE,
    "at_most": _SIZE,
    "between": {"type": "array", "items": _SIZE, "minItems": 2, "maxItems": 2},
    "like": {
        "type": "string",
        "pattern": r"^\*?[^*]+\*?$",
        "description": "* at the start, the end or both stands for any text.",
    },
    "missing": {"type": "boolean"},
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of agreement.yml.

    Examples
    --------
    >>> json_schema()["properties"]["currency"]["description"]
    'ISO 4217 code of all amounts.'
    """
    schema: dict[str, Any] = _with_references(Agreement.model_json_schema(by_alias=True))
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$defs"]["Condition"] = _condition()
    schema["$defs"]["Grades"]["properties"]["engagement"]["propertyNames"] = {"enum": ["1", "2"]}
    schema["oneOf"] = [{"required": ["scorecard"]}, {"required": ["scorecards"]}]
    return schema


def _with_references(part: Any) -> Any:
    if isinstance(part, dict):
        if part.get("$comment") == "Condition":
            rest = {key: value for key, value in part.items() if key != "$comment"}
            return {"$ref": "#/$defs/Condition", **rest}
        return {key: _with_references(value) for key, value in part.items()}
    return [_with_references(item) for item in part] if isinstance(part, list) else part


def _condition() -> dict[str, Any]:
    inner = {"$ref": "#/$defs/Condition"}
    several = {"type": "array", "items": inner, "minItems": 1}
    field = {"type": "string", "minLength": 1}
    forms = [{"field": field, op: _VALUES[op]} for op in OPERATORS]
    forms += [{join: inner if join == "not" else several} for join in JOINS]
    closed = {"type": "object", "additionalProperties": False}
    return {
        "description": "A test of one field, or several joined by all, any, not. A missing value "
        "makes a test false before any not.",
        "oneOf": [{**closed, "properties": form, "required": list(form)} for form in forms],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n")
