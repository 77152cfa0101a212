"""From points to chances: straight while little is known, bent where many leads show it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.planning.lines.calibration import SHIFTS, BentLine, fit_chance, shift_of, shifted
from smarketing.scoring.calibration import calibrate

SCORE = np.arange(101.0)


def sums(chance: np.ndarray, leads: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return expected sums of so many leads at every score: score, won, weight."""
    weight = np.r_[leads * (1 - chance), leads * chance]
    return np.tile(SCORE, 2), np.repeat([False, True], 101), weight


def levelling_off() -> np.ndarray:
    return 0.4 / (1 + np.exp(-0.12 * (SCORE - 50)))  # even the best are won in 40 % only


def test_chances_that_level_off_are_followed_where_a_straight_line_overstates_the_best():
    score, won, weight = sums(levelling_off(), 200)
    straight = calibrate(score, won, weight).probability(SCORE)
    bent = fit_chance(score, won, weight)(SCORE)
    assert straight[100] > 0.55  # 0.4 is the truth
    assert bent[100] < 0.5
    error = [np.abs(each - levelling_off()).mean() for each in (straight, bent)]
    assert error[1] < error[0] / 2


@pytest.mark.parametrize(
    ("chance", "leads"),
    [
        (1 / (1 + np.exp(-0.05 * (SCORE - 70))), 200),  # straight as it is
        (levelling_off(), 0.5),  # too few leads to tell
    ],
)
def test_without_clear_evidence_the_line_stays_straight(chance, leads):
    score, won, weight = sums(chance, leads)
    straight = calibrate(score, won, weight).probability(SCORE)
    assert fit_chance(score, won, weight)(SCORE) == pytest.approx(straight)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(100, 3000))
def test_a_chance_lies_in_0_to_1_and_never_falls_where_the_straight_line_rises(seed, leads):
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 101, leads).astype(float)
    won = rng.uniform(size=leads) < rng.uniform(0.1, 0.9) * (score / 100) ** rng.uniform(0.2, 4)
    won[:2] = [True, False]
    straight = calibrate(score, won, np.ones(leads))
    chance = fit_chance(score, won, np.ones(leads))(SCORE)
    assert ((chance >= 0) & (chance <= 1)).all()
    if straight.slope > 0:
        assert (np.diff(chance) >= -1e-9).all()


def test_scores_of_one_value_give_their_rate():
    won = np.repeat([True, False], [60, 140])
    assert fit_chance(np.full(200, 7.0), won, np.ones(200))(np.array([7.0])) == pytest.approx(0.3)


def test_the_bend_is_at_the_knot():
    line = BentLine(-2.0, 0.1, -0.1, 30.0)
    chance = line.probability(np.array([0.0, 30.0, 90.0]))
    assert chance[0] == pytest.approx(1 / (1 + np.exp(2)))
    assert chance[1] == pytest.approx(chance[2]) == pytest.approx(1 / (1 + np.exp(-1)))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.001, 0.999), st.booleans(), st.floats(0.01, 2_000)),
        min_size=1,
        max_size=30,
    )
)
def test_a_groups_shift_is_where_what_was_won_and_the_prior_pull_equally(leads):
    chance, won, weight = (np.array(column) for column in zip(*leads, strict=True))
    shift = shift_of(chance, won, weight)
    pull = (weight * (won - shifted(chance, shift))).sum() - shift / SHIFTS**2
    assert abs(pull) < 1e-6 * (1 + weight.sum())
