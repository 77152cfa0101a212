"""Every measure, by month, cohort, source, persona and campaign, equals the oracle's count."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarketing.folder import Folder
from smarketing.measures.catalogue import MEASURES
from tests.against_oracle import differences_in, differences_of


@pytest.mark.parametrize("seed", range(20))
def test_a_random_company_is_counted_as_by_hand(seed, tmp_path):
    wrong, numbers = differences_of(seed, tmp_path)
    assert not wrong, "\n".join(wrong[:10])
    assert numbers > 200


def test_the_demo_is_counted_as_by_hand(demo):
    folder = Folder.open(demo)
    with folder.warehouse() as warehouse:
        wrong, numbers = differences_in(warehouse, folder.agreement)
    assert not wrong, "\n".join(wrong[:10])
    assert numbers > 19_000


@pytest.mark.parametrize(("name", "at_least"), [("olist", 3_000), ("bpi12", 1_000)])
def test_a_real_company_is_counted_as_by_hand(name, at_least, public):
    folder = Folder.open(public(name))
    with folder.warehouse() as warehouse:
        wrong, numbers = differences_in(warehouse, folder.agreement)
    assert not wrong, "\n".join(wrong[:10])
    assert numbers > at_least


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_the_page_on_measures_says_what_the_catalogue_says(measure):
    page = Path(__file__).parents[2] / "docs/method/measures.md"
    row = next(r for r in page.read_text().splitlines() if r.startswith(f"| `{measure.name}` |"))
    assert measure.label in row
    assert measure.definition in row
    assert measure.leaves_out in row
