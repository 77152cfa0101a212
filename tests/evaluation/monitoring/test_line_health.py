"""Whether a line holds, when a champion goes, what to explore."""

import numpy as np
import pandas as pd
import pytest

from smarketing.evaluation.monitoring.champion_choice import choose
from smarketing.evaluation.monitoring.line_health import calibration_by_month, line_state
from smarketing.evaluation.monitoring.selection_bias import explore, outside_share

RNG = np.random.default_rng(0)


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


def a_month(outcome, rows_of_a_spell=1):
    """Rows of a month in which the model gave each a chance of a fifth."""
    n = len(outcome) * rows_of_a_spell
    return pd.DataFrame(
        {
            "lead_id": np.repeat(np.arange(len(outcome)), rows_of_a_spell),
            "spell": 1,
            "month": "2026-01",
            "outcome": np.repeat(outcome, rows_of_a_spell),
            "day_weight": np.ones(n),
            "p_m": np.full(n, 0.2),
        }
    )


def test_the_alarm_rings_by_luck_about_as_often_as_it_says():
    rang = 0
    for seed in range(400):
        won = np.random.default_rng(seed).uniform(size=400) < 0.2
        rang += calibration_by_month(a_month(won), "m").moved[0]
    assert 0.02 <= rang / 400 <= 0.08


def test_a_model_that_promises_twice_what_comes_is_seen():
    month = calibration_by_month(a_month([True] * 20 + [False] * 180), "m").iloc[0]
    assert month.moved
    assert month.gap == pytest.approx(-0.1)


def test_rows_of_a_spell_share_one_fate_and_prove_no_more_than_one():
    won = [True] * 6 + [False] * 14
    once, often = (calibration_by_month(a_month(won, rows), "m") for rows in (1, 50))
    assert not once.moved[0]
    assert not often.moved[0]
    assert often.n[0] == 1000


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
