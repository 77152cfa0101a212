"""The known answers of a promise that counts customers, by formula and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarketing.errors import CannotAnswer, UsageError
from smarketing.planning.volumes.chances import chance_of, trials_needed
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.simulate import Outlook, fixed, simulate, volume_needed

DRAWS = 20_000


def test_twenty_leads_at_a_quarter_win_five_customers_in_six_months_of_ten():
    assert chance_of(at_least=5, trials=20, rate=0.25) == pytest.approx(0.58516, abs=5e-6)


@pytest.mark.parametrize(("confidence", "leads"), [(0.8, 26), (0.9, 30), (0.95, 34)])
def test_leads_needed_for_five_customers(confidence, leads):
    assert trials_needed(at_least=5, rate=0.25, confidence=confidence) == leads
    assert volume_needed(5, [Rate.known(0.25)], confidence) == leads


@pytest.mark.parametrize(
    ("leads", "rate", "chance"), [(20, 0.25, 0.58516), (26, 0.25, 0.81564), (26, 0.2, 0.61666)]
)
def test_the_simulation_gives_the_known_answers(leads, rate, chance):
    won = simulate(Outlook(fixed(leads), Rate.known(rate)), DRAWS, seed=3)["customers"]
    error = np.sqrt(chance * (1 - chance) / DRAWS)
    assert abs((won >= 5).mean() - chance) < 4 * error


def test_the_fewest_leads_are_enough_in_the_simulation_and_one_less_is_not():
    for confidence, leads in [(0.8, 26), (0.9, 30), (0.95, 34)]:
        enough = simulate(Outlook(fixed(leads), Rate.known(0.25)), 200_000, seed=1)["customers"]
        fewer = simulate(Outlook(fixed(leads - 1), Rate.known(0.25)), 200_000, seed=1)["customers"]
        assert (enough >= 5).mean() > confidence - 0.001
        assert (fewer >= 5).mean() < confidence


def test_a_rate_from_little_history_takes_more_leads_than_the_same_rate_known():
    known = volume_needed(5, [Rate.known(0.25)], 0.9)
    counted = volume_needed(5, [Rate(successes=5, trials=20)], 0.9)
    well_counted = volume_needed(5, [Rate(successes=5000, trials=20000)], 0.9)
    assert counted > known
    assert abs(well_counted - known) <= 1


@pytest.mark.parametrize(
    ("at_least", "trials", "rate", "chance"),
    [(0, 0, 0.0, 1.0), (1, 0, 1.0, 0.0), (3, 3, 1.0, 1.0), (1, 100, 0.0, 0.0)],
)
def test_rates_of_zero_and_one(at_least, trials, rate, chance):
    assert chance_of(at_least, trials, rate) == chance


def test_no_volume_helps_a_rate_of_zero():
    with pytest.raises(CannotAnswer, match="no volume reaches a chance of 80 %"):
        trials_needed(at_least=1, rate=0.0, confidence=0.8)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((5, 20, 1.2), "1.2"),
        ((5, 20, float("nan")), "nan"),
        ((-1, 20, 0.5), "-1"),
        ((5, -3, 0.5), "-3"),
    ],
)
def test_wrong_arguments_are_named(arguments, found):
    with pytest.raises(UsageError, match=found):
        chance_of(*arguments)


@pytest.mark.parametrize("confidence", [0, 1, 80, -0.1, "high"])
def test_a_confidence_lies_between_0_and_1(confidence):
    with pytest.raises(UsageError, match="between 0 and 1"):
        trials_needed(5, 0.25, confidence)


@given(st.integers(1, 12), st.floats(0.02, 1.0), st.floats(0.05, 0.99))
def test_the_number_needed_is_the_smallest_that_is_enough(at_least, rate, confidence):
    n = trials_needed(at_least, rate, confidence)
    assert chance_of(at_least, n, rate) >= confidence
    if n > at_least:
        assert chance_of(at_least, n - 1, rate) < confidence


def test_where_nothing_was_on_record_yet_nothing_is_drawn():
    assert simulate(Outlook(sales_ready=None, close=None)) == {}
