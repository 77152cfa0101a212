"""What a team wins with the leads it can work, and the rule of thumb for a score."""

import numpy as np
import pytest

from smarketing.evaluation.comparison.acceptance import acceptance
from smarketing.evaluation.comparison.capacity import same_picks, work_the_best
from smarketing.language.numbers import SPACE


@pytest.mark.parametrize(
    ("per_month", "worked", "won"),
    [(1, 2, 1), (2, 2, 2), (10, 3, 2), (0, 0, 0)],
)
def test_the_best_leads_of_each_month_are_worked_once(per_month, worked, won):
    # c (90) in January; a (80) is free again in February only if it was not worked in January
    got = work_the_best(
        spell=["a", "b", "c", "a", "c"],
        month=["1", "1", "1", "2", "2"],
        outcome=[1, 0, 1, 0, 1],
        score=[80, 10, 90, 80, 95],
        per_month=per_month,
    )
    assert float(got.worked) == worked
    assert float(got.won) == won


def test_equal_scores_gain_nothing_from_the_order_of_rows():
    y = np.repeat([1, 0], 500)  # the file has all winners first
    got = work_the_best(np.arange(1000), ["1"] * 1000, y, np.zeros(1000), 200)
    assert 0.4 < got.close_rate < 0.6


def test_value_is_margin_less_cost_a_month():
    got = work_the_best(["a", "b"], ["1", "2"], [1, 0], [1, 1], per_month=5)
    assert got.value(per_win=24_000, cost=1_500) == pytest.approx((24_000 - 2 * 1_500) / 2)


def test_two_scores_that_choose_alike_agree_wholly():
    rows = (["a", "b", "c", "d"], ["1"] * 4, [1, 0, 1, 0])
    one = work_the_best(*rows, [9, 8, 2, 1], per_month=2)
    assert same_picks(one, work_the_best(*rows, [5, 4, 1, 0], per_month=2)) == 1
    assert same_picks(one, work_the_best(*rows, [0, 1, 4, 5], per_month=2)) == 0


@pytest.mark.parametrize(
    ("won_at", "passed", "words"),
    [
        (range(20), True, "flagging 15 % of leads holds 75 %"),
        ([*range(0, 30, 2), 60, 70, 80], False, "in the lowest half 3 of 50"),
        ([*range(5), *range(40, 60)], False, "holds 20 %"),
        ([], False, "nobody converted"),
    ],
)
def test_madkudus_acceptance_line(won_at, passed, words):
    outcome = np.isin(np.arange(100), list(won_at))
    got = acceptance(outcome, -np.arange(100))
    assert got["passed"] == passed
    assert words in got["sentence"].replace(SPACE, " "), got["sentence"]


def test_a_score_of_one_value_flags_nobody_in_part():
    got = acceptance([1, 0, 0, 0], [5, 5, 5, 5])
    assert not got["passed"]
    assert "no cut of the score" in got["sentence"]
