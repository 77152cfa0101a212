"""One number: what two places print under the same key has the same value everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import smarketing
from smarketing.measures.catalogue import MEASURES
from smarketing.measures.count import BASES, GROUPS, count
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts
from smarketing.reporting.pages.index import read_entries
from tests.conftest import ONE_WORKER
from tests.measures.on_pages import of_monthly_html
from tests.measures.printed import Printed, of_index, of_manifest, of_week, printed_by
from tests.random_companies import agreement_of, random_company, warehouse_of, workspace_of

MONTHS = ("2026-08", "2026-09", "2026-10")


@pytest.fixture(scope="module")
def printed(demo, monthly, monthly_danish, weekly) -> Printed:
    """Return what the demo's commands and pages print of three months, in two languages."""
    with smarketing.open(demo) as ws:
        known = printed_by(ws, MONTHS, ("en", "da"))
        known.add("week", of_week(ws.weekly_report("2026-W44").to_dict(), MONTHS[-1]))
    for page, language in ((monthly, "en"), (monthly_danish, "da")):
        manifest = json.loads(Path(page.manifest).read_text())["key_figures"]
        stages = [row["stage"] for row in manifest["stages"]]
        known.add(f"manifest {language}", of_manifest(manifest))
        html = of_monthly_html(Path(page.html), MONTHS[-1], stages, language)
        known.add(f"html {language}", html)
        known.add(f"index {language}", of_index(read_entries(Path(page.html).parent)))
    manifest = json.loads(Path(weekly.manifest).read_text())["key_figures"]
    known.add("manifest of the week", of_week(manifest, MONTHS[-1]))
    return known


@ONE_WORKER
def test_no_key_has_two_values(printed):
    assert printed.contradictions == []
    assert len(printed.values) > 350
    assert printed.seen_twice > 250


@ONE_WORKER
def test_won_lost_and_open_leads_are_all_leads(printed):
    parts = [printed.of(n, "calendar", "all") for n in ("won_leads", "lost_leads", "open")]
    assert sum(parts) == printed.of("leads", "calendar", "all")


@pytest.mark.parametrize("seed", range(2))
def test_no_key_of_a_random_company_has_two_values(seed, tmp_path):
    with smarketing.open(workspace_of(random_company(seed), tmp_path)) as ws:
        last = ws.latest_month()
        known = printed_by(ws, (last,))
    assert known.contradictions == []
    assert known.seen_twice > 20


def facts_of(seed: int, folder: Path) -> Facts:
    company = random_company(seed)
    with warehouse_of(company, folder / f"{seed}.duckdb") as warehouse:
        return read_facts(warehouse, agreement_of(company))


@pytest.mark.parametrize("seed", range(8))
def test_parts_of_a_random_company_add_up(seed, tmp_path):
    facts = facts_of(seed, tmp_path)
    for name in MEASURES:
        for basis in BASES:
            months = count(facts, name, basis=basis, months=facts.months)
            for by in set(GROUPS) - {"grade"}:
                parts = count(facts, name, by, basis=basis, months=facts.months)
                assert parts.by_month().reindex(facts.months, fill_value=0).to_dict() == (
                    months.by_month().to_dict()
                ), (name, basis, by)
                assert count(facts, name, by, basis=basis).total == pytest.approx(
                    count(facts, name, basis=basis).total
                ), (name, basis, by)
