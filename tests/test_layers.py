"""Imports go downward only, between rooms and between files: no circle, not even for a type."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "smarketing"
FLOORS = [
    {"errors"},
    {"clock", "faults", "fingerprint", "lock", "shipped"},
    {"language", "row_files", "yamlfile"},
    {"results"},
    {"agreement", "warehouse"},
    {"demo", "folder"},
    {"periods"},
    {"measures"},
    {"funnel", "scoring"},
    {"evaluation"},
    {"planning"},
    {"actions"},
    {"reporting"},
    {"interactive", "variations"},
    {"opened"},
    {"questions"},
    {"workspace"},
    {"cli"},
]
"""From the ground up; a room may use every floor below it, and no neighbour on its own."""

MAX_DEPTH = 20
"""The longest way from a file down through its imports."""


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports_of(module: str) -> frozenset[str]:
    """Every file of the package that a file names in an import, wherever in it."""
    used = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{module}: imports name the whole path"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                used.add(whole if whole in MODULES else node.module)
        elif isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
    return frozenset(used & MODULES.keys()) - {module, "smarketing"}


def floor_of(module: str) -> int:
    room = module.split(".")[1]
    return next(n for n, floor in enumerate(FLOORS) if room in floor)


def ways_down(module: str, above: tuple[str, ...], depths: dict[str, int]) -> int:
    """Return how deep a file's imports go; a circle is an error that names its files."""
    assert module not in above, " -> ".join((*above[above.index(module) :], module))
    if module not in depths:
        below = [ways_down(used, (*above, module), depths) for used in sorted(imports_of(module))]
        depths[module] = 1 + max(below, default=0)
    return depths[module]


@pytest.mark.parametrize("module", [m for m in MODULES if m != "smarketing"])
def test_imports_go_downward(module):
    room = module.split(".")[1]
    others = {used for used in imports_of(module) if used.split(".")[1] != room}
    assert [used for used in sorted(others) if floor_of(used) >= floor_of(module)] == []


def test_files_have_no_circle_and_are_not_stacked_too_high():
    depths: dict[str, int] = {}
    for module in MODULES:
        ways_down(module, (), depths)
    deepest = max(depths, key=lambda module: depths[module])
    assert depths[deepest] <= MAX_DEPTH, f"{deepest}: {depths[deepest]}"
