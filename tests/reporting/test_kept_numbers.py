"""A page is the same whether its numbers were read from what is kept or made anew."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from smarketing.agreement.load import load_agreement
from smarketing.folder import Folder
from smarketing.reporting.pages.monthly import monthly_report
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import build_population
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import EXAMPLE
from tests.builders import KNOWN, made_up_company, write_warehouse

SHOWN = (
    "first_screen", "promises", "claims", "funnel", "campaigns", "scoring", "lines", "volumes",
    "people", "goals", "data_quality", "not_answered", "provenance_section",
)  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    place = tmp_path_factory.mktemp("kept") / "acme"
    place.mkdir()
    (place / "sources.yml").write_text("company: Acme\n")
    # of the example's fields the made-up leads have no e-mail domain
    lines = [line for line in EXAMPLE.splitlines() if "email_domain" not in line]
    text = "\n".join(lines).replace("valid_from: 2026-10-01", "valid_from: 2025-01-01")
    (place / "agreement.yml").write_text(f"{text}\n")
    leads = made_up_company(leads=400)
    write_warehouse(place / "warehouse.duckdb", leads, KNOWN, timezone="Europe/Copenhagen")
    return place


def page(company):
    report = monthly_report(Folder.open(company), "2025-11")
    shown = [getattr(report, name)().markup for name in SHOWN]
    return report.to_dict(), shown


def test_a_page_is_the_same_whether_its_numbers_were_read_or_made(company):
    cache = company / ".cache"
    cache.write_text("no folder: nothing can be kept")
    without = page(company)
    cache.unlink()
    made = page(company)
    files = {path: path.stat().st_mtime_ns for path in cache.rglob("*.parquet")}
    read = page(company)
    assert without == made == read
    assert set(cache.rglob("*.parquet")) == set(files)  # nothing was made again
    ids = set(pd.DataFrame(made_up_company(leads=400)["leads"]).lead_id.astype(str))
    for path in files:
        frame = pd.read_parquet(path)
        assert set(frame.dtypes.astype(str)) == {"float64"}
        assert not ids & set(frame.columns)
        assert not any(name.encode() in path.read_bytes() for name in sorted(ids)[:20])


def rows(company, cache):
    agreement = load_agreement(company / "agreement.yml")
    with Warehouse.open(company / "warehouse.duckdb") as warehouse:
        return build_population(warehouse, agreement, cache).rows


def test_scores_kept_are_made_anew_once_a_person_is_gone_from_the_tables(company, tmp_path):
    cache = Cache(tmp_path / "kept")
    before = rows(company, cache)
    pd.testing.assert_frame_equal(rows(company, cache), before, check_exact=True)
    gone = before.lead_id.iloc[0]
    with duckdb.connect(str(company / "warehouse.duckdb")) as con:  # the fingerprint stays
        for table in ("leads", "events", "stages", "deal_leads"):
            con.execute(f"DELETE FROM {table} WHERE lead_id = ?", [gone])
    after = rows(company, cache)
    assert gone not in set(after.lead_id)
    pd.testing.assert_frame_equal(after, rows(company, None), check_exact=True)
    rest = before[before.lead_id != gone].reset_index(drop=True)
    assert np.array_equal(after.score, rest.score)
