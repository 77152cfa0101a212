"""The monthly page in another language: no word of its own is left in English."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from pseudo import LANGUAGE, speaking_pseudo, untranslated

from smarketing.folder import Folder
from smarketing.reporting.pages.monthly import MonthlyPage, monthly_report
from smarketing.reporting.runs.notebook import NOTEBOOKS, notebook_path
from smarketing.reporting.runs.restated import restated_note
from tests.conftest import ONE_WORKER

pytestmark = [
    ONE_WORKER,  # on the cache of the rendered pages
    pytest.mark.filterwarnings("ignore:Glyph"),  # no font has to have the made-up letters
]

_CELL = re.compile(r"report\.(\w+)\(\)")
_BOOK = nbformat.read(notebook_path(NOTEBOOKS["monthly"]), as_version=4)
SECTIONS = ["first_screen", *(m[1] for c in _BOOK.cells if (m := _CELL.fullmatch(c.source)))]

NAMES = {
    "campaigns": ("campaign_id", "name"),
    "deals": ("deal_id",),
    "events": ("subject",),
    "leads": ("lead_id", "source"),
    "stages": ("reason",),
}
"""Columns of the warehouse that a page shows as they are."""


@pytest.fixture(scope="module")
def report(demo: Path) -> MonthlyPage:
    with speaking_pseudo():
        return monthly_report(Folder.open(demo), "2026-10", LANGUAGE)


@pytest.fixture(scope="module")
def names(demo: Path, report: MonthlyPage) -> set[str]:
    """Return what the data and the agreement call their own."""
    agreed = report.agreement
    found = {report.company, agreed.currency, agreed.timezone, *agreed.personas}
    found |= set(agreed.handover.required_fields) | set(agreed.handover.reject_reasons)
    for stage in agreed.stages.values():
        found |= {stage.owner or "", stage.expected or ""}
    for goal in agreed.goals:
        found |= {goal.name, goal.name[0].lower() + goal.name[1:], goal.owner}
    for axis in (agreed.scorecard.fit, agreed.scorecard.engagement):
        found |= {rule.name for rule in axis.rules}
    with Folder.open(demo).warehouse() as warehouse:
        found |= set(warehouse.columns().column_name)
        for table, columns in NAMES.items():
            for column in columns:
                rows = warehouse.table(table).select(column).distinct().execute()
                found |= set(rows[column].dropna().astype(str))
    found |= set(report.comparison.importances.feature) | set(report.watch.drift.column)
    return found | {name.replace("_", " ") for name in found}


def _of_sources(report: MonthlyPage) -> set[str]:
    """Return what only those who made the page know: its tables, program and fingerprint."""
    about = report.provenance
    return {*about["rows"], "smarketing", about["fingerprint"][:16]}


def test_the_page_has_the_sections_of_the_notebook():
    called = [cell.source for cell in _BOOK.cells if cell.source.startswith("report.")]
    assert len(SECTIONS) == 1 + len(called) > 10


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_says_nothing_in_english(report, names, section):
    with speaking_pseudo():
        html = getattr(report, section)().markup
    known = names
    if section in {"data_quality", "provenance_section"}:
        known = names | _of_sources(report)
    assert untranslated(html, (name for name in known if name in _plain(html))) == []


def _plain(html: str) -> str:
    return (
        html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("&#39;", "'")
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_in_danish_leaves_no_place_unfilled(report, section):
    html = getattr(replace(report, language="da"), section)().markup
    assert not re.findall(r"\{\w+\}", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))


def test_the_page_speaks_danish_where_it_is_asked_to(report):
    danish = replace(report, language="da")
    assert "Salg og marketing, oktober 2026" in danish.title
    advice = danish.advice.replace("\u00a0", " ")
    assert re.match(r"Hæv MQL-grænsen fra \d+ til \d+: \d+ salgsklare leads om måneden", advice)
    assert re.search(r"Dækningsbidrag \+\d\.\d{3} kr\. \([\d.]+ til [\d.]+\) om måneden\.", advice)
    assert "data til 31. okt. 2026." in danish.to_dict()["text"]
    goals = danish.goals().markup.replace("\u00a0", " ")
    assert "2,40 mio. kr. senest 30. sep. 2027" in goals
    assert "Ordliste" in danish.glossary().markup


def test_what_was_restated_is_said_in_the_language_of_the_page():
    change = {"name": "customers", "before": 3, "now": 4, "data_until": "2025-06-30T00:00:00"}
    with speaking_pseudo():
        assert untranslated(restated_note([change], LANGUAGE).markup) == []
    danish = restated_note([change], "da").markup.replace("\u00a0", " ")
    assert "med data til 30. jun. 2025, har sent ankomne data ændret: kunder 3 → 4." in danish
