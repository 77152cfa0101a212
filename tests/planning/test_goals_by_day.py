"""Goals are counted by day, since their own first day, and one that is reached is certain."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.agreement.goal_starts import with_goal_starts
from smarketing.planning.goals.reach import judge_goals, months_left
from smarketing.planning.volumes.rate import Rate
from smarketing.planning.volumes.simulate import Outlook, fixed
from tests.agreements import example_agreement
from tests.worlds.made_facts import made_history

AT = pd.Timestamp("2026-11-15 23:00")
"""In the evening of 16 November in Copenhagen: half of the month is over."""


def agreement(measure: str, target: float, by: str, since: str | None = None):
    goal = {"name": "Goal", "owner": "sales", "measure": measure, "target": target, "by": by}
    goals = [goal | ({"since": since} if since else {})]
    return example_agreement(goals=goals, valid_from=date(2026, 10, 1), buying_group=None)


def history(agreement, at: pd.Timestamp = AT):
    """Return two leads a day from September on; every tenth is handed over and buys a day later."""
    days = pd.date_range("2026-09-01 12:00", at, freq="12h")
    spells = pd.DataFrame({"lead_id": [f"L{i}" for i in range(len(days))], "started_at": days})
    tenth = spells.index % 10 == 0
    spells["sales_ready_at"] = spells["started_at"].where(tenth)
    bought = spells["started_at"] + pd.Timedelta(days=1)
    spells["customer_at"] = bought.where(tenth & (bought <= at))
    wins = spells[spells["customer_at"].notna()]
    wins = wins.rename(columns={"customer_at": "closed_at"})[["lead_id", "closed_at"]]
    return made_history(agreement, spells, at, wins.assign(amount=40_000.0))


def outlook(horizon: int, customers: int = 6) -> Outlook:
    return Outlook(
        fixed(20, horizon), Rate.known(0.25), customers=fixed(customers, horizon),
        amounts=np.array([40_000.0]),
    )  # fmt: skip


def judged(terms, customers: int = 6):
    known = history(terms)
    horizon = max(1, months_left(terms, known.months[-1]))
    return judge_goals(outlook(horizon, customers), terms, known).iloc[0]


# Customers close every fifth day: on 2, 7, 12 … of September 12:00 UTC, so in October on the days
# 2, 7, 12, 17, 22, 27 (six), in November up to the 15th on 1, 6 and 11.
@pytest.mark.parametrize(
    ("since", "by", "done"),
    [
        (None, "2027-03-31", 9),  # from 1 October, when the agreement came into force
        ("2026-10-07", "2027-03-31", 8),
        ("2026-10-08", "2027-03-31", 7),
        ("2026-09-01", "2027-03-31", 15),
        ("2026-09-01", "2026-09-12", 3),  # its last day was in the past
        ("2026-12-01", "2027-03-31", 0),  # its first day is still to come
    ],
)
def test_what_is_done_is_counted_by_day(since, by, done):
    assert judged(agreement("customers", 100, by, since))["done"] == done
    assert judged(agreement("revenue", 9e9, by, since))["done"] == done * 40_000


def test_a_goal_that_is_reached_is_certain():
    row = judged(agreement("customers", 9, "2027-03-31"), customers=0)
    assert row["chance"] == 1
    assert row["words"] == "Goal: 9 by 2027-03-31 was reached."


def test_a_goal_that_was_missed_says_at_how_many():
    row = judged(agreement("customers", 4, "2026-09-12", "2026-09-01"))
    assert row["chance"] == 0
    assert row["words"] == "Goal: 4 by 2026-09-12 was missed at 3 in all."


# 15 November 23:00 UTC is the 16th: of the 30 days of November 15 are to come, so 3 of 6
# customers on average; then six a month.
@pytest.mark.parametrize(
    ("by", "expected"),
    [("2026-11-16", 9), ("2026-11-30", 12), ("2026-12-31", 18), ("2026-12-15", 15)],
)
def test_of_a_month_that_is_cut_only_the_rest_is_to_come(by, expected):
    likely, unlikely = (
        judged(agreement("customers", expected + more, by))["chance"] for more in (-2, 4)
    )
    assert likely > 0.8 > 0.2 > unlikely


@pytest.mark.parametrize(
    ("measure", "by", "why"),
    [
        ("opportunities", "2027-10-31", "cannot be judged: the tables do not record it."),
        ("customers", "2036-10-31", "cannot be judged: it is too far off."),
    ],
)
def test_what_cannot_be_judged_has_no_chance_and_says_why(measure, by, why):
    row = judged(agreement(measure, 10, by))
    assert row["chance"] is None
    assert row["words"] == f"Goal {why}"


def test_a_goal_out_of_reach_says_what_is_within_it():
    row = judged(agreement("customers", 66, "2027-05-31"))
    # Nine are done; three in November and six in each of the other six months: 48.
    assert "is reached with a chance of 0\u00a0%; 4" in row["words"]
    assert row["words"].endswith("to reach it takes 38\u00a0% more than expected.")


def test_accepting_a_change_does_not_restart_a_goal():
    before = agreement("customers", 100, "2027-03-31").model_copy(update={"version": 1})
    now = before.model_copy(update={"version": 2, "valid_from": date(2026, 11, 1)})
    assert judged(now)["done"] == 3
    assert judged(with_goal_starts(now, [before, now]))["done"] == 9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 60), st.integers(1, 400))
def test_the_chance_is_a_chance_and_falls_with_the_target(customers, target, days):
    by = (date(2026, 11, 16) + pd.Timedelta(days=days)).isoformat()[:10]
    chances = [
        judged(agreement("customers", wanted, by), customers)["chance"]
        for wanted in (target + 1, target + 9)
    ]
    assert 1 >= chances[0] >= chances[1] >= 0
    if target + 1 <= 9:  # nine are done
        assert chances[0] == 1
