"""The docstrings of the face are complete, and their examples run."""

from __future__ import annotations

import inspect

import numpydoc.validate
import pytest

import smarketing
from smarketing.workspace import Workspace

METHODS = sorted(
    name
    for name, value in inspect.getmembers(Workspace, inspect.isfunction)
    if not name.startswith("_")
)
PLACES = [f"smarketing.workspace.Workspace.{name}" for name in METHODS]
NOT_ASKED = {
    "ES01": "a summary that says all needs no second paragraph",
    "SA01": "the page of methods stands in for See Also",
    "GL01": "summaries begin on the line of the quotes, as ruff asks",
}


@pytest.mark.parametrize("place", [*PLACES, "smarketing.workspace.open_workspace"])
def test_what_is_public_says_what_it_takes_gives_and_shows(place):
    faults = numpydoc.validate.validate(place)["errors"]
    assert [f"{code}: {text}" for code, text in faults if code not in NOT_ASKED] == []


@pytest.mark.parametrize("name", METHODS)
def test_what_can_be_refused_is_said(name):
    text = inspect.getdoc(getattr(Workspace, name))
    takes_words = {"as_of", "month", "week", "model", "lead", "reason"}
    if takes_words & set(inspect.signature(getattr(Workspace, name)).parameters):
        assert "Raises\n------" in text


def test_at_most_a_tenth_of_the_examples_is_skipped():
    examples = [
        line
        for name in METHODS
        for line in inspect.getdoc(getattr(Workspace, name)).splitlines()
        if line.startswith(">>> ") and line != ">>> import smarketing"
    ]
    skipped = [line for line in examples if "+SKIP" in line]
    assert len(skipped) <= len(examples) / 10, skipped


def test_the_package_lists_its_face():
    assert {"open", "Workspace", "PointsScorecard"} <= set(dir(smarketing))
    assert all(hasattr(smarketing, name) for name in dir(smarketing))
    assert not any(name.startswith("_") and name != "__version__" for name in dir(smarketing))
