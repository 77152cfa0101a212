"""What moved from month to month."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.evaluation.monitoring.drift import drift, psi

RNG = np.random.default_rng(0)


def test_the_stability_index_by_hand():
    before, now = ["web"] * 60 + ["fair"] * 40, ["web"] * 30 + ["fair"] * 70
    by_hand = (0.3 - 0.6) * np.log(0.3 / 0.6) + (0.7 - 0.4) * np.log(0.7 / 0.4)
    assert psi(before, now) == pytest.approx(by_hand)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=60))
def test_the_index_is_never_below_zero_and_zero_for_the_same(values):
    assert psi(values, values) == 0
    assert psi(values, ["a", "c"]) >= 0


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (RNG.normal(size=2000), RNG.normal(size=2000), False),
        (RNG.normal(size=2000), RNG.normal(1, 1, 2000), True),
        (RNG.normal(size=2000), np.where(RNG.uniform(size=2000) < 0.4, np.nan, 0.1), True),
        (RNG.poisson(1, 2000), RNG.poisson(1, 2000), False),
        ([True] * 90 + [False] * 10, [True] * 20 + [False] * 80, True),
        (["a"] * 500, ["new"] * 500, True),
    ],
)
def test_what_moved_is_told_from_what_did_not(before, now, moved):
    assert (psi(before, now) > 0.25) == moved


def test_each_month_is_held_against_the_one_before():
    rows = pd.DataFrame(
        {
            "month": np.repeat(["2026-01", "2026-02", "2026-03", "2026-04"], [200, 200, 200, 50]),
            "size": RNG.normal(np.repeat([0, 0, 2, 2], [200, 200, 200, 50])),
            "source": ["web"] * 650,
        }
    )
    verdict = drift(rows, ["size", "source"]).set_index(["month", "column"]).verdict
    assert verdict["2026-02", "size"] != "moved"
    assert verdict["2026-03", "size"] == "moved"
    assert verdict["2026-03", "source"] == "stable"
    assert set(verdict["2026-04"]) == {"too few"}
