"""Small companies that were once counted wrongly: each with its right value, worked out by hand."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from smarketing.folder import Folder
from smarketing.funnel.closed_loop import ClosedLoop, closed_loop
from smarketing.funnel.flow.whole import whole
from smarketing.measures.count import count
from smarketing.measures.facts import Facts
from smarketing.measures.reading import read_facts
from smarketing.planning.recommendation import recommend
from smarketing.reporting.pages.monthly import monthly_report
from smarketing.reporting.pages.year_to_date import year_to_date
from smarketing.warehouse.ingesting.run import ingest

CASES = Path(__file__).parents[1] / "cases" / "counting"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Return a case's folder by the start of its name, ingested once."""
    folders: dict[str, Folder] = {}

    def of(name: str) -> Folder:
        if name not in folders:
            source = next(CASES.glob(f"{name}-*"))
            path = tmp_path_factory.mktemp("case") / source.name
            shutil.copytree(source, path)
            ingest(path)
            folders[name] = Folder.open(path)
        return folders[name]

    return of


def facts_of(place: Folder) -> Facts:
    with place.warehouse() as warehouse:
        return read_facts(warehouse, place.agreement)


def loop_of(place: Folder, month: str | None = None) -> ClosedLoop:
    with place.warehouse() as warehouse:
        return closed_loop(warehouse, place.agreement, month)


def stage(loop: ClosedLoop, name: str, column: str) -> int:
    return int(loop.stages.counts.set_index("stage").loc[name, column])


def test_a_deal_won_reopened_and_lost_leaves_no_customer(opened):
    loop = loop_of(opened("01"), "2026-09")
    told = {
        "cohort": stage(loop, "customer", "cohort"),
        "calendar": stage(loop, "customer", "calendar"),
        "trend": loop.trend.counts.query("stage == 'customer'").calendar.sum(),
        "promised by calendar": loop.sla.promise("customers", "calendar").delivered,
        "promised by cohort": loop.sla.promise("customers", "cohort").delivered,
        "campaign": loop.campaigns.table.customers.item(),
    }
    assert set(told.values()) == {1}, told
    assert loop.campaigns.table.revenue.item() == 40_000
    odd = loop.oddities.set_index("what")
    assert odd.k["leads called customers whose deals were not won"] == 1
    assert odd.examples["leads called customers whose deals were not won"] == ("L01",)


def test_its_lead_counts_as_lost_and_is_no_win_to_learn_from(opened):
    facts = facts_of(opened("01"))
    first = facts.spells.set_index("lead_id").loc["L01"]
    assert first.is_lost
    assert first.ended_at is not None
    assert first.isna().customer_at
    assert "L01" not in set(facts.open.lead_id)
    parts = whole(facts).frame().set_index("stage").n
    assert parts[["won", "lost", "open"]].tolist() == [1, 1, 11]


@pytest.mark.parametrize("case", ["02", "02b", "02c"])
def test_what_is_done_of_a_goal_is_its_measure_since_its_first_day(opened, case):
    place = opened(case)
    with place.warehouse() as warehouse:
        goals = recommend(warehouse, place.agreement, resamples=5, draws=100).goals
    assert goals.set_index("name").done.to_dict() == {
        "Revenue year": 960_000, "Customers year": 24,
    }  # fmt: skip


def test_two_people_of_one_deal_are_one_customer_a_month(opened):
    counts = count(facts_of(opened("02c")), "customers", months=["2025-07", "2025-12"])
    assert counts.table.n.tolist() == [4, 4]


def test_a_goal_goes_on_when_the_agreement_is_renewed(opened):
    place = opened("03")
    with place.warehouse() as warehouse:
        facts = read_facts(warehouse, place.agreement_for("2026-04"))
    year = year_to_date(facts, "2026-04")
    goal = year.goals[0]
    assert (goal["since"], goal["so_far"], goal["target"]) == (
        date(2025, 10, 1), 2_100_000, 2_400_000,
    )  # fmt: skip
    assert goal["due"] == pytest.approx(2_400_000 * 212 / 365)
    assert [row.word for row in year.rows if "FY 2025/26" in row.promised] == ["on pace"]


def test_a_month_without_new_leads_has_its_numbers(opened):
    place = opened("04")
    loop = loop_of(place, "2026-07")
    assert stage(loop, "lead", "calendar") == 0
    assert loop.sla.counts["handed_over"] == 1
    assert loop.sla.handovers.lead_id.tolist() == ["B02"]
    assert loop.sla.promise("customers", "calendar").delivered == 1
    assert loop.sla.promise("revenue", "calendar").delivered == 250_000
    page = monthly_report(place, "2026-07")
    assert "1 customer" in page.message
    assert page.year.revenue == 350_000


def test_customers_are_deals_where_no_buying_group_is_agreed(opened):
    loop = loop_of(opened("13"), "2024-03")
    promise = loop.sla.promise("customers", "calendar")
    assert stage(loop, "customer", "calendar") == promise.delivered == 6
    assert promise.verdict == "kept"
    assert loop.sla.promise("revenue", "calendar").delivered == 6_000
    assert loop.stages.notes[0] == "A customer is a won deal."


@pytest.mark.parametrize(
    ("counted_by", "customers", "note"),
    [("account", 0, "counted once"), ("deal", 6, "a won deal"), ("purchase", 0, "within 90 days")],
)
def test_what_a_customer_is_is_for_the_agreement_to_say(opened, counted_by, customers, note):
    place = opened("13")
    agreed = place.agreement.model_copy(
        update={
            "customers": {"counted_by": counted_by},
            "buying_group": {"within_days": 90},
        }
    )
    agreed = type(agreed).model_validate(agreed.to_dict())
    with place.warehouse() as warehouse:
        loop = closed_loop(warehouse, agreed, "2024-03")
    # both accounts bought in January, and again within 90 days in all of March
    assert stage(loop, "customer", "calendar") == customers
    assert loop.sla.promise("customers", "calendar").delivered == customers
    assert note in loop.stages.notes[0]


def test_a_win_on_the_day_of_its_opening_does_not_turn_the_stages_round(opened):
    loop = loop_of(opened("20"), "2025-04")
    path = loop.stages.counts
    assert path.stage.tolist() == ["lead", "opportunity", "customer"]
    assert path.cohort.tolist() == [100, 100, 20]
    assert loop.stages.backward == 0
    rates = loop.rates.set_index(["from", "to"])
    assert rates.loc[("lead", "opportunity"), ["k", "n"]].tolist() == [28, 28]
    # of the 28 leads of 1 to 8 April, whose 90 days are over, every fifth was won
    assert rates.loc[("opportunity", "customer"), ["k", "n", "n_immature"]].tolist() == [6, 28, 72]


def test_wins_without_a_closing_date_are_customers_of_their_cohort(opened):
    loop = loop_of(opened("24"))
    assert loop.whole.stages.set_index("stage").n[["customer", "undated"]].tolist() == [60, 30]
    april = loop_of(opened("24"), "2025-04")
    assert stage(april, "customer", "cohort") == 10
    assert stage(april, "customer", "calendar") == 5
    assert stage(april, "customer", "undated") == 30
    assert "30 of 60 customers have no closing date" in april.stages.headline
    assert april.stages.headline in april.stages.notes


def test_no_line_is_recommended_that_nobody_reaches_to_keep_a_capacity(opened):
    place = opened("02")
    with place.warehouse() as warehouse:
        found = recommend(warehouse, place.agreement, resamples=5, draws=100).thresholds
    assert not found.change
    assert found.why.startswith("No line can be recommended")
    assert found.row()["customers"] > 4
