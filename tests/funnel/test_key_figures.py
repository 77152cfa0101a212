"""Key figures, content on journeys and grades, on a company worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.funnel.closed_loop import closed_loop
from smarketing.funnel.flow.breakdowns import breakdown
from smarketing.funnel.flow.content import customer_content, nurture_content
from smarketing.funnel.flow.loss_reasons import reasons
from smarketing.funnel.flow.nurture import nurture
from smarketing.funnel.key_figures import key_figures
from smarketing.measures.facts import with_grades
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse
from tests.worlds.key_figures import AGREED, at, tables


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("figures")
    file = write_warehouse(folder / "w.duckdb", tables(), data_until=at("07-01").isoformat())
    with Warehouse.open(file) as warehouse:
        yield warehouse, read_facts(warehouse, AGREED)


@pytest.mark.parametrize(
    ("side", "name", "value", "k", "n", "n_immature", "target"),
    [
        ("marketing", "visitor_to_lead", 6 / 120, 6, 120, 0, None),
        # all but below came to the line; young's 45 days are not over
        ("marketing", "lead_to_mql", 4 / 5, 4, 5, 1, None),
        ("marketing", "mql_to_sales_ready", 3 / 4, 3, 4, 1, 20 / 120),
        # late became an SQL after 77 days; a deal without a lead is sales' own
        ("sales", "mql_to_sql", 1 / 4, 1, 4, 1, None),
        ("sales", "close_rate", 1 / 3, 1, 3, 0, 5 / 20),  # late bought after 137 days
        ("marketing", "share_from_marketing", 0.8, 2, 3, 0, None),
        ("sales", "revenue_per_month", 100_000 / 6, None, 3, 0, 200_000),
        ("sales", "revenue_per_customer", 100_000 / 3, None, 3, 0, 40_000),
        ("sales", "days_to_first_order", (40 + 139) / 2, None, 2, 0, None),
    ],
)
def test_each_key_figure_with_its_target(opened, side, name, value, k, n, n_immature, target):
    found = key_figures(opened[1], "2026-06")
    assert (found.first_month, found.last_month, found.cannot) == ("2026-01", "2026-06", {})
    row = found.frame().set_index("name").loc[name]
    assert row.side == side
    assert row.value == pytest.approx(value)
    assert (None if pd.isna(row.k) else row.k, row.n, row.n_immature) == (k, n, n_immature)
    assert (None if pd.isna(row.target) else row.target) == pytest.approx(target)
    assert (None if pd.isna(row.met) else bool(row.met)) == (target and value >= target)
    assert found.frame().side.tolist() == ["marketing"] * 4 + ["sales"] * 5


def test_a_target_agreed_wins_over_one_that_follows(opened):
    targets = {"close_rate": 0.3, "days_to_first_order": 90, "lead_to_mql": 0.9}
    agreed = example_agreement(timezone="UTC", buying_group=None, targets=targets)
    table = key_figures(replace(opened[1], agreement=agreed), "2026-06").frame().set_index("name")
    assert table.target[list(targets)].to_dict() == targets
    assert table.met[list(targets)].tolist() == [True, True, False]  # fewer days are better
    assert table.target["revenue_per_customer"] == 40_000


def test_months_before_the_trusted_history_are_left_out(opened):
    late = replace(opened[1], history_from=at("01-20"))
    found = key_figures(late, "2026-06")
    assert found.first_month == "2026-02"
    table = found.frame().set_index("name")
    assert table.n[["lead_to_mql", "visitor_to_lead", "revenue_per_customer"]].tolist() == [
        1,
        20,
        3,
    ]
    assert late.first_of("2026-01", 12) == "2026-01"  # nothing trusted: the month itself


def test_what_no_table_tells_is_said_and_the_rest_is_there(tmp_path):
    told = tables()
    for name in ("visits", "deals", "deal_leads"):
        del told[name]
    told["stages"] = told["stages"].query("stage != 'sql'")
    file = write_warehouse(tmp_path / "w.duckdb", told, data_until=at("07-01").isoformat())
    with Warehouse.open(file) as warehouse:
        found = key_figures(read_facts(warehouse, AGREED), "2026-06")
    assert found.frame().name.tolist() == ["lead_to_mql", "mql_to_sales_ready", "close_rate"]
    assert set(found.cannot) == {
        "visitor_to_lead", "mql_to_sql", "share_from_marketing", "revenue_per_month",
        "revenue_per_customer", "days_to_first_order",
    }  # fmt: skip
    json.dumps(found.to_dict(), allow_nan=False)


def shares(content) -> dict[tuple[str, str], tuple[int, int]]:
    return {(r.kind, r.subject): (r.k, r.k_others) for r in content.frame().itertuples()}


def test_content_before_the_order_is_compared_and_nothing_after_it(opened):
    found = customer_content(*opened, "2026-06")
    # won bought in time; late did not, lost, below and slow neither; young is too young
    assert (found.n, found.n_others) == (1, 4)
    assert shares(found) == {
        ("page_view", "/prices"): (1, 2),  # late and slow; below only looked after its 90 days
        ("page_view", "/demo"): (0, 1),
        ("download", "guide.pdf"): (0, 1),
        ("search", "crm price"): (0, 1),
    }
    row = found.frame().set_index("subject").loc["/prices"]
    assert (row.share, row.share_others) == (1.0, 0.5)
    assert row.low < row.difference == 0.5 < row.high
    assert row.remark == "on too few journeys to compare (3)"


def test_what_brought_leads_over_the_line_later_came_before_it(opened):
    found = nurture_content(*opened)
    # after their first day: won (an MQL on its third day) and slow came over; below did not,
    # late, lost and young were MQLs by the end of the first day
    assert (found.n, found.n_others) == (2, 1)
    assert shares(found) == {
        ("page_view", "/prices"): (2, 0),
        ("search", "crm price"): (0, 1),
    }


def test_no_event_that_names_anything_says_so(tmp_path):
    told = tables()
    del told["events"]
    file = write_warehouse(tmp_path / "w.duckdb", told, data_until=at("07-01").isoformat())
    with Warehouse.open(file) as warehouse:
        facts = read_facts(warehouse, AGREED)
        with pytest.raises(CannotAnswer, match="events"):
            customer_content(warehouse, facts, "2026-06")
        loop = closed_loop(warehouse, AGREED, "2026-06")
    assert "events" in loop.cannot["content"]
    assert loop.content is None
    assert loop.key_figures.frame().name.iloc[0] == "visitor_to_lead"
    json.dumps(loop.to_dict(), allow_nan=False)


def test_groups_by_grade_add_up_and_need_grades(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company(leads=300))
    with Warehouse.open(file) as warehouse:
        facts = read_facts(warehouse, example_agreement())
    first, last = facts.months[0], facts.months[-1]
    for ask in (breakdown, reasons):
        with pytest.raises(CannotAnswer, match="grades are not given"):
            ask(facts, first, last, by="grade")
    keys = facts.spells[["lead_id", "spell"]]
    some = keys.assign(first_grade=[f"{'ABC'[i % 3]}{1 + i % 2}" for i in range(len(keys))])[:-7]
    graded = with_grades(facts, some.sample(frac=1, random_state=0))
    table = breakdown(graded, first, last, by="grade").frame().set_index("group")
    whole = breakdown(graded, first, last, by="source").frame()
    assert set(table.index) == {"A1", "A2", "B1", "B2", "C1", "C2", "(no grade)"}
    assert table.lead["(no grade)"] == 7
    for stage in (*facts.recorded, "buying_groups"):
        assert table[stage].sum() == whole[stage].sum()
    below = nurture(graded, by="grade").frame()
    assert below.n[1:].sum() == below.n[0]
