"""All notebooks: their form, nbval on the demo, and the report they render into."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import papermill
import pytest

from smarketing.reporting.runs.notebook import NOTEBOOKS
from tests.conftest import ONE_WORKER

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [book.stem for book in BOOKS]


def test_the_eight_notebooks_are_there():
    assert NAMES == [
        "1_audit",
        "2_scorecard",
        "3_models",
        "4_thresholds",
        "5_sla",
        "6_closed_loop",
        "monthly_report",
        "weekly_meeting",
    ]
    assert set(NOTEBOOKS.values()) <= set(NAMES)


@pytest.mark.parametrize("book", BOOKS, ids=NAMES)
def test_a_notebook_is_thin_and_stored_clean(book):
    cells = nbformat.read(book, as_version=4).cells
    assert papermill.inspect_notebook(str(book))["workspace"]["default"] == '"data/demo"'
    ids = [cell.id for cell in cells]
    assert len(set(ids)) == len(ids)
    assert not [cell_id for cell_id in ids if re.fullmatch(r"[0-9a-f]{8}", cell_id)], "random ids"
    checked = 0
    for cell in (cell for cell in cells if cell.cell_type == "code"):
        assert len(cell.source.splitlines()) <= 20, cell.id
        assert not cell.source.rstrip().endswith(";"), cell.id
        assert "raises-exception" not in cell.metadata.get("tags", [])
        if "NBVAL_CHECK_OUTPUT" in cell.source:
            checked += 1
            assert cell.outputs, f"{cell.id} is checked against nothing"
            assert cell.execution_count, f"{cell.id}: nbval skips what was never run"
            assert all(output.output_type == "stream" for output in cell.outputs)
        else:
            assert not cell.outputs, f"{cell.id} keeps an output nobody checks"
            assert cell.execution_count is None
    assert checked >= 1


@pytest.mark.parametrize("book", BOOKS, ids=NAMES)
def test_a_notebook_runs_on_the_demo_and_says_the_same(book, demo):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"),
            *("--nbval-cell-timeout=600", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *("-c", os.devnull, f"--rootdir={ROOT}", str(book)),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@ONE_WORKER
@pytest.mark.parametrize("kind", ["monthly", "weekly"])
def test_a_report_is_one_file_without_code_network_or_traceback(kind, request):
    html = request.getfixturevalue(kind).html.read_text()
    assert html.count("<h1>") == 1
    assert not re.search(r"<(script|iframe|link|object|embed|form)\b", html)
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", html)
    assert not re.search(r"url\((?!#)", html)
    shown = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    for hidden in (
        "Traceback",
        "NBVAL",
        "import ",
        "In&nbsp;[",
        str(ROOT),
        "<NA>",
        "nan %",
        "None",
    ):
        assert hidden not in shown, hidden
    assert len(html) < 1_500_000


@ONE_WORKER
def test_the_monthly_report_holds_what_leadership_asks(monthly):
    html = monthly.html.read_text()
    for asked in (
        "Marketing promised",
        "Sales promised",
        "This year",
        "What changed",
        "We recommend",
        "Counted both ways",
        "Agreed scorecard",
        "Boosted model",
        "What each would give in a month",
        "Can be promised",
        "Where the numbers come from",
        "fingerprint",
        "Models trained on",
    ):
        assert asked in html, asked
    assert "alert(1)&lt;/script&gt; &amp; Søn" in html


@ONE_WORKER
def test_every_figure_is_told_in_words(monthly):
    figures = re.findall(r"<svg[^>]*>", monthly.html.read_text())
    assert len(figures) >= 6
    for figure in figures:
        words = re.search(r'aria-label="([^"]+)"', figure)
        assert words, figure[:200]
        assert len(words[1]) > 30


@ONE_WORKER
def test_headings_are_in_order(monthly):
    levels = [int(n) for n in re.findall(r"<h([1-6])\b", monthly.html.read_text())]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@ONE_WORKER
def test_counts_on_the_page_add_up(monthly):
    about = json.loads(monthly.manifest.read_text())
    figures = about["key_figures"]
    by = {(p["name"], p["basis"]): p for p in figures["promises"]}
    ready = by["sales_ready", "calendar"]["delivered"]
    for name in ("first_contact", "follow_up", "disposition"):
        promise = by[name, "cohort"]
        assert promise["n"] + promise["pending"] == ready, name
    accepted = by["acceptance", "cohort"]  # what sales did not answer is in neither
    assert accepted["k"] <= accepted["n"] < ready - accepted["pending"]
    stages = {row["stage"]: row for row in figures["stages"]}
    assert stages["mql"]["calendar"] == by["mqls", "calendar"]["delivered"]
    path = ["lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer"]
    cohort = [stages[stage]["cohort"] for stage in path]
    assert cohort == sorted(cohort, reverse=True)
    assert figures["provenance"]["rows"]["leads"]["accepted"] > 5000


@ONE_WORKER
def test_the_manifest_says_what_the_page_was_made_from(monthly):
    about = json.loads(monthly.manifest.read_text())
    assert about["workspace"] == "demo"
    assert about["period"] == "2026-10"
    assert len(about["inputs"]["data_fingerprint"]) == 64
    assert about["inputs"]["agreement_version"] == 3
    assert about["parameters"]["month"] == "2026-10"
    assert {"pandas", "duckdb", "scikit-learn", "python"} <= set(about["versions"])
    assert about["run"]["seconds"] > 0
    assert all(about["key_figures"]["cannot"].values())


@ONE_WORKER
def test_the_weekly_page_lists_leads_by_id_with_what_to_do(weekly):
    html = weekly.html.read_text()
    figures = json.loads(weekly.manifest.read_text())["key_figures"]
    assert figures["late"]
    shown = re.sub(r"<[^>]+>", " ", html)
    for lead in figures["late"][:15]:
        assert str(lead) in shown
    assert "What to do" in html
    assert "@" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
