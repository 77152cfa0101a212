"""The three descriptions of the environment agree, and nothing in them names an index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = YAML(typ="safe").load(ROOT / "environment.yml")["dependencies"]
WANTED = {
    canonicalize_name(requirement.name): requirement
    for requirement in map(
        Requirement, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    )
}


def pins(file: str = "constraints.txt") -> dict[str, str]:
    text = (ROOT / file).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def test_conda_users_get_the_same_dependencies():
    pip = next(item["pip"] for item in CONDA if isinstance(item, dict))
    assert pip[0] == "-c constraints.txt"
    assert pip[-1] == "-e ."
    found = {canonicalize_name(Requirement(line).name): Requirement(line) for line in pip[1:-1]}
    assert found == WANTED


def test_conda_users_get_the_same_python():
    python = next(item for item in CONDA if str(item).startswith("python"))
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_dependency_is_pinned_within_its_bounds(name):
    assert pins()[name] in WANTED[name].specifier


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_lowest_version_of_every_bound_is_the_one_that_is_tried(name):
    lowest = [spec.version for spec in WANTED[name].specifier if spec.operator == ">="]
    assert lowest, f"{name} has no lower bound"
    assert Version(pins("constraints-lowest.txt")[name]) == Version(lowest[0])


def test_nothing_else_is_held_down_where_lowest_versions_are_tried():
    assert pins("constraints-lowest.txt").keys() == WANTED.keys()


def test_the_files_name_no_index():
    for name in (
        "pyproject.toml", "constraints.txt", "constraints-lowest.txt", "environment.yml",
        "Makefile", ".pre-commit-config.yaml",
    ):  # fmt: skip
        text = (ROOT / name).read_text()
        assert not re.search(r"index-url|find-links|file://|https?://", text), name
