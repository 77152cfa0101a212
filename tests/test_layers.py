"""Imports go downward only: a room may use the rooms below it, never those above."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "smarketing"
BASE = {"errors", "results", "clock", "yamlfile", "language"}
GROUND = BASE | {"agreement", "warehouse", "workspace"}
MAY_USE = {
    "errors": set(),
    "clock": {"errors"},
    "results": {"errors"},
    "yamlfile": {"errors"},
    "language": {"errors", "results"},
    "agreement": BASE,
    "warehouse": BASE,
    "workspace": BASE | {"agreement", "warehouse"},
    "scoring": GROUND,
    "evaluation": GROUND | {"scoring"},
    "planning": GROUND | {"scoring", "evaluation"},
    "funnel": GROUND,
    "reporting": GROUND | {"scoring", "evaluation", "planning", "funnel"},
    "cli": GROUND | {"scoring", "evaluation", "planning", "funnel", "reporting"},
}


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports name the whole path"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {name.split(".")[1] for name in names if name.startswith("smarketing.")}
    return rooms - {"__version__"}


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_downward(path):
    here = room(path)
    assert imported_rooms(path) <= MAY_USE[here] | {here}


def test_the_floors_have_no_circle():
    for lower in MAY_USE:
        for upper in MAY_USE[lower]:
            assert lower not in MAY_USE[upper], f"{lower} and {upper} use each other"
