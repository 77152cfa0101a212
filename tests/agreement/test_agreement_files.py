"""The agreements that come along, and the JSON Schema that editors check them by."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

import smarketing.agreement
from smarketing.agreement.load import load_agreement
from smarketing.agreement.schema import json_schema
from tests.agreements import EXAMPLE

ROOT = Path(__file__).parents[2]
SCHEMA = Path(smarketing.agreement.__file__).parent / "agreement.schema.json"
TEXTS = {path.parent.name: path.read_text() for path in sorted(ROOT.glob("data/*/agreement.yml"))}


def as_json(text):
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


def is_right(content):
    return jsonschema.Draft202012Validator(json_schema()).is_valid(content)


@pytest.mark.parametrize("name", ["bpi12", "demo", "olist", "xeducation"])
def test_the_agreements_that_come_along_are_right(name):
    load_agreement(ROOT / "data" / name / "agreement.yml")
    assert is_right(as_json(TEXTS[name]))


def test_the_schema_is_one_and_knows_the_example():
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert is_right(as_json(EXAMPLE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: DKK", "currrency: DKK"),  # codespell:ignore
        ("points: 15}", "points: ten}"),
        ("between: [50, 500]", "betwen: [50, 500]"),  # codespell:ignore
        ("between: [50, 500]", "between: [50]"),
        ('"/pricing*"', "5"),
        ("{1: 35, 2: 15}", "{1: 35, 3: 15}"),
        ("lines:\n", "line:\n"),
    ],
)
def test_the_schema_finds_mistakes(old, new):
    assert EXAMPLE.count(old) == 1
    assert not is_right(as_json(EXAMPLE.replace(old, new)))


def test_the_schema_file_is_the_models():
    assert json.loads(SCHEMA.read_text()) == json_schema(), (
        "write it anew: python -m smarketing.agreement.schema > " + str(SCHEMA.relative_to(ROOT))
    )


def test_editors_show_what_every_key_means():
    schema = json_schema()
    parts = [schema, *(part for name, part in schema["$defs"].items() if name != "Condition")]
    silent = [
        (part["title"], key)
        for part in parts
        for key, field in part["properties"].items()
        if not field.get("description")
    ]
    assert silent == []
