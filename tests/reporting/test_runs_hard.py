"""Runs on a bad day: a full disk, two at once, the night the clocks change."""

from __future__ import annotations

import json
import multiprocessing
import resource
import signal
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from smarketing.errors import SmarketingError
from smarketing.fingerprint import file_sha256
from smarketing.folder import Folder
from smarketing.periods import latest_month, week_bounds, week_of
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.job import period_of
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

MONTH = "2025-12"
FIGURES = """\
from pathlib import Path
from IPython.display import display
said = (Path(workspace) / "said").read_text()
figures = {"title": "Acme", "message": said}
display({"text/html": f"<p>{said}</p>" + "<!-- a long page -->" * 5000,
         "application/vnd.smarketing.key-figures+json": figures}, raw=True)
"""


@pytest.fixture
def company(tmp_path):
    place = tmp_path / "acme"
    place.mkdir()
    (place / "sources.yml").write_text("company: Acme\n")
    (place / "agreement.yml").write_text(EXAMPLE)
    (place / "said").write_text("first")
    write_warehouse(
        place / "warehouse.duckdb", made_up_company(leads=60), KNOWN, timezone="Europe/Copenhagen"
    )
    cells = [new_code_cell('workspace = ""\nmonth = ""\nlanguage = "en"'), new_code_cell(FIGURES)]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=cells), place / "small.ipynb")
    return place


def run(place, again=False, kilobytes=0):
    """Render in a process of its own, whose files may not grow beyond some size; 1: it failed."""
    if kilobytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = kilobytes * 1024
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        render_reports(place, MONTH, notebook=Path(place) / "small.ipynb", again=again)
    except SmarketingError as error:
        (Path(place) / "told").write_text(str(error))
        sys.exit(1)


def started(place, **asked):
    process = multiprocessing.get_context("spawn").Process(
        target=run, args=(str(place),), kwargs=asked
    )
    process.start()
    return process


def page_of(place):
    """Return the page, once sure that it belongs to its manifest."""
    page = place / "reports" / f"monthly-{MONTH}.html"
    about = json.loads(page.with_name(f"{page.stem}.manifest.json").read_text())
    assert about["html_sha256"] == file_sha256(page)
    return page.read_text()


@pytest.mark.parametrize("kilobytes", [1, 16, 64])
def test_a_full_disk_leaves_the_last_good_page_and_the_next_run_catches_up(company, kilobytes):
    run(company)
    assert "<p>first</p>" in page_of(company)
    (company / "said").write_text("second")
    starved = started(company, again=True, kilobytes=kilobytes)
    starved.join()
    assert starved.exitcode == 1
    assert "<p>first</p>" in page_of(company)
    told = (company / "told").read_text()
    assert MONTH in told
    assert "Traceback" not in told
    run(company, again=True)
    assert "<p>second</p>" in page_of(company)
    assert not list((company / "reports").glob(".rendering-*"))


def test_of_two_runs_at_once_one_renders_and_the_other_finds_nothing_changed(company):
    runs = [started(company) for _ in range(2)]
    for each in runs:
        each.join()
    assert [each.exitcode for each in runs] == [0, 0]
    lines = [json.loads(line) for line in (company / "reports" / "runs.jsonl").open()]
    assert sorted(line["status"] for line in lines) == ["rendered", "unchanged"]
    assert "<p>first</p>" in page_of(company)


@pytest.mark.parametrize(
    ("until", "month", "week"),
    [
        ("2026-03-29 00:59", "2026-02", "2026-W13"),  # a minute before the clocks go forward
        ("2026-03-29 01:01", "2026-02", "2026-W13"),
        ("2026-03-30 21:59", "2026-02", "2026-W14"),
        ("2026-03-31 21:59", "2026-03", "2026-W14"),  # the last evening, summer time
        ("2026-10-25 00:30", "2026-09", "2026-W43"),  # half past two, for the first time
        ("2026-10-25 01:30", "2026-09", "2026-W43"),  # and for the second
        ("2026-10-31 22:59", "2026-10", "2026-W44"),  # the last evening, winter time
    ],
)
def test_the_latest_period_is_the_local_one_around_the_change_of_clocks(
    tmp_path, until, month, week
):
    path = tmp_path / "warehouse.duckdb"
    leads = made_up_company(leads=30)
    write_warehouse(path, leads, KNOWN, timezone="Europe/Copenhagen", data_until=until)
    with Warehouse.open(path) as warehouse:
        assert latest_month(warehouse, "Europe/Copenhagen") == month
    assert week_of(pd.Timestamp(until), "Europe/Copenhagen") == week
    (tmp_path / "sources.yml").write_text("company: Acme\n")
    (tmp_path / "agreement.yml").write_text(EXAMPLE)
    assert period_of(Folder.open(tmp_path), None, "monthly") == month
    assert period_of(Folder.open(tmp_path), None, "weekly") == week


@pytest.mark.parametrize(
    ("week", "hours"), [("2026-W12", 168), ("2026-W13", 167), ("2026-W43", 169), ("2026-W44", 168)]
)
def test_weeks_of_the_change_of_clocks_have_an_hour_less_or_more(week, hours):
    start, end = week_bounds(week, "Europe/Copenhagen")
    assert (end - start) / pd.Timedelta(hours=1) == hours
