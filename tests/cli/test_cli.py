"""The commands: their JSON keeps its keys, their mistakes are told in words, --help shows how."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from smarketing.agreement.load import check_agreement
from smarketing.cli.shared import app
from smarketing.warehouse.ingesting.run import ingest

DEMO = Path(__file__).parents[2] / "data" / "demo"
COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)

KEYS = {
    ("audit",): {"leaks", "open", "immature", "tables"},
    ("score", "--model", "agreed"): {"n", "grades"},
    ("funnel",): {"stages", "rates", "velocity", "sla", "claims", "campaigns"},
    ("export",): {"text"},
    ("export", "--model", "card", "--format", "table"): {"text"},
    ("score", "--model", "card"): {"n", "grades"},
    ("lint",): {"findings", "rules"},
    ("what-if", "--rule", "Demo request", "--points", "15"): {"leads", "regraded", "grades"},
    ("learn", "--max-lines", "5"): {"scorecard", "grades", "lines", "rows", "target"},
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("commands") / "data" / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("warehouse*", "rejects"))
    ingest(folder)
    return folder


@pytest.mark.parametrize("arguments", sorted(KEYS), ids=" ".join)
def test_json_is_one_object_with_the_agreed_keys(run, demo, arguments):
    command, *options = arguments
    status, said, _ = run(command, demo, *options, "--json")
    assert status == 0
    assert KEYS[arguments] <= json.loads(said).keys()


def test_ingest_counts_every_table(run, demo):
    status, said, _ = run("ingest", demo, "--json")
    assert status == 0
    tables = json.loads(said)["tables"]
    assert {"leads", "events", "stages", "deals", "campaigns", "spend", "visits"} <= tables.keys()
    assert all({"accepted", "rejected"} <= counts.keys() for counts in tables.values())


def test_scores_are_written_as_rows(run, demo, tmp_path):
    status, said, _ = run(
        "score", demo, "--json", "--as-of", "2026-06-30", "-o", tmp_path / "s.csv"
    )
    assert status == 0
    rows = pd.read_csv(tmp_path / "s.csv")
    assert len(rows) == json.loads(said)["n"] > 100
    assert {"lead_id", "score", "grade"} <= set(rows.columns)


def test_a_lead_is_explained_with_the_score_it_has_in_the_rows(run, demo, tmp_path):
    run("score", demo, "-o", tmp_path / "s.csv")
    best = pd.read_csv(tmp_path / "s.csv", dtype={"lead_id": str}).iloc[0]
    status, said, _ = run("explain", demo, "--lead", best.lead_id, "--json")
    told = json.loads(said)
    assert status == 0
    assert sum(row["points"] for row in told["breakdown"]) == pytest.approx(best.score)
    assert (told["score"], told["grade"]) == (best.score, best.grade)
    assert told["history"][-1]["score"] == best.score
    assert told["trend"]["trend"] in {"new", "rising", "falling", "steady"}


def test_a_learned_card_is_written_as_the_agreement_takes_it(run, demo, tmp_path):
    status, said, _ = run("learn", demo, "--max-lines", "6", "-o", tmp_path / "learned.yml")
    assert status == 0
    assert "learned.yml" in said
    learned = YAML(typ="safe").load(tmp_path / "learned.yml")
    content = YAML(typ="safe").load(demo / "agreement.yml")
    agreed = check_agreement({**content, **learned})
    rules = [*agreed.scorecard.fit.rules, *agreed.scorecard.engagement.rules]
    assert 2 < len(rules) <= 6
    assert agreed.grades.fit["A"] > agreed.grades.fit["B"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(run, command):
    status, said, _ = run(command, "--help")
    assert status == 0
    assert f"Example: smarketing {command}" in said


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "demo"])
def test_a_missing_workspace_is_wrong_usage(run, tmp_path, command):
    needed = {"forget": ("--lead", "1"), "explain": ("--lead", "1")}.get(command, ())
    status, said, told = run(command, tmp_path / "nowhere", *needed)
    assert status == 2
    assert "nowhere" in told
    assert not said


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("report", "--month", "2026-13"), 2, ["month", "'2026-13'", "YYYY-MM"]),
        (("report", "--month", "1999-01"), 2, ["1999-01", "2024-11", "2026-10"]),
        (("report", "--kind", "yearly"), 2, ["kind", "yearly", "monthly, weekly"]),
        (("report", "--language", "xx"), 2, ["language", "xx", "en"]),
        (("funnel", "--month", "1999-01"), 1, ["1999-01", "2024-11", "2026-10"]),
        (("score", "--as-of", "yesterday-ish"), 2, ["as-of", "yesterday-ish", "2026-10-31"]),
        (("score", "--model", "crystal_ball"), 2, ["crystal_ball", "agreed", "boosted"]),
        (("compare", "--line", "xyz"), 2, ["line", "xyz", "sql, mql"]),
        (("explain",), 2, ["--lead"]),
        (("explain", "--lead", "nobody"), 2, ["nobody"]),
        (("what-if", "--rule", "Demo request"), 2, ["--points"]),
        (("what-if", "--rule", "Demo", "--points", "1"), 2, ["'Demo'", "Demo request"]),
        (("learn", "--max-lines", "0"), 2, ["max_lines", "0"]),
        (("learn", "-o", "agreement.yml"), 2, ["agreement.yml", "another file"]),
        (("export", "--model", "boosted"), 2, ["boosted", "agreed, card"]),
        (("export", "--dialect", "klingon"), 2, ["dialect", "klingon", "duckdb"]),
        (("export", "--format", "xml"), 2, ["format", "xml", "sql, yaml, table"]),
        (("agree", "--accept"), 2, ["--accept", "--reason"]),
        (("agree", "--reason", "why not"), 2, ["--reason", "--accept"]),
        (("agree",), 1, ["proposal", "smarketing recommend"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_mistakes_are_told_in_words(run, demo, arguments, status, words):
    command, *options = arguments
    found, said, told = run(command, demo, *options)
    assert found == status, told
    assert not said
    assert "Traceback" not in told
    for word in words:
        assert word in told


def test_an_agreement_with_mistakes_tells_them_all(run, demo, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demo, folder)
    text = (folder / "agreement.yml").read_text()
    (folder / "agreement.yml").write_text(
        text.replace("confidence: 0.8", "confidence: 80", 1).replace(
            "currency: DKK", "currency: DKR"
        )
    )
    status, _, told = run("compare", folder)
    assert status == 1
    assert len(told.splitlines()) == 2
    assert all(line.startswith("agreement.yml, line ") for line in told.splitlines())


def test_demo_refuses_a_folder_with_other_files(run, tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    status, _, told = run("demo", tmp_path)
    assert status == 2
    assert "other files" in told
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]
