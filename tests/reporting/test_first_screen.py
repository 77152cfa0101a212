"""What stands on the first screen: the year and the goals as rows, and how sure we are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from smarketing.funnel.sla.promises import Promise
from smarketing.language.numbers import SPACE
from smarketing.language.speaker import speaking
from smarketing.measures.goals import elapsed_share
from smarketing.reporting.pages.uncertainty import how_sure
from smarketing.reporting.pages.year_to_date import YearToDate

GOAL = {"name": "New opportunities", "measure": "opportunities", "target": 120,
        "since": date(2026, 10, 1), "by": date(2027, 9, 30), "so_far": 5, "due": 10}  # fmt: skip
YEAR = YearToDate(
    months=10, first="2026-01", customers=56, revenue=2_460_000, customers_promised=50,
    revenue_promised=2_500_000, goals=(GOAL,), currency="DKK",
)  # fmt: skip


def rows(year: YearToDate) -> list[tuple[str, ...]]:
    texts = [(r.promised, r.delivered, r.verdict_name, r.note) for r in year.rows]
    return [tuple(text.replace(SPACE, " ") for text in row) for row in texts]


def test_the_year_and_the_goals_stand_beside_what_was_promised():
    assert YEAR.head == "This year, 10 months"
    assert rows(YEAR) == [
        ("50 customers", "56", "on pace ▲", ""),
        ("2.50 M kr.", "2.46 M kr.", "behind ▼", ""),
        ("Goal: new opportunities 120 by 30 Sept 2027", "5", "behind ▼", "10 due by now"),
    ]
    with speaking("da"):
        assert YEAR.head == "I år, 10 måneder"
        assert rows(YEAR)[1] == ("2,50 mio. kr.", "2,46 mio. kr.", "bagud ▼", "")


@pytest.mark.parametrize(
    ("changes", "promised"),
    [
        ({"revenue": None}, ["50 customers"]),
        ({"customers_promised": None, "revenue_promised": None}, []),
        ({"customers": None, "revenue": None}, []),
    ],
)
def test_what_was_not_promised_or_is_not_known_has_no_row(changes, promised):
    year = replace(YEAR, goals=({**GOAL, "so_far": None},), **changes)
    assert [row[0] for row in rows(year)] == promised


def test_data_that_begins_in_the_year_says_since_when():
    assert replace(YEAR, first="2026-03", months=8).head == "Since 2026-03, 8 months"


@pytest.mark.parametrize(
    ("month", "share"),
    [("2026-09", 0), ("2026-10", 31 / 365), ("2027-09", 1), ("2027-12", 1)],
)
def test_a_goal_falls_due_by_the_day(month, share):
    assert elapsed_share(GOAL["since"], GOAL["by"], month) == pytest.approx(share)


def promise(**changes) -> Promise:
    known = {"side": "marketing", "name": "acceptance", "basis": "cohort", "unit": "share",
             "promised": 0.6, "delivered": 0.5, "verdict": "broken", "k": 7, "n": 13,
             "pending": 17}  # fmt: skip
    return Promise(**{**known, **changes})


def advised(enough: bool, caution: str = "", sentence: str = "none is off"):
    lines = SimpleNamespace(row=lambda _: {"customers": 9.1})
    checked = SimpleNamespace(enough=enough, caution=caution, sentence=sentence)
    return SimpleNamespace(thresholds=lines, forecast_backtest=checked)


@pytest.mark.parametrize(
    ("promises", "advice", "said"),
    [
        ((), None, []),
        ((promise(pending=0),), None, []),
        ((promise(), promise(name="disposition", pending=3)), None, ["17 of the month's 30"]),
        # of 30 hand-overs sales has not answered one, which acceptance leaves out
        (
            (promise(n=12), promise(name="first_contact", n=24, pending=6)),
            None,
            ["17 of the month's 30"],
        ),
        ((), advised(True), ["None is off."]),
        ((), advised(True, "Caution: customers are off."), ["Caution: customers are off."]),
        ((), advised(False, sentence="too few months"), ["Caution: today's", "Too few months."]),
    ],
)
def test_how_sure_we_are_names_what_may_move_and_what_forecasts_were_worth(promises, advice, said):
    text = how_sure(promises, advice, YEAR)
    assert bool(text) == bool(said)
    for part in said:
        assert part in text
