"""Every measure, by month, cohort, source, persona and campaign, equals the oracle's count."""

from __future__ import annotations

import pytest

from tests.against_oracle import differences_of


@pytest.mark.parametrize("seed", range(100))
def test_a_random_company_is_counted_as_by_hand(seed, tmp_path):
    wrong, numbers = differences_of(seed, tmp_path)
    assert not wrong, "\n".join(wrong[:10])
    assert numbers > 200
