"""Runs of notebooks into published pages: whole, or the last good one stays."""

from __future__ import annotations

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from smarketing.errors import CannotAnswer, SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.reporting.runs.batch import render_reports
from smarketing.reporting.runs.exclusive import LOCK
from smarketing.reporting.runs.job import period_of
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

PARAMETERS = 'workspace = "data/demo"\nmonth = ""\nlanguage = "en"'
HAND_OVER = """\
from IPython.display import display
kind = "application/vnd.smarketing.key-figures+json"
display({"text/html": f"<p>{month}</p>", kind: {"title": "T", "leads": 3}}, raw=True)
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Return a workspace of the made-up company: 2025, twelve months."""
    folder = tmp_path_factory.mktemp("kept") / "data" / "acme {x}"
    folder.mkdir(parents=True)
    (folder / "sources.yml").write_text("company: Acme\n")
    (folder / "agreement.yml").write_text(EXAMPLE)
    write_warehouse(
        folder / "warehouse.duckdb",
        made_up_company(leads=120),
        KNOWN,
        timezone="Europe/Copenhagen",
    )
    return folder


def report(folder, *sources):
    cells = [new_code_cell(PARAMETERS), *(new_code_cell(source) for source in sources)]
    cells[0].metadata["tags"] = ["parameters"]
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def rendered(company, month, **asked):
    (report,) = render_reports(company, month, again=True, **asked)
    return report


def test_a_report_is_a_page_and_a_manifest(company, tmp_path):
    out = tmp_path / "re{ports}"
    book = report(tmp_path, HAND_OVER)
    first = rendered(company, "2025-06", out=out, notebook=book)
    assert sorted(p.name for p in out.iterdir() if p.name != LOCK) == [
        "index.html",
        "monthly-2025-06.html",
        "monthly-2025-06.manifest.json",
        "runs.jsonl",
    ]
    page = first.html.read_bytes()
    assert b"<p>2025-06</p>" in page
    about = json.loads(first.manifest.read_text())
    assert about["key_figures"]["leads"] == 3
    assert about["parameters"] == {"workspace": "acme {x}", "month": "2025-06", "language": "en"}
    assert about["inputs"]["data_fingerprint"] == "0" * 64
    assert about["versions"]["pandas"]
    assert str(company.parent) not in first.html.read_text() + first.manifest.read_text()
    assert first.to_dict()["status"] == "rendered"

    rendered(company, "2025-06", out=out, notebook=book)
    assert first.html.read_bytes() == page
    again = json.loads(first.manifest.read_text())
    assert {**again, "run": None} == {**about, "run": None}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", r"cell 3 at `1 / 0` stopped with ZeroDivisionError"),
        (
            "from smarketing.errors import CannotAnswer as No\nraise No('there are no deals')",
            "2025-06 was not rendered: there are no deals",
        ),
        ("import sys\nsys.exit(0)", "did not complete"),
        ("import os\nos._exit(1)", "died"),
        ("import time\ntime.sleep(30)", "longer than 8 seconds"),
        ("x = 1", "without handing over its key figures"),
    ],
)
def test_a_failed_run_keeps_the_last_good_report_and_the_notebook(
    company, tmp_path, source, message, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("smarketing.reporting.runs.notebook.CELL_SECONDS", 8)
    good = {"monthly-2025-06.html": "good page", "monthly-2025-06.manifest.json": "good"}
    for name, text in good.items():
        (tmp_path / name).write_text(text)
    book = report(tmp_path, source)
    with pytest.raises(SmarketingError, match=message) as caught:
        rendered(company, "2025-06", out=tmp_path, notebook=book)
    assert "failed/monthly-2025-06.ipynb" in str(caught.value)
    assert (tmp_path / "failed" / "monthly-2025-06.ipynb").is_file()
    for name, text in good.items():
        assert (tmp_path / name).read_text() == text
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".") and p.name != LOCK]


def test_the_kernel_is_this_python_with_compiled_bytecode(company, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    kernels = tmp_path / "share" / "kernels" / "python3"
    kernels.mkdir(parents=True)
    (kernels / "kernel.json").write_text(
        json.dumps(
            {"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}
        )
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    ask = "import sys\nassert sys.executable == %r\nassert not sys.dont_write_bytecode"
    book = report(tmp_path, ask % os.sys.executable, HAND_OVER)
    assert rendered(company, "2025-06", out=tmp_path, notebook=book).status == "rendered"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"month": "2025-6"}, "a month is needed"),
        ({"month": "2019-01"}, "says nothing of that month.*2025-01-0. to 2025-12"),
        ({"month": "2026-03"}, "says nothing of that month"),
        ({"kind": "weekly", "week": "2025-W60"}, "a week is needed"),
        ({"kind": "weekly", "week": "2031-W01"}, "says nothing of that week"),
        ({"kind": "yearly"}, "monthly, weekly"),
        ({"month": "2025-06", "language": "tlh"}, "allowed: en, da"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(company, tmp_path, asked, message):
    with pytest.raises(UsageError, match=message):
        render_reports(company, out=tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": "weekly", "month": "2025-06"}, "takes a week"),
        ({"week": "2025-W10"}, "weekly pages"),
        ({"month": "2025-06", "since": "2025-05"}, "not both"),
        ({"since": "2026-05"}, "the data ends before"),
    ],
)
def test_periods_that_do_not_fit_together_are_refused(company, asked, message):
    with pytest.raises(UsageError, match=message):
        render_reports(company, **asked)


def test_the_latest_period_is_taken_where_none_is_named(company):
    place = Folder.open(company)
    assert period_of(place, None, "monthly") == "2025-12"
    assert period_of(place, "", "weekly") == "2026-W01"


def test_tables_without_dates_have_a_report_of_all_leads_and_none_of_a_month(tmp_path):
    folder = tmp_path / "data" / "undated"
    folder.mkdir(parents=True)
    (folder / "sources.yml").write_text("company: Undated\n")
    (folder / "agreement.yml").write_text(EXAMPLE)
    leads = made_up_company(leads=50)["leads"].drop(columns="created_at").assign(outcome=True)
    write_warehouse(folder / "warehouse.duckdb", {"leads": leads}, KNOWN)
    place = Folder.open(folder)
    assert period_of(place, None, "monthly") == "undated"
    for period, kind in [("2025-06", "monthly"), (None, "weekly")]:
        with pytest.raises(CannotAnswer, match="no dates"):
            period_of(place, period, kind)
