"""The page warns where a forecast promises far more than sales won."""

from types import SimpleNamespace

import pytest

from smarketing.language.speaker import speaking
from smarketing.reporting.pages.advice import caution_of, of_lines


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
    advised = SimpleNamespace(thresholds=found(9.1).thresholds, forecast_backtest=checked)
    text = caution_of(advised, SimpleNamespace(customers=56, months=10))
    assert said in text
    assert bool(text) == bool(said)


TODAY = {"mql": 35, "sql": 55, "sales_ready": 33.2, "customers": 5.8, "overflow_closing": 0.09}
BEST = {"mql": 40, "sql": 52.5, "sales_ready": 31.0, "customers": 5.4, "overflow_closing": 0.06}
ENGLISH = (
    "Raise the MQL line from 35 to 40 and lower the SQL line from 55 to 52.5: 31 sales-ready leads "
    "a month instead of 33, 5.4 customers instead of 5.8, closing overflows in 6 % of months "
    "instead of 9 %. Margin +2,093 kr. (551 to 3,730) a month. 99 of 100 resamples agree."
)
DANISH = (
    "Hæv MQL-grænsen fra 35 til 40 og sænk SQL-grænsen fra 55 til 52,5: 31 salgsklare leads om "
    "måneden i stedet for 33, 5,4 kunder i stedet for 5,8 og overløb i salg i 6 % af månederne i "
    "stedet for 9 %. Dækningsbidrag +2.093 kr. (551 til 3.730) om måneden. 99 af 100 "
    "genudtrækninger er enige."
)


def moved(months):
    return SimpleNamespace(
        row=lambda name="": TODAY if name else BEST, change=True, mql=40, sql=52.5, gain=2093.0,
        gain_low=551.0, gain_high=3730.0, resamples=100, agree=99,
        table=SimpleNamespace(months=months),
    )  # fmt: skip


@pytest.mark.parametrize(("language", "said"), [("en", ENGLISH), ("da", DANISH)])
def test_lines_to_move_are_said_whole_in_each_language(language, said):
    with speaking(language):
        assert of_lines(moved(("2026-09", "2026-10")), "DKK").replace("\u00a0", " ") == said


def test_lines_without_dates_are_of_no_month():
    text = of_lines(moved(("all",)), "DKK").replace("\u00a0", " ")
    assert "31 sales-ready leads instead of 33" in text
    assert "Margin +2,093 kr. (551 to 3,730)." in text
