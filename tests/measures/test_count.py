"""Every measure, by month, cohort, source, persona and campaign, equals the oracle's count."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarketing.measures.catalogue import MEASURES
from tests.against_oracle import differences_of


@pytest.mark.parametrize("seed", range(20))
def test_a_random_company_is_counted_as_by_hand(seed, tmp_path):
    wrong, numbers = differences_of(seed, tmp_path)
    assert not wrong, "\n".join(wrong[:10])
    assert numbers > 200


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_the_page_on_measures_says_what_the_catalogue_says(measure):
    page = Path(__file__).parents[2] / "docs/method/measures.md"
    row = next(r for r in page.read_text().splitlines() if r.startswith(f"| `{measure.name}` |"))
    assert measure.label in row
    assert measure.definition in row
    assert measure.leaves_out in row
