"""A card taken elsewhere by hand: YAML that the loader reads back, a table to type in."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from smarketing.agreement.load import load_agreement
from smarketing.agreement.scorecard import Scorecard
from smarketing.scoring.card_export import export_scorecard
from tests.agreements import example_agreement
from tests.random_cards import PERSONAS, card
from tests.scoring_cases import CARD, agreement

NAMES = st.text("aZæ9 :#'\"-*&!%@{}[],\\|>\n\t?=~🙂", min_size=1, max_size=12)
CALIBRATION = st.fixed_dictionaries(
    {"intercept": st.floats(-9, 9), "slope": st.floats(-1, 1)},
)


@settings(max_examples=60, deadline=None)
@given(card=card, names=st.lists(NAMES, min_size=10, max_size=10, unique=True), line=CALIBRATION)
def test_the_yaml_of_any_card_reads_back_through_the_loader(tmp_path_factory, card, names, line):
    content = {**card.to_dict(), "calibration": line}
    rules = [r for axis in ("fit", "engagement") for r in content[axis]["rules"]]
    for rule, name in zip(rules, names, strict=False):
        rule["name"] = name
    content["fit"]["rules"] = [r for r in content["fit"]["rules"] if "event" not in r]
    for axis, least in (("fit", 60), ("engagement", 60)):  # the lines have to be within reach
        content[axis]["cap"] = content[axis]["cap"] and max(content[axis]["cap"], least)
    written = Scorecard.model_validate(content)
    personas = {name: {"when": p.when.to_dict()} for name, p in PERSONAS.items()}
    whole = example_agreement(personas=personas).to_dict()
    text = export_scorecard(None, agreement(), card=written, form="yaml")
    whole["scorecard"] = YAML(typ="safe").load(text)["scorecard"]
    path = tmp_path_factory.mktemp("yaml") / "agreement.yml"
    del whole["scorecard"]
    whole["valid_from"] = "2026-10-01"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(whole, file)
        file.write(text)
    assert load_agreement(path).scorecard == written


def table(card=None, **blocks):
    text = export_scorecard(None, agreement(card, **blocks), form="table")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_says_points_limits_decay_and_caps():
    rows = {(row["axis"], row["rule"]): row for row in table()}
    pricing = rows["engagement", "Pricing page"]
    assert pricing["given for"] == "event page_view on /pricing*"
    assert [pricing[c] for c in ("points", "at most", "most points")] == ["8", "3", "24"]
    assert [pricing[c] for c in ("after 30 days", "after 90 days")] == ["1.811", "0.093"]
    assert pricing["lost every 30 days"] == "77 %"
    assert rows["engagement", "Demo request"]["most points"] == ""
    cap = rows["engagement", "(cap)"]
    assert (
        cap["given for"] == "the sum, not below 0, at most 50; an event counts half after 14 days"
    )
    assert cap["most points"] == "50"
    assert rows["persona", "it"]["given for"] == "job_role is one of it_manager, cto"
    assert rows["line", "SQL"]["given for"] == "score at least 65, fit at least 20"
    assert rows["grade", "A"]["given for"] == "fit at least 35"
    assert rows["grade", "2"]["given for"] == "engagement at least 15"


def test_lists_are_spelt_out():
    test = {"not": {"any": [{"field": "job_role", "in": "$bosses"}]}}
    fit = {"cap": 50, "rules": [{"name": "No boss", "when": test, "points": -5}]}
    rows = table({**CARD, "fit": fit}, lists={"bosses": ["cto", "cfo"], "unused": ["x"]})
    lists = {row["rule"]: row["given for"] for row in rows if row["axis"] == "list"}
    assert lists == {"$bosses": "cto, cfo"}


@pytest.mark.parametrize("name", ["=1+1", "+a", "-a", "@a"])
def test_a_name_is_never_a_formula(name):
    rule = {"name": name, "when": {"field": "job_role", "is": "x"}, "points": -5}
    rows = table({**CARD, "fit": {"cap": 50, "rules": [rule]}})
    assert rows[0]["rule"] == f"'{name}"
    assert rows[0]["points"] == "-5"


def test_without_decay_nothing_is_lost():
    axis = {**CARD["engagement"], "half_life_days": None}
    rows = {row["rule"]: row for row in table({**CARD, "engagement": axis})}
    assert rows["Demo request"]["lost every 30 days"] == "0 %"
    assert rows["Demo request"]["after 90 days"] == "30"
