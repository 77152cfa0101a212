"""Sales' half: people for first contact and follow-up, and what faster contact is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.planning.people.desk_clock import DeskClock
from smarketing.planning.people.speed import worth_of_speed
from smarketing.planning.people.staffing import people_needed
from tests.agreements import example_agreement

MONDAY = pd.Timestamp("2026-10-05 07:00")  # 9 o'clock in Copenhagen


def agreement(hours: float = 2, share: float = 0.9, clock: str = "business", follow=None):
    contact = {"share": share, "within_hours": hours, "clock": clock}
    sales = {"first_contact": contact} | ({"follow_up": follow} if follow else {})
    return example_agreement(sla__sales=sales)


def at(*hours: float) -> pd.Series:
    return pd.Series([MONDAY + pd.Timedelta(hours=h) for h in hours])


# Ten leads at once on Monday at nine, an hour each, two hours promised. One person begins them
# after 0, 1, 2 … 9 hours; the first tenth is warm-up, of the other nine those after 1 and 2 hours
# are in time: 2/9. Two people: after 0 0 1 1 2 2 3 3 4 4: five of the last nine. Three: 0 0 0 1 1 1
# 2 2 2 3: eight of nine, 0.89 < 0.9. Four: 0 0 0 0 1 1 1 1 2 2: all.
def test_the_queue_by_hand():
    found = people_needed(at(*[0] * 10), agreement(), hours_per_attempt=1)
    assert found.table["contacted_in_time"].tolist() == pytest.approx([2 / 9, 5 / 9, 8 / 9, 1])
    assert (found.people, found.for_contact, found.for_follow_up) == (4, 4, None)
    assert found.sentence == (
        "90\u00a0% contacted within 2 business hours take 4 people; 4 are agreed: enough."
    )


def test_nights_and_weekends_do_not_count_in_business_hours_but_on_the_wall():
    friday_evening = at(*[4 * 24 + 9] * 3)  # 18 o'clock on Friday
    found = people_needed(friday_evening, agreement(2), hours_per_attempt=0.5)
    assert found.people == 1  # on Monday at nine, half past, and ten
    with pytest.raises(CannotAnswer, match="not kept even by 500 people"):
        people_needed(friday_evening, agreement(24, clock="elapsed"), hours_per_attempt=0.5)
    assert people_needed(friday_evening, agreement(64, clock="elapsed"), 0.5).people == 1


# Five attempts of an hour within 7 days for each of 16 leads of one Monday: 80 hours of work in
# a week of 40: two people.
def test_follow_up_by_hand():
    follow = {"share": 1.0, "attempts": 5, "within_days": 7}
    found = people_needed(at(*[0] * 16), agreement(40, 0.5, follow=follow), hours_per_attempt=1)
    assert (found.for_contact, found.for_follow_up, found.people) == (1, 2, 2)
    assert "5 attempts in 7 days for 100\u00a0% take 2 people" in found.sentence


def test_the_time_of_an_attempt_follows_from_the_agreed_leads_per_person():
    follow = {"share": 0.9, "attempts": 5, "within_days": 14}
    found = people_needed(at(*range(0, 2000, 30)), agreement(follow=follow))
    # 52 weeks of 40 hours less some holidays: about 172 a month ÷ 12 leads ÷ 5 attempts.
    assert found.hours_per_attempt == pytest.approx(172 / 12 / 5, rel=0.02)
    assert "÷ 12 leads a person ÷ 5 attempts" in found.notes[0]
    assert found.by_hour["hand_overs"].sum() == 67
    assert "nan" not in str(found.to_dict()).lower()


def test_more_people_never_contact_later():
    rng = np.random.default_rng(0)
    times = MONDAY + pd.to_timedelta(rng.uniform(0, 60 * 24, 400), unit="h")
    found = people_needed(pd.Series(times), agreement(0.5, 0.97), hours_per_attempt=1.5)
    assert found.table["contacted_in_time"].is_monotonic_increasing
    assert found.table["busy"].is_monotonic_decreasing
    assert len(found.table) == found.people > 1


@pytest.mark.parametrize(
    ("times", "terms", "said"),
    [
        ([], agreement(), "no hand-over is recorded"),
        ([MONDAY], example_agreement(sla__sales={}), "promises neither"),
    ],
)
def test_what_cannot_be_told_is_said(times, terms, said):
    with pytest.raises(CannotAnswer, match=said):
        people_needed(pd.Series(times, dtype="datetime64[us]"), terms)


def test_one_lead_takes_one_person():
    found = people_needed(at(0), agreement(), hours_per_attempt=1)
    assert found.people == 1
    assert "take 1 person; 4 are agreed: enough" in found.sentence


def test_the_clock_goes_there_and_back_over_a_holiday_and_the_end_of_summer_time():
    terms = agreement()
    clock = DeskClock.of(terms, pd.Timestamp("2026-10-20"), pd.Timestamp("2026-12-28"))
    times = pd.Series(pd.to_datetime(["2026-10-23 14:00", "2026-10-26 09:00", "2026-12-28 10:00"]))
    hours = clock.hours(times)
    assert hours[1] - hours[0] == pytest.approx(2.0)  # 16–17 on Friday, 9–10 on Monday
    # Christmas and Boxing Day are closed; 28 December at 11 is two hours after its opening.
    eve = clock.hours(pd.Series([pd.Timestamp("2026-12-24 16:00")]))[0]
    assert hours[2] - eve == pytest.approx(2.0)
    assert (clock.moment(hours) == times.to_numpy("datetime64[us]")).all()


# Within a day: 6 of 10 won; later 2 of 8; never 0 of 2. The others together 2 of 10.
def test_faster_contact_by_hand():
    hours = pd.Series([0.5] * 4 + [20] * 6 + [30] * 8 + [np.nan] * 2)
    won = pd.Series([True] * 3 + [False] + [True] * 3 + [False] * 3 + [True] * 2 + [False] * 8)
    found = worth_of_speed(hours, won, within_hours=24)
    table = found.frame().set_index("contacted")
    assert table["n"].tolist() == [4, 0, 6, 8, 0, 2]
    assert table["won"].tolist() == [3, 0, 3, 2, 0, 0]
    assert found.difference == pytest.approx(0.4)
    assert found.low < 0.4 < found.high
    # Newcombe 1998, method 10, of 6/10 against 2/10.
    assert (found.low, found.high) == pytest.approx((-0.02, 0.67), abs=0.02)
    assert "10 of 20 hand-overs were contacted within 24 hours" in found.sentence
    assert "40.0 points above" in found.sentence
    assert "The difference is not statistically significant (95 %)." in found.sentence
    assert "no experiment" in found.warning
    assert "nan" not in found._repr_html_().lower()


@pytest.mark.parametrize(("hours", "which"), [([1.0, 2.0], "Every"), ([np.nan, 99.0], "No")])
def test_without_both_groups_there_is_nothing_to_compare(hours, which):
    found = worth_of_speed(pd.Series(hours), pd.Series([True, False]))
    assert found.difference is None
    assert found.sentence.startswith(f"{which} one of 2 hand-overs was contacted")


def test_no_hand_over_has_no_answer():
    with pytest.raises(CannotAnswer, match="old enough"):
        worth_of_speed(pd.Series(dtype=float), pd.Series(dtype=bool))
