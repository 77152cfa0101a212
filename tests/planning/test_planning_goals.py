"""Goals held against the five letters; what a point of each rate is worth; simpler forms."""

from __future__ import annotations

import math
from datetime import date
from types import SimpleNamespace as Bag

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import UsageError
from smarketing.planning.goals.smart import check_goals
from smarketing.planning.volumes.bottleneck import find_bottleneck
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.rules_of_thumb import cross_check
from smarketing.planning.volumes.simulate import Outlook, fixed
from tests.agreements import example_agreement

TODAY = date(2026, 11, 1)
REVENUE = {
    "name": "Revenue",
    "owner": "sales",
    "measure": "revenue",
    "target": 2_400_000,
    "by": "2027-09-30",
}
DEALS = REVENUE | {"name": "Deals", "owner": "marketing", "measure": "opportunities"}


def judged(**chances: float | None) -> pd.DataFrame:
    words = {None: "cannot be judged: the tables do not record it."}
    return pd.DataFrame(
        [
            {"name": name, "chance": chance, "words": words.get(chance, "")}
            for name, chance in chances.items()
        ]
    )


@pytest.mark.parametrize(
    ("goal", "chance", "letters", "said"),
    [
        ({}, 0.85, "SMART", "Revenue is SMART: it is reached with a chance of 85\u00a0%."),
        (
            {},
            0.31,
            "SM-RT",
            "Revenue is not SMART: it is reached with a chance of 31\u00a0%, 80\u00a0% is agreed.",
        ),
        ({}, None, "S--RT", "Revenue is not SMART: the tables do not record revenue."),
        (
            {"by": "2026-10-30"},
            0.9,
            "SMAR-",
            "Revenue is not SMART: its day, 2026-10-30, is over.",
        ),
        ({"owner": "closing"}, 0.85, "SMART", "Revenue is SMART"),
    ],
)
def test_each_letter_is_checked(goal, chance, letters, said):
    agreement = example_agreement(goals=[REVENUE | goal])
    row = check_goals(agreement, judged(Revenue=chance), TODAY).goals.iloc[0]
    wanted = dict(
        zip(("specific", "measurable", "reachable", "owned", "dated"), letters, strict=True)
    )
    for letter, mark in wanted.items():
        assert (row[letter] is True) == (mark != "-"), letter
    assert row["words"].startswith(said)
    assert row["smart"] == (letters == "SMART")
    assert row["side"] == "sales"


def test_goals_of_both_sides_stand_apart_marketing_first():
    agreement = example_agreement(goals=[REVENUE, DEALS])
    found = check_goals(agreement, judged(Revenue=0.9, Deals=0.9), TODAY)
    assert found.goals["side"].tolist() == ["marketing", "sales"]
    assert found.of("marketing")["name"].tolist() == ["Deals"]
    assert "nan" not in str(found.to_dict()).lower()


def test_two_goals_for_one_thing_are_not_specific():
    agreement = example_agreement(goals=[REVENUE, REVENUE | {"name": "More", "target": 9}])
    found = check_goals(agreement, judged(Revenue=0.9, More=0.9), TODAY).goals
    assert found["specific"].tolist() == [False, False]
    assert "another goal has its name, or its owner, measure and day" in found["words"][0]


def test_a_goal_nobody_forecast_is_not_called_reachable():
    found = check_goals(example_agreement(goals=[REVENUE]), pd.DataFrame(), TODAY).goals
    assert found["words"][0] == "Revenue is not SMART: its chance is not known."
    assert not found["smart"][0]


def test_without_goals_there_is_nothing_to_check():
    assert len(check_goals(example_agreement(goals=[]), pd.DataFrame(), TODAY).frame()) == 0


def company(**more) -> Outlook:
    """Return 4,000 visitors, 200 leads, 20 hand-overs, 5 customers a month, all exact."""
    parts = {
        "visitors": fixed(4000),
        "leads": fixed(200),
        "per_lead": Rate.known(0.1),
        "amounts": np.array([40_000.0]),
    }
    return Outlook(fixed(20), Rate.known(0.25), **(parts | more))


# A point more: of 5 % of visitors 20/100 · 5 = 1 customer; of 10 % of leads 1/10 · 5 = 0.5; of
# 25 % of hand-overs 20 · 0.01 = 0.2. A tenth more of any rate is half a customer.
def test_what_a_point_of_each_rate_is_worth():
    found = find_bottleneck(company(), 5, 0.8, 24_000, "DKK")
    table = found.frame().set_index("step")
    assert found.customers == pytest.approx(5)
    assert table["rate"].tolist() == pytest.approx([0.05, 0.1, 0.25])
    assert table["customers"].tolist() == pytest.approx([1.0, 0.5, 0.2])
    assert table["margin"].tolist() == pytest.approx([24_000, 12_000, 4_800])
    assert table["tenth_more"].tolist() == pytest.approx([0.5, 0.5, 0.5])
    # 26 hand-overs for 5 at 80 % at 25 %; at 26 % one fewer is enough.
    assert table["sales_ready_needed"].tolist() == [26, 26, 25]
    assert found.sentence == (
        "The bottleneck is visitors who leave contact data: one point more than 5\u00a0% adds 1 "
        "customer a month, 24,000\u00a0kr. of margin."
    )


@pytest.mark.parametrize(
    ("outlook", "step", "said"),
    [
        (company(closing=20), "customers_per_sales_ready", "reps are full"),
        (company(closing=0), None, "closing has no capacity"),
        (Outlook(fixed(0), Rate.known(0.25)), None, "almost nothing is won or comes"),
        (Outlook(fixed(20), Rate.known(1.0)), None, "No single rate"),
        (company(leads=None, visitors=None), "customers_per_sales_ready", "hand-overs won"),
        (company(leads=fixed(0), visitors=fixed(0)), "customers_per_sales_ready", "25\u00a0%"),
    ],
)
def test_the_bottleneck_at_the_extremes(outlook, step, said):
    found = find_bottleneck(outlook, 5, 0.8, 24_000, "DKK")
    assert found.step == step
    assert said in found.sentence
    assert "nan" not in str(found.to_dict()).lower()


def test_a_rate_from_history_keeps_its_doubt_when_a_point_is_added():
    table = find_bottleneck(Outlook(fixed(20), Rate(10, 40)), 5, 0.8).frame()
    known = find_bottleneck(Outlook(fixed(20), Rate.known(Rate(10, 40).mean)), 5, 0.8).frame()
    assert table["sales_ready_needed"][0] > known["sales_ready_needed"][0]


# 200,000 ÷ (40,000 · 1/4) = 20 hand-overs, met with 58.5 %; 12 · 4 = 48 hand-overs; a lead
# handed over is worth 10,000, twenty of them 200,000. 50 % of hand-overs become opportunities,
# so lead to opportunity is 5 %, opportunity to sale 50 %: 200,000 ÷ (40,000 · 0.025) = 200 leads.
def test_the_simpler_forms_by_hand_with_the_chance_they_leave_out():
    outlook = company(opportunity=Rate.known(0.5))
    table = cross_check(outlook, 200_000, 4, 12, "DKK").frame().set_index("form")
    assert table["says"].tolist() == pytest.approx([20, 200, 48, 200_000])
    assert table["unit"].tolist() == ["hand-overs", "leads", "hand-overs", "DKK"]
    by_hand = 1 - sum(math.comb(20, k) * 0.25**k * 0.75 ** (20 - k) for k in range(5))
    assert table["chance"].iloc[0] == pytest.approx(by_hand)  # 0.58516
    assert table["chance"].iloc[2] > 0.99
    assert table["formula"].iloc[0] == "200,000\u00a0kr. ÷ (40,000\u00a0kr. × 25\u00a0%)"


def test_forms_that_have_no_ground_are_left_out():
    bare = cross_check(Outlook(fixed(20), Rate.known(0.0)), 200_000)
    assert bare.frame().empty
    assert bare.to_dict() == {"checks": []}
    no_wins = cross_check(
        Outlook(fixed(20), Rate.known(0.0), amounts=np.array([40_000.0])), 200_000
    )
    assert no_wins.frame()["says"].tolist() == [0.0]
    with pytest.raises(UsageError, match="revenue goal"):
        cross_check(company(), 0)


def test_the_check_takes_any_agreement_like_object():
    goal = Bag(name="A", owner="nobody", measure="leads", by=date(2026, 10, 2))
    terms = Bag(goals=(goal,), owners={}, sla=Bag(confidence=0.8), valid_from=date(2026, 10, 5))
    row = check_goals(terms, judged(A=0.9), date(2026, 10, 1)).goals.iloc[0]
    assert row["words"] == (
        "A is not SMART: no role signs for nobody; its day, 2026-10-02, is before the agreement."
    )
