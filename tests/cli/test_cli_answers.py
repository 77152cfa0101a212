"""What the commands answer: one JSON object or words, exit statuses, arguments at their limits."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import typer

from smarketing.cli.shared import app
from smarketing.lock import locked
from smarketing.reporting.runs.exclusive import LOCK
from smarketing.workspace import Workspace
from tests.lock_users import BUSY

COMMANDS = typer.main.get_command(app).commands
ASKED = [  # with what comes first in words
    (("audit",), "column "),
    (("score",), "96 leads scored by the agreed model."),
    (("funnel",), "stage "),
    (("lint",), "axis "),
    (("what-if", "--rule", "Demo request", "--points", "3"), "Of 96 open leads 1 would"),
    (("learn", "--max-lines", "3"), "# Learned from 1,602 rows, known by 2025-12-31"),
    (("export",), "-- Scorecard of agreement version 3"),
    (("export", "--format", "yaml"), "scorecard:"),
    (("export", "--format", "table"), "axis"),
    (("worklist", "--week", "2025-W40"), "rep "),
    (("agree", "--history"), ""),
]
PROGRAM = [sys.executable, "-c", "from smarketing.cli import main; main()"]
AT_THE_LIMIT = [
    (("score", "--as-of", "2199-12-31"), "96 leads scored"),
    (("score", "--as-of", "2025-06-30 12:00"), "leads scored"),
    (("what-if", "--rule", "Demo request", "--points", "0"), "Of 96 open leads"),
    (("what-if", "--rule", "Demo request", "--points", "1000000"), "Of 96 open leads"),
    (("learn", "--max-lines", "1"), "# Learned from"),
    (("learn", "--max-lines", "1000", "--max-points", "1000"), "# Learned from"),
    (("funnel", "--month", "2025-01"), "stage "),
]
DATE = "allowed: 2026-10-31, or with a time, 2026-10-31 12:00, from the year 1900 to 2199."
MONTH = 'allowed: "YYYY-MM", from 1900-01 to 2199-12.'
WEEK = 'allowed: "YYYY-Www", such as 2026-W44, from the year 1900 to 2199.'
PAST_THE_LIMIT = [
    (("score", "--as-of", "9999-12-31"), DATE),
    (("score", "--as-of", "0000-01-01"), DATE),
    (("score", "--as-of", "2026-02-30"), DATE),
    (("score", "--as-of", "now"), DATE),
    (("funnel", "--month", "0000-10"), MONTH),
    (("funnel", "--month", "2025-00"), MONTH),
    (("monitor", "--month", "9999-12"), MONTH),
    (("report", "--month", "9999-12"), MONTH),
    (("report", "--since", "0000-01"), "a month is needed as since; found '0000-01'; " + MONTH),
    (("report", "--kind", "weekly", "--week", "2025-W53"), WEEK),
    (("worklist", "--week", "9999-W52"), WEEK),
    (("worklist", "--week", "2025-W00"), WEEK),
    (("learn", "--max-lines", "0"), "max_lines is out of range; found 0; allowed: 1, 2, 3 … 1000."),
    (("learn", "--max-lines", "1001"), "found 1001; allowed: 1, 2, 3 … 1000."),
    (("learn", "--max-points", "1000000000000"), "max_points is out of range"),
    (("agree", "--roll-back", "-1", "--reason", "x"), "there is no version -1 to go back to"),
    (("score", "--model", ""), "there is no such model; found ''"),
    (("score", "--engine", ""), "--engine names no engine; found ''"),
    (("recommend", "--by", "shoe_size"), "leads have no 'shoe_size' to draw lines by."),
    (("explain", "--lead", ""), "explain needs a lead. Add --lead ID."),
    (("score", "--for", "hubspot"), "--for needs a file to write; found None"),
    (("score", "--for", "hubspot", "-o", "rows.parquet"), "allowed: -o FILE.csv."),
    (("score", "--for", "pipedrive", "-o", "rows.csv"), "allowed: hubspot, salesforce."),
    (("score", "-o", "rows.xlsx"), "found rows.xlsx; allowed: .csv, .parquet."),
    (("learn", "--replace"), "only a card can be written as YAML. Add --keep."),
    (("ingest", "elsewhere"), "one workspace at a time"),
]
MISPLACED = [
    ("score", "-o", "nowhere/rows.csv", "the rows cannot be written: there is no such folder."),
    ("score", "-o", "folder.csv", "the rows cannot be written: this is a folder."),
    ("learn", "-o", "nowhere/card.yml", "the text cannot be written: there is no such folder."),
    ("learn", "-o", ".", "the text cannot be written: this is a folder."),
    ("worklist", "-o", "agreement.yml", "the folder cannot be made: File exists."),
]


def in_words(value):
    """Return the name of a case."""
    return value if isinstance(value, str) else " ".join(value)


def files(folder):
    """Return what a person finds in a workspace; caches and locks are the program's own."""
    return sorted(
        path for path in folder.rglob("*") if not path.relative_to(folder).parts[0].startswith(".")
    )


@pytest.mark.parametrize("arguments", [asked for asked, _ in ASKED], ids=" ".join)
def test_json_is_one_object_on_stdout_and_nothing_else(run, acme, arguments):
    status, out, err = run(arguments[0], acme, *arguments[1:], "--json")
    assert (status, err) == (0, "")
    assert out.endswith("}\n")
    assert out.count("\n") == 1
    assert isinstance(json.loads(out), dict)
    assert re.search(r"\b(NaN|Infinity)\b", out) is None


@pytest.mark.parametrize(("arguments", "begins"), ASKED, ids=in_words)
def test_without_json_the_answer_is_in_words(run, acme, arguments, begins):
    status, out, err = run(arguments[0], acme, *arguments[1:])
    assert (status, err) == (0, "")
    assert out.startswith(begins)
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)


@pytest.mark.parametrize(("arguments", "begins"), AT_THE_LIMIT, ids=in_words)
def test_what_lies_at_the_limit_is_answered(run, acme, arguments, begins):
    status, out, err = run(arguments[0], acme, *arguments[1:])
    assert (status, err) == (0, "")
    assert begins in out.partition("\n")[0]


@pytest.mark.parametrize(("arguments", "says"), PAST_THE_LIMIT, ids=in_words)
def test_what_lies_past_it_is_wrong_usage_told_in_one_sentence(run, acme, arguments, says):
    before = files(acme)
    status, out, err = run(arguments[0], acme, *arguments[1:])
    assert (status, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert files(acme) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Usage: "),
        (("rejoice",), "No such command 'rejoice'."),
        (("score",), "Missing argument 'WORKSPACE'."),
        (("score", "acme", "--rejoice"), "No such option: --rejoice"),
        (("score", "acme", "--as-of"), "Option '--as-of' requires an argument."),
        (("what-if", "acme", "--points", "1.5"), "Invalid value for '--points'"),
        (("report", "acme", "--workers", "-1"), "Invalid value for '--workers'"),
        (("agree", "acme", "--roll-back", "two"), "Invalid value for '--roll-back'"),
    ],
    ids=in_words,
)
def test_what_the_command_line_does_not_know_is_wrong_usage(run, arguments, says):
    status, out, err = run(*arguments)
    assert status == 2
    assert says in out + err
    assert "Traceback" not in err


@pytest.mark.parametrize(("command", "option", "to", "says"), MISPLACED)
def test_a_place_that_cannot_be_written_is_told_with_status_1(
    run, acme, monkeypatch, command, option, to, says
):
    monkeypatch.chdir(acme)
    (acme / "folder.csv").mkdir()
    before = files(acme)
    status, out, err = run(command, acme, option, to)
    assert (status, out) == (1, "")
    assert err == f"{to}: {says}\n"
    assert files(acme) == before


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_rows_are_written_whole_beside_what_is_said(run, acme, tmp_path, name):
    status, out, _ = run("score", acme, "-o", tmp_path / name, "--json")
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}[Path(name).suffix]
    assert (status, len(read(tmp_path / name))) == (0, json.loads(out)["n"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme", name]


def test_a_time_of_the_day_is_that_time_and_a_day_its_end(run, acme):
    seen = []
    for text in ("2025-06-30", "2025-06-30 12:00", "2025-06-30T12:00Z"):
        _, out, _ = run("score", acme, "--as-of", text, "--json")
        seen.append(json.loads(out)["as_of"])
    assert seen == ["2025-06-30T22:00:00", "2025-06-30T10:00:00", "2025-06-30T12:00:00"]


def test_the_demo_takes_no_file_for_a_folder(run, tmp_path):
    (tmp_path / "notes").write_text("mine")
    status, out, err = run("demo", tmp_path / "notes")
    assert (status, out) == (2, "")
    assert "this is a file, and no folder" in err
    assert (tmp_path / "notes").read_text() == "mine"


def test_every_problem_is_one_line_on_stderr_and_the_work_failed(run, acme):
    text = (acme / "agreement.yml").read_text()
    (acme / "agreement.yml").write_text(text + "colour: red\nsmell: sweet\n")
    status, out, err = run("lint", acme, "--json")
    assert (status, out) == (1, "")
    assert [line.partition(",")[0] for line in err.splitlines()] == ["agreement.yml"] * 2


@pytest.mark.parametrize("command", ["audit", "lint", "export"])
def test_who_stops_a_command_gets_status_130(run, acme, monkeypatch, command):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, command, stopped)
    status, out, err = run(command, acme)
    assert (status, out) == (130, "")
    assert "Traceback" not in err


def test_a_report_stopped_while_it_waits_for_another_ends_with_status_130(acme):
    (acme / "reports").mkdir()
    with (
        locked(acme / "reports" / LOCK, 0, BUSY, "nothing can be done"),
        subprocess.Popen([*PROGRAM, "report", acme], stderr=subprocess.PIPE, text=True) as report,
    ):
        try:
            assert report.stderr.readline() == (
                "Another run is at work here; waiting for it to end …\n"
            )
            report.send_signal(signal.SIGINT)
            _, err = report.communicate(timeout=60)
        finally:
            report.kill()
    assert report.returncode == 130
    assert "Traceback" not in err


def test_a_reader_who_has_seen_enough_is_told_nothing(acme):
    command = [*PROGRAM, "export", acme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as export:
        export.stdout.close()
        err = export.stderr.read()
    assert (export.returncode, err) == (1, b"")


def test_every_summary_fits_its_line_of_the_help(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, _ = run("--help")
    assert status == 0
    lines = {line.split()[0]: line for line in out.partition("Commands:")[2].splitlines() if line}
    assert lines.keys() == COMMANDS.keys()
    for name, command in COMMANDS.items():
        summary = command.help.partition("\n\n")[0].replace("\n", " ").rstrip(".")
        assert summary.startswith(lines[name].split(maxsplit=1)[1].rstrip(".")), name
        assert len(lines[name]) <= 80


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_examples_of_the_help_are_commands_that_can_be_run(run, name):
    _, out, _ = run(name, "--help")
    examples = re.findall(r"smarketing ((?:[^;\n]|\n +)+)", out.partition("Example: ")[2])
    assert examples
    for example in examples:
        called, *arguments = shlex.split(example.partition(" > ")[0])
        assert called in COMMANDS
        COMMANDS[called].make_context(called, arguments)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_says_what_it_is_for(run, name):
    status, out, _ = run(name, "--help")
    assert status == 0
    assert "One JSON object on stdout, nothing else." in " ".join(out.split())


def test_a_review_is_noted_with_its_day_in_json(run, acme, monkeypatch):
    monkeypatch.setattr(Workspace, "today", date(2026, 11, 2))
    status, out, _ = run("agree", acme, "--reviewed", "--reason", "left as it is", "--json")
    assert status == 0
    answer = json.loads(out)
    assert (answer["reviewed"], answer["note"]) == ("2026-11-02", "left as it is")
    assert date.fromisoformat(answer["next"]) > date(2026, 11, 2) + timedelta(days=60)


def test_the_engine_of_the_environment_is_asked(run, acme, monkeypatch):
    monkeypatch.setitem(os.environ, "SMARKETING_ENGINE", "abacus://")
    status, _, err = run("score", acme)
    assert (status, "'abacus://…'" in err) == (2, True)
