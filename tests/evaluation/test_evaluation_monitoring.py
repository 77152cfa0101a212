"""What moved from month to month, whether a line holds, when a champion goes, what to explore."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.evaluation.monitoring.champion_choice import choose
from smarketing.evaluation.monitoring.drift import drift, psi
from smarketing.evaluation.monitoring.line_health import calibration_by_month, line_state
from smarketing.evaluation.monitoring.selection_bias import explore, outside_share

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
    told = drift(rows, ["size", "source"]).set_index(["month", "column"]).verdict
    assert told["2026-02", "size"] != "moved"
    assert told["2026-03", "size"] == "moved"
    assert told["2026-03", "source"] == "stable"
    assert set(told["2026-04"]) == {"too few"}


@pytest.mark.parametrize(
    ("p", "promised", "stale"), [(0.25, 0.25, False), (0.1, 0.25, True), (0.4, 0.25, True)]
)
def test_a_line_goes_stale_when_its_leads_are_no_longer_what_was_promised(p, promised, stale):
    got = line_state(np.full(300, p), np.arange(300) < 200, promised)
    assert got.stale == stale
    assert ("gone stale" in got.sentence) == stale
    assert got.low < p < got.high


def test_a_line_that_nobody_reaches_says_so():
    got = line_state([0.1], [False], 0.2)
    assert not got.stale
    assert "No lead" in got.sentence


def test_the_alarm_rings_by_luck_about_as_often_as_it_says():
    rang = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        p = np.full(400, 0.2)
        rows = pd.DataFrame(
            {"month": "2026-01", "outcome": rng.uniform(size=400) < p, "weight": 1.0, "p_m": p}
        )
        rang += calibration_by_month(rows, "m").moved[0]
    assert 0.02 <= rang / 400 <= 0.08


def test_a_model_that_promises_twice_what_comes_is_seen():
    rows = pd.DataFrame(
        {"month": "2026-01", "outcome": [True] * 20 + [False] * 180, "weight": 1.0, "p_m": 0.2}
    )
    told = calibration_by_month(rows, "m").iloc[0]
    assert told.moved
    assert told.gap == pytest.approx(-0.1)


@pytest.mark.parametrize(
    ("low", "age", "conversions", "model", "retrain", "words"),
    [
        (0.01, 1, 80, "boosted", False, "with an interval"),
        (-0.01, 1, 80, "agreed", False, "so it stays"),
        (-0.01, 5, 80, "agreed", True, "5 months old, 3 are agreed"),
        (0.01, 5, 20, "agreed", False, "until there are 10 more"),
    ],
)
def test_a_champion_stays_until_a_better_one_or_its_age(
    low, age, conversions, model, retrain, words
):
    got = choose("agreed", "boosted", low, age, 3, conversions)
    assert (got.model, got.retrain) == (model, retrain)
    assert words in got.reason


def test_leads_like_the_worked_ones_lie_inside_and_others_outside():
    def leads(middle, n=600):
        return pd.DataFrame({"size": RNG.normal(middle, 1, n), "source": RNG.choice(["a", "b"], n)})

    auc, share = outside_share(leads(0), leads(0))
    assert auc == pytest.approx(0.5, abs=0.06)
    assert share < 0.06
    auc, share = outside_share(leads(0), leads(4))
    assert auc > 0.95
    assert share > 0.7


def test_the_explored_slice_costs_its_work_less_what_it_wins():
    got = explore(200, 0.05, 0.04, 0.04, 24_000, 1_500, "DKK")
    assert got.cost_per_month == pytest.approx(10 * (1_500 - 0.04 * 24_000))
    assert got.months == np.ceil(93 / 10)
    assert "5,400\u00a0kr." in got.sentence
