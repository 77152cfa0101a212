"""What the room of measures answers and refuses, on companies small enough to count by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.measures.catalogue import MEASURES, definition_of, measure_of
from smarketing.measures.conversion import conversion
from smarketing.measures.count import count
from smarketing.measures.customers import customers_of, party_of, purchases_of
from smarketing.measures.facts import known_at, with_grades
from smarketing.measures.goals import done, elapsed_share, progress
from smarketing.measures.path import path_of, reached_at, steps, window_days
from tests.agreements import example_agreement
from tests.worlds.made_facts import made_facts

AGREED = example_agreement(timezone="UTC", goals=[])
UNTIL = pd.Timestamp("2026-06-30 20:00")


def at(*days: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(pd.Series(days))).astype("datetime64[us]")


def company(agreement=AGREED, **moments):
    """Return four leads: a and b of January, c of March, d of June; a and c bought."""
    spells = pd.DataFrame(
        {
            "lead_id": list("abcd"),
            "started_at": at("2026-01-05", "2026-01-20", "2026-03-02", "2026-06-20"),
            "mql_at": at("2026-01-06", "2026-02-01", "2026-03-03", "2026-06-21"),
            "sales_ready_at": at("2026-01-08", None, "2026-03-05", None),
            "customer_at": at("2026-02-10", None, "2026-03-30", None),
            **moments,
        }
    )
    wins = pd.DataFrame(
        {
            "lead_id": ["a", "c"],
            "closed_at": at("2026-02-10", "2026-03-30"),
            "amount": [1000.5, 2000.0],
        }
    )
    return made_facts(agreement, spells, UNTIL, wins)


@pytest.mark.parametrize(
    ("measure", "basis", "months"),
    [
        ("leads", "calendar", {"2026-01": 2, "2026-02": 0, "2026-03": 1}),
        ("mqls", "calendar", {"2026-01": 1, "2026-02": 1, "2026-03": 1}),
        ("mqls", "cohort", {"2026-01": 2, "2026-02": 0, "2026-03": 1}),
        ("sales_ready", "calendar", {"2026-01": 1, "2026-02": 0, "2026-03": 1}),
        ("customers", "calendar", {"2026-01": 0, "2026-02": 1, "2026-03": 1}),
        ("customers", "cohort", {"2026-01": 1, "2026-02": 0, "2026-03": 1}),
        ("customers", "handed_over", {"2026-01": 1, "2026-02": 0, "2026-03": 1}),
        ("revenue", "calendar", {"2026-01": 0, "2026-02": 1000.5, "2026-03": 2000}),
        ("won_deals", "cohort", {"2026-01": 1, "2026-02": 0, "2026-03": 1}),
    ],
)
def test_a_measure_is_counted_by_month(measure, basis, months):
    counted = count(company(), measure, basis=basis, months=list(months))
    assert counted.by_month().to_dict() == months


def test_what_has_no_date_is_in_the_total_and_in_no_month():
    facts = company(started_at=at("2026-01-05", None, "2026-03-02", "2026-06-20"))
    assert count(facts, "leads").total == 4
    assert count(facts, "leads", months=facts.months).total == 3
    assert count(facts, "leads").undated == 1
    assert count(facts, "open").total == 2


def test_since_counts_and_until_does_not():
    days = [pd.Timestamp("2026-02-10"), pd.Timestamp("2026-03-30")]
    assert count(company(), "customers", since=days[0], until=days[1]).total == 1
    assert count(company(), "customers", since=days[1]).total == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"measure": "clicks"}, "no such measure"),
        ({"measure": "leads", "basis": "fiscal"}, "no such basis"),
        ({"measure": "leads", "by": "eye_colour"}, "not broken down by that"),
    ],
)
def test_what_does_not_exist_is_refused(asked, told):
    with pytest.raises(UsageError, match=told):
        count(company(), **asked)


def test_leads_are_broken_down_by_grades_once_these_are_given():
    facts = company()
    with pytest.raises(CannotAnswer, match="grades are not given"):
        count(facts, "leads", "grade")
    grades = pd.DataFrame({"lead_id": list("abc"), "spell": 1, "first_grade": ["A1", "B2", "A1"]})
    graded = count(with_grades(facts, grades), "leads", "grade").by_group()
    assert graded.to_dict() == {"(no grade)": 1, "A1": 2, "B2": 1}


def test_nothing_is_known_before_it_happened():
    facts = known_at(company(), pd.Timestamp("2026-03-01"))
    assert {n: count(facts, n).total for n in ("leads", "mqls", "customers", "revenue")} == {
        "leads": 2, "mqls": 2, "customers": 1, "revenue": 1000.5,
    }  # fmt: skip
    assert facts.data_until == pd.Timestamp("2026-03-01")


@pytest.mark.parametrize("month", ["2025-12", "2026-07"])
def test_a_month_of_which_the_data_says_nothing_is_refused(month):
    with pytest.raises(CannotAnswer, match=f"says nothing of {month}"):
        company().checked(month)


def test_the_latest_month_is_the_last_one_covered_to_its_end():
    assert company().checked(None) == "2026-06"
    assert known_at(company(), pd.Timestamp("2026-06-21")).checked(None) == "2026-05"


def test_leads_too_young_to_tell_are_in_neither_number_of_a_rate():
    row = conversion(company(), "lead", "mql").iloc[0]
    assert row[["k", "n", "n_immature"]].tolist() == [3, 3, 1]
    quick = company(started_at=at("2026-06-01", "2026-01-20", "2026-03-02", "2026-06-20"))
    assert conversion(quick, "lead", "mql").iloc[0].n_immature == 2


@pytest.mark.parametrize(
    ("counted_by", "days", "deals"),
    [
        ("deal", None, [1, 1, 1, 1]),
        ("purchase", 30, [2, 1, 1]),
        ("purchase", 90, [3, 1]),
        ("account", None, [3, 1]),
    ],
)
def test_what_one_customer_is(counted_by, days, deals):
    wins = pd.DataFrame(
        {
            "deal_id": ["D1", "D2", "D3", "D4"],
            "opened_at": at(None, None, None, None),
            "closed_at": at("2026-01-01", "2026-01-20", "2026-03-15", "2026-01-05"),
            "party": ["account X", "account X", "account X", "account Y"],
            "lead_id": list("abcd"),
            "spell": 1,
            "started_at": at("2025-12-01", "2025-12-02", "2026-01-03", "2025-12-04"),
            "handed_at": at("2025-12-05", "2025-12-06", "2026-01-07", "2025-12-08"),
        }
    )
    bought = customers_of(purchases_of(company().spells[:0], wins, counted_by, days))
    assert bought.deals.tolist() == deals
    assert bought["at"].min() == pd.Timestamp("2026-01-01")
    assert bought.lead_id[0] == "a"


def test_a_stage_makes_a_customer_only_of_a_lead_without_deals():
    spells = company().spells
    recorded = purchases_of(spells.assign(has_deals=False), None, "deal", None)
    assert recorded.lead_id.tolist() == ["a", "c"]
    assert purchases_of(spells.assign(has_deals=True), None, "deal", None).empty


def test_who_buys_is_the_account_else_the_lead_else_the_deal():
    names = [pd.Series(["X", None, None]), pd.Series(["1", "1", None]), pd.Series(["D", "D", "D"])]
    assert party_of(*names).tolist() == ["account X", "lead 1", "deal D"]


def test_stages_stand_in_the_order_of_the_agreement():
    assert path_of(AGREED)[0] == "lead"
    assert path_of(AGREED)[-2:] == ("opportunity", "customer")
    assert steps(("lead", "mql", "sql")) == [("lead", "mql"), ("mql", "sql")]


def test_a_customer_was_accepted_and_an_sql_whatever_was_noted():
    spells = company().spells
    assert reached_at(spells, "sql").notna().tolist() == [True, False, True, False]
    assert reached_at(spells, "mql").notna().all()
    assert window_days(AGREED, "sql") == AGREED.lines.mql.window_days
    assert window_days(AGREED, "customer") == AGREED.lines.sql.window_days


@pytest.mark.parametrize(
    ("month", "days"), [("2025-12", 0), ("2026-01", 31), ("2026-02", 59), ("2027-05", 365)]
)
def test_a_goals_days_are_over_by_the_day(month, days):
    share = elapsed_share(date(2026, 1, 1), date(2026, 12, 31), month)
    assert share == pytest.approx(days / 365)


def goal(measure: str, target: float):
    named = {"name": "G", "owner": "sales", "measure": measure, "target": target}
    dates = {"since": "2026-01-01", "by": "2026-12-31"}
    return example_agreement(timezone="UTC", goals=[{**named, **dates}])


@pytest.mark.parametrize(
    ("measure", "by_march", "by_now"),
    [("customers", 2, 2), ("revenue", 3000.5, 3000.5), ("leads", 3, 4)],
)
def test_what_is_done_of_a_goal_is_its_measure(measure, by_march, by_now):
    agreed = goal(measure, 36_500)
    facts = company(agreed)
    assert done(facts, agreed.goals[0]) == by_now
    stands = progress(facts, agreed.goals[0], "2026-03")
    assert (stands.so_far, stands.due) == (by_march, pytest.approx(9_000))


def test_a_goal_that_no_table_records_has_nothing_done_and_says_none():
    agreed = goal("opportunities", 10)
    assert done(company(agreed), agreed.goals[0]) is None


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_counts_in_a_sentence(name):
    assert measure_of(name).name == name
    text = definition_of(name, AGREED)
    assert text.endswith(".")
    assert ("A customer is" in text) == (measure_of(name).unit == "customer")
