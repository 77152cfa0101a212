"""Runs that nobody watches: what is missing or changed, side by side, logged, and indexed."""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from smarketing.cli import main
from smarketing.errors import SmarketingError
from smarketing.reporting.pages.index import read_entries, write_index
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.exclusive import LOCK, one_run_at_a_time
from smarketing.reporting.runs.failure import tell
from smarketing.reporting.runs.restated import restated, restated_note
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

PARAMETERS = 'workspace = "data/demo"\nmonth = ""\nlanguage = "en"'
FIGURES = """\
from IPython.display import display
kind = "application/vnd.smarketing.key-figures+json"
customers = {"2025-05": 4, "2025-06": 5}.get(month, 6)
promise = {"side": "sales", "name": "customers", "basis": "calendar", "unit": "number",
           "promised": 5, "delivered": customers, "verdict": "kept" if customers > 4 else "broken"}
figures = {"title": "Acme · Report", "message": f"{customers} <b>customers</b> in {month}",
           "text": f"text of {month}", "promises": [promise], "agreement_version": 1,
           "data_until": "2025-12-31T22:00:00", "stages": [{"stage": "lead", "calendar": 10}]}
display({"text/html": f"<p>{month}</p>", kind: figures}, raw=True)
"""
FAILING = "if month == '2025-07':\n    raise RuntimeError('no')\n" + FIGURES


@pytest.fixture
def company(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "sources.yml").write_text("company: Acme\n")
    (folder / "agreement.yml").write_text(EXAMPLE)
    leads = made_up_company(leads=60)
    write_warehouse(folder / "warehouse.duckdb", leads, KNOWN, timezone="Europe/Copenhagen")
    return folder


def book(folder, source=FIGURES):
    cells = [new_code_cell(PARAMETERS), new_code_cell(source)]
    cells[0].metadata["tags"] = ["parameters"]
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def lines(company):
    return [json.loads(line) for line in (company / "reports" / "runs.jsonl").open()]


def test_what_was_missed_is_caught_up_and_what_did_not_change_stays(company, tmp_path):
    small = book(tmp_path)

    def run(**asked):
        return [(r.month, r.status) for r in render_reports(company, notebook=small, **asked)]

    assert run(month="2025-10") == [("2025-10", "rendered")]
    assert run() == [("2025-11", "rendered"), ("2025-12", "rendered")]
    assert run() == [("2025-12", "unchanged")]
    assert run(month="2025-10") == [("2025-10", "unchanged")]
    assert run(month="2025-10", again=True) == [("2025-10", "rendered")]

    page = company / "reports" / "monthly-2025-10.html"
    page.write_text("cut off")
    assert run(since="2025-10") == [
        ("2025-10", "rendered"),
        ("2025-11", "unchanged"),
        ("2025-12", "unchanged"),
    ]
    with (company / "agreement.yml").open("a") as file:
        file.write("# a remark\n")
    assert run() == [("2025-12", "rendered")]
    assert [line["status"] for line in lines(company)].count("unchanged") == 4
    assert (company / "reports" / "monthly-2025-10.txt").read_text() == "text of 2025-10\n"


def test_one_month_that_fails_does_not_stop_the_others(company, tmp_path):
    seen = []
    with pytest.raises(
        SmarketingError, match=r"monthly-2025-07 was not rendered.*RuntimeError: no"
    ):
        render_reports(
            company,
            since="2025-06",
            notebook=book(tmp_path, FAILING),
            workers=2,
            plan=lambda jobs: seen.append(len(jobs)),
            done=lambda job, made: seen.append((job.period, made is not None)),
        )
    months = [f"2025-{month:02}" for month in range(6, 13)]
    assert seen[0] == 7
    assert sorted(seen[1:]) == [(month, month != "2025-07") for month in months]
    reports = company / "reports"
    assert sorted(p.name for p in reports.glob("monthly-*.html")) == [
        f"monthly-{month}.html" for month in months if month != "2025-07"
    ]
    (failed,) = [line for line in lines(company) if line["status"] == "failed"]
    assert failed["period"] == "2025-07"
    assert failed["page"] is None
    assert "RuntimeError: no" in failed["error"]
    index = (reports / "index.html").read_text()
    assert "Monthly 2025-07 (en) has no page" in index
    assert "<b>customers</b>" not in index
    assert "&lt;b&gt;customers" in index


def test_the_index_tells_of_every_page_and_of_runs_that_failed(company, tmp_path):
    render_reports(company, since="2025-05", notebook=book(tmp_path), workers=1)
    with pytest.raises(SmarketingError):
        render_reports(company, month="2025-07", notebook=book(tmp_path, FAILING))
    entries = read_entries(company / "reports")
    assert [e.period for e in entries] == [f"2025-{month:02}" for month in range(12, 4, -1)]
    assert [e.figures["customers"] for e in entries] == [6, 6, 6, 6, 6, 6, 5, 4]
    assert [(e.kept, e.broken) for e in entries[-2:]] == [(1, 0), (0, 1)]
    assert [e.period for e in entries if "RuntimeError" in e.failed] == ["2025-07"]
    index = company / "reports" / "index.html"
    text = index.read_text()
    assert text.count("<tr data-text") == 8
    assert 'href="monthly-2025-05.html"' in text
    assert len(re.findall("<rect", text)) == 8  # one figure is known, of eight months
    before = index.read_bytes()
    write_index(company / "reports")
    assert index.read_bytes() == before


def test_an_index_that_cannot_be_written_is_told_and_the_page_stays(company, tmp_path):
    (company / "reports" / "index.html").mkdir(parents=True)
    with pytest.raises(SmarketingError, match="the index or a PDF cannot be written"):
        render_reports(company, month="2025-06", notebook=book(tmp_path))
    assert (company / "reports" / "monthly-2025-06.html").is_file()


def test_an_index_without_pages_says_so(tmp_path):
    assert "No report is published yet" in write_index(tmp_path).read_text()


def manifest(fingerprint, leads, customers, told=()):
    return {
        "inputs": {"data_fingerprint": fingerprint},
        "restated": list(told),
        "key_figures": {
            "data_until": "2025-06-30T22:00:00",
            "stages": [{"stage": "lead", "calendar": leads}, {"stage": "visitor", "calendar": 9}],
            "promises": [
                {"name": "customers", "basis": "calendar", "delivered": customers},
                {"name": "customers", "basis": "cohort", "delivered": leads},
            ],
        },
    }


@pytest.mark.parametrize(
    ("before", "now", "names"),
    [
        (None, manifest("b", 10, 4), []),
        (manifest("a", 10, 4), manifest("b", 10, 4), []),
        (manifest("a", 10, 3), manifest("b", 10, 4), ["customers"]),
        (manifest("a", 9, 3), manifest("b", 10, 4), ["leads", "customers"]),
        # the same data again: what was told stays, and nothing is told anew
        (manifest("b", 9, 3, [{"name": "kept"}]), manifest("b", 10, 4), ["kept"]),
    ],
)
def test_what_late_data_changed_is_restated(before, now, names):
    told = restated(before, now["key_figures"], now["inputs"])
    assert [change["name"] for change in told] == names


def test_a_restatement_says_from_what_to_what():
    before, now = manifest("a", 10, 3), manifest("b", 10, 4)
    note = restated_note(restated(before, now["key_figures"], now["inputs"]))
    said = "with data to 30 Jun 2025, late data changed: customers 3 → 4."
    assert said in note.markup.replace("\u00a0", " ")
    assert restated_note([]) is None


def hold(folder, seconds):
    with one_run_at_a_time(folder):
        (folder / ".rendering-x").mkdir()
        (folder / "held").touch()
        time.sleep(seconds)


@pytest.mark.parametrize("killed", [False, True])
def test_a_second_run_waits_for_the_first_and_clears_up_after_a_killed_one(tmp_path, killed):
    process = multiprocessing.get_context("spawn").Process(target=hold, args=(tmp_path, 60))
    process.start()
    while not (tmp_path / "held").exists():
        time.sleep(0.02)
    try:
        with (
            pytest.raises(SmarketingError, match="another run has been at work"),
            one_run_at_a_time(tmp_path, patience=0.1),
        ):
            pytest.fail("two at once")
        if killed:
            process.kill()
            process.join()
            with one_run_at_a_time(tmp_path, patience=10):
                assert sorted(p.name for p in tmp_path.iterdir()) == [LOCK, "held"]
    finally:
        process.kill()


def test_a_failure_is_told_by_a_command_without_a_shell(tmp_path, capfd):
    out = tmp_path / "told"
    code = "import os, sys; open(sys.argv[1], 'w').write(os.environ['SMARKETING_ERROR'])"
    tell(f"{sys.executable} -c {json.dumps(code)} {out}", "acme", "$(touch x); it broke")
    assert out.read_text() == "$(touch x); it broke"
    for wrong in ("no-such-command-here", "false", "'unclosed", " "):
        tell(wrong, "acme", "it broke")
        assert "did not work" in capfd.readouterr().err


def test_the_command_line_tells_a_failure_and_ends_with_status_1(company, monkeypatch, capsys):
    shutil.rmtree(company / "reports", ignore_errors=True)
    told = company / "told"
    (company / "agreement.yml").write_text("version: [")
    command = f"{sys.executable} -c \"open('{told}', 'w')\""
    arguments = ["smarketing", "report", str(company), "--on-failure", command]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    said = capsys.readouterr().err
    assert "agreement.yml, line 1" in said
    assert "did not work" not in said
    assert told.exists()
