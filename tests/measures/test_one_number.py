"""One number: what two places print under the same key has the same value everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import smarketing
from smarketing.measures.catalogue import MEASURES
from smarketing.measures.count import BASES, GROUPS, count
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts
from tests.conftest import ONE_WORKER
from tests.measures.printed import (
    Printed,
    of_funnel,
    of_manifest,
    of_recommendation,
    of_year,
)
from tests.random_companies import agreement_of, random_company, warehouse_of

MONTHS = ("2026-08", "2026-09", "2026-10")

pytestmark = ONE_WORKER  # on the cache of the rendered pages


@pytest.fixture(scope="module")
def printed(demo: Path) -> Printed:
    """Return what the demo's commands and pages print of three months, in two languages."""
    known = Printed()
    with smarketing.open(demo) as ws:
        known.add("funnel", of_funnel(ws.funnel().to_dict()))
        for month in MONTHS:
            known.add(f"funnel {month}", of_funnel(ws.funnel(month).to_dict()))
            for language in ("en", "da"):
                page = ws.monthly_report(month, language=language).to_dict()
                known.add(f"page {month} {language}", of_manifest(page))
                known.add(f"page {month} {language}", of_year(month, page["since_january"]))
        advice = ws.recommend().to_dict()
        known.add("recommend", of_recommendation(advice, MONTHS[-1]))
        known.add("audit", iter([(("open", "calendar", "all", ""), ws.audit().open)]))
        scores = ws.score()
        with_sales = int(re.search(r"\d+", scores.notes[-1])[0])  # "Not scored: 61 open leads …"
        scored = len(scores.frame()) + with_sales
        known.add("score", iter([(("open", "calendar", "all", ""), scored)]))
    return known


def test_no_key_has_two_values(printed):
    assert printed.contradictions == []
    assert len(printed.values) > 200
    assert printed.seen_twice > 100


def test_won_lost_and_open_leads_are_all_leads(printed):
    parts = [printed.of(n, "calendar", "all") for n in ("won_leads", "lost_leads", "open")]
    assert sum(parts) == printed.of("leads", "calendar", "all")


def facts_of(seed: int, folder: Path) -> Facts:
    company = random_company(seed)
    with warehouse_of(company, folder / f"{seed}.duckdb") as warehouse:
        return read_facts(warehouse, agreement_of(company))


@pytest.mark.parametrize("seed", range(20))
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
