"""recommend and agree: all that both sides ask before they sign, and the way back."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from smarketing.agreement.load import load_agreement
from smarketing.agreement.version_history import agreement_history
from smarketing.planning import recommendation
from smarketing.workspace import Workspace
from tests.conftest import absent

DEMO = Path(__file__).parents[2] / "data" / "demo"
LATE = date(2027, 1, 15)


@pytest.fixture(autouse=True)
def overdue(monkeypatch):
    """Let it be a day on which the demo's review is two weeks overdue."""
    monkeypatch.setattr(Workspace, "today", LATE)


@pytest.fixture(scope="module")
def recommended(tmp_path_factory) -> Path:
    """Return a copy of the demo with its proposal, and what recommend said as JSON and words."""
    if not (DEMO / "warehouse.duckdb").is_file():
        absent("the demo has no warehouse; run: smarketing ingest data/demo")
    folder = tmp_path_factory.mktemp("plans") / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("rejects", "raw"))
    (folder / "raw").mkdir()
    (folder / "proposal.yml").unlink(missing_ok=True)
    return folder


@pytest.fixture
def demo(tmp_path) -> Path:
    """Return the demo's agreement alone: enough for what needs no data."""
    folder = tmp_path / "demo"
    folder.mkdir()
    for name in ("sources.yml", "agreement.yml"):
        shutil.copy(DEMO / name, folder)
    text = (DEMO / "agreement.yml").read_text()
    (folder / "agreements").mkdir()
    for version, day, score in ((1, "2026-01-01", 50), (2, "2026-04-01", 52)):
        old = text.replace("version: 3", f"version: {version}")
        old = old.replace("valid_from: 2026-10-01", f"valid_from: {day}")
        old = old.replace("sql: {score: 55", f"sql: {{score: {score}")
        (folder / "agreements" / f"v{version}.yml").write_text(old)
    return folder


def test_recommend_says_all_that_both_sides_ask(run, recommended, monkeypatch):
    monkeypatch.setattr(recommendation, "OTHER_RESAMPLES", 2)
    status, said, told = run("recommend", recommended, "--json")
    assert status == 0, told
    answer = json.loads(said)
    assert {
        *("thresholds", "volumes", "sla", "sentence", "goals", "cannot"),
        *("smart", "bottleneck", "cross_checks", "staffing", "contact_speed", "review"),
    } <= answer.keys()
    assert answer["review"].endswith("14 days overdue.")
    assert answer["staffing"]["people"] >= 1
    assert "experiment" in answer["contact_speed"]["warning"]
    status, said, _ = run("recommend", recommended, "--by", "persona", "--grades")
    assert status == 0
    flat = " ".join(said.split())
    assert "Lines by persona" in flat
    assert "it_decision_maker" in flat
    assert "As grades: " in flat
    titles = ["Review", "Both can sign", "Lines", "Promises", "What it takes", "Bottleneck"]
    titles += ["Sales' half", "Goals of marketing", "Goals of sales", "Rules of thumb"]
    places = [said.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    for sentence in (
        answer["review"],
        answer["sentence"],
        answer["bottleneck"]["sentence"],
        answer["staffing"]["sentence"],
        answer["contact_speed"]["sentence"],
        answer["contact_speed"]["warning"],
        *(goal["words"] for goal in answer["smart"]["goals"]),
    ):
        assert " ".join(sentence.split()) in flat
    needs = [row["sales_ready"] for row in answer["volumes"]["needs"]]
    assert [row["confidence"] for row in answer["volumes"]["needs"]] == [0.8, 0.9, 0.95]
    assert f"{needs[0]}, {needs[1]} and {needs[2]} sales-ready leads" in flat
    # The proposal tells it to those who decide, without looking at the data again.
    status, shown, _ = run("agree", recommended)
    assert status == 0
    flat = " ".join(shown.split())
    for sentence in (
        answer["review"],
        answer["bottleneck"]["sentence"],
        answer["staffing"]["sentence"],
        answer["contact_speed"]["warning"],
        *(goal["words"] for goal in answer["smart"]["goals"]),
    ):
        assert flat.count(" ".join(sentence.split())) == 1
    status, shown, _ = run("agree", recommended, "--json")
    assert {"version", "changes", "effects", "review"} <= json.loads(shown).keys()


def test_history_tells_every_version_with_its_reason(run, demo):
    status, said, _ = run("agree", demo, "--history")
    assert status == 0
    versions = [each.version for each in agreement_history(demo).versions.itertuples()]
    assert versions == [1, 2, 3]
    for version in versions:
        assert f"Version {version}, from " in said
    assert "14 days overdue" in said
    status, said, _ = run("agree", demo, "--history", "--json")
    assert [row["version"] for row in json.loads(said)["versions"]] == versions


def test_rolling_back_puts_the_old_terms_in_force_as_the_next_version(run, demo):
    old = load_agreement(demo / "agreements" / "v2.yml")
    status, said, told = run("agree", demo, "--roll-back", 2, "--reason", "it starved closing")
    assert status == 0, told
    assert said.startswith("Version 4 is agreed: version 2 again, from 2027-01-15.")
    now = load_agreement(demo / "agreement.yml")
    assert (now.version, now.valid_from) == (4, LATE)
    assert now.lines == old.lines
    assert now.lines.sql.score == 52
    _, said, _ = run("agree", demo, "--history")
    assert "it starved closing" in said


def test_a_review_is_noted_and_the_reminder_rests(run, demo):
    assert "overdue" in run("agree", demo, "--history")[1]
    status, said, told = run("agree", demo, "--reviewed", "--reason", "nothing to change")
    assert status == 0, told
    assert "the next is due by 2027-04-15" in said
    _, said, _ = run("agree", demo, "--history")
    assert "overdue" not in said
    assert "nothing to change" in said


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--accept", "--history"), 2, ["--accept and --history", "do not go together"]),
        (("--roll-back", "2", "--accept"), 2, ["--accept and --roll-back"]),
        (("--roll-back", "2"), 2, ["--roll-back needs a --reason"]),
        (("--reviewed",), 2, ["--reviewed needs a --reason"]),
        (("--valid-from", "2027-01-01"), 2, ["--roll-back"]),
        (("--roll-back", "9", "--reason", "x"), 2, ["no version 9", "allowed: 1, 2"]),
        (
            ("--roll-back", "2", "--reason", "x", "--valid-from", "soon"),
            2,
            ["not a day", "'soon'", "2026-12-01"],
        ),
        (
            ("--roll-back", "2", "--reason", "x", "--valid-from", "2020-01-01"),
            1,
            ["cannot be in force before this one", "2026-10-01"],
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_mistakes_are_told_and_nothing_is_written(run, demo, options, status, words):
    before = (demo / "agreement.yml").read_bytes()
    found, said, told = run("agree", demo, *options)
    assert found == status, told
    assert not said
    for word in words:
        assert word in told
    assert (demo / "agreement.yml").read_bytes() == before


def test_a_broken_history_is_told_by_its_line(run, demo):
    (demo / "agreements" / "history.yml").write_text("- version: 4\n  reason: 'open\n")
    status, _, told = run("agree", demo, "--history")
    assert status == 1
    assert "agreements/history.yml, line" in told
