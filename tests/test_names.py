"""One word, one meaning: names of classes and modules, and words that name no data."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "smarketing"
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text())
    for path in sorted(PACKAGE.rglob("*.py"))
}

SAME_KIND = {
    "calibration": "what happens of what was foreseen: of scores, and of crossing a threshold",
    "catalogue": "what is declared once under a name: messages, and measures",
    "load": "reads a YAML file into its model",
    "model": "the model of a YAML file",
    "plots": "the figures of a room",
    "registry": "the names under which a room's things are asked for",
    "wording": "the sentences of a room",
}
"""Module names that stand more than once, for the same kind of thing in each room."""

OLD_NAMES = {
    "arrivals": "demand_forecast",
    "as_was": "point_in_time",
    "back_check": "forecast_backtest",
    "carry": "table_copy",
    "chance_curve": "calibration",
    "desk": "variations, until the face replaces it",
    "evidence": "leakage_tests, and stage_consistency in the funnel",
    "impostors": "file_checks",
    "monitoring": "drift, line_health, champion_choice",
    "pairs": "line_grid",
    "rewritten": "late_writes",
    "row_chances": "crossing_probabilities",
    "said": "wording",
    "saved": "persistence",
    "selection": "selection_bias",
    "sides": "promise_rows",
    "simple_forms": "rules_of_thumb",
    "since": "year_to_date",
    "split_gap": "random_vs_rolling",
    "stakes": "line_economics",
    "sure": "uncertainty",
    "words": "wording",
}
"""What modules were called, and what the field calls it."""

NO_DATA = {"found", "here", "said", "there", "told"}
"""Words that say how one came by a value, not what it is."""
FIELDS_OF_A_PROBLEM = {
    "agreement/conditions.py",
    "errors.py",
    "faults.py",
    "scoring/persistence.py",
    "warehouse/readers/file_checks.py",
    "yamlfile.py",
}
"""A problem has a field `found`; what makes problems takes it by that name."""


def twice(places):
    return {name: where for name, where in sorted(places.items()) if len(where) > 1}


def test_no_public_class_name_stands_twice():
    places = defaultdict(list)
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(file)
    assert len(places) > 100
    assert twice(places) == {}


def test_a_module_name_stands_twice_only_for_the_same_kind_of_thing():
    places = defaultdict(list)
    for file in TREES:
        places[Path(file).stem].append(file)
    del places["__init__"]
    assert twice(places).keys() == SAME_KIND.keys(), twice(places)


def test_no_module_has_an_old_name():
    assert [file for file in TREES if Path(file).stem in OLD_NAMES] == []


def named(tree):
    """Return the names that code gives to data, with their lines; fields of a class are apart."""
    fields = {
        part.target
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for part in node.body
        if isinstance(part, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in fields:
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def test_data_is_named_for_what_it_is():
    offenders = [
        f"{file}:{line}: {name}"
        for file, tree in TREES.items()
        for name, line in named(tree)
        if name in NO_DATA and not (name == "found" and file in FIELDS_OF_A_PROBLEM)
    ]
    assert offenders == []


def test_the_scan_sees_every_way_to_name_a_thing():
    code = (
        "class A:\n    found: str\n    def said(self, told): there = told\n"
        "for here in []: pass\nwith x as found: pass\nlambda told: 0\n[0 for there in []]\n"
        "if (said := 1): pass\nfound, *here = 1, 2\n"
    )
    seen = sorted(name for name, _ in named(ast.parse(code)) if name in NO_DATA)
    assert seen == sorted(
        ["told", "there", "here", "found", "told", "there", "said", "found", "here"]
    )
