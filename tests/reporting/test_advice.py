"""The page warns where a forecast promises far more than sales won."""

from types import SimpleNamespace

import pytest

from smarketing.reporting.advice import caution_of


def found(expected):
    return SimpleNamespace(thresholds=SimpleNamespace(row=lambda _: {"customers": expected}))


@pytest.mark.parametrize(
    ("expected", "won", "months", "warned"),
    [
        (9.1, 56, 10, True),  # 5.6 a month
        (6.0, 56, 10, False),
        (9.1, 20, 4, False),  # too few months to say
        (9.1, None, 10, False),
        (None, 56, 10, False),
    ],
)
def test_a_forecast_far_above_what_was_won_is_named(expected, won, months, warned):
    said = caution_of(found(expected), SimpleNamespace(customers=won, months=months))
    assert bool(said) == warned
    if warned:
        assert "9.1 customers" in said
        assert "5.6 a month" in said


def test_a_table_without_dates_has_no_months_to_compare_with():
    assert caution_of(found(9.1), None) == ""


@pytest.mark.parametrize(
    ("enough", "caution", "said"),
    [
        (True, "Caution: customers are off.", "Caution: customers are off."),
        (True, "", ""),  # the check knows better than this year's few wins
        (False, "", "9.1 customers"),  # too few months to check
    ],
)
def test_the_back_check_decides_where_it_has_months_enough(enough, caution, said):
    checked = SimpleNamespace(enough=enough, caution=caution)
    advised = SimpleNamespace(thresholds=found(9.1).thresholds, back_check=checked)
    text = caution_of(advised, SimpleNamespace(customers=56, months=10))
    assert said in text
    assert bool(text) == bool(said)
