"""Stages, velocity, campaigns and the loop as a whole: small cases by hand, sums on a company."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.funnel.attribution.campaigns import campaigns
from smarketing.funnel.claims.check import check_claims
from smarketing.funnel.closed_loop import closed_loop
from smarketing.funnel.flow.stages import stage_counts, trend
from smarketing.funnel.flow.velocity import velocity
from smarketing.funnel.flow.whole import whole
from smarketing.funnel.sla.attainment import attainment
from smarketing.measures.count import count
from smarketing.measures.reading import read_facts
from smarketing.results import Picture
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}")


def history_of(folder: Path, tables: dict[str, pd.DataFrame], until: str = "12-31", **agreed):
    file = write_warehouse(folder / "w.duckdb", tables, data_until=at(until).isoformat())
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement(timezone="UTC", **agreed))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory):
    file = write_warehouse(tmp_path_factory.mktemp("funnel") / "w.duckdb", made_up_company())
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement())


STAGES = [
    ("a", 1, "lead", "10-01"),
    ("a", 1, "mql", "10-02"),
    ("a", 1, "sales_ready", "10-03"),
    ("a", 1, "sql", "10-08"),  # accepted is skipped
    ("a", 1, "customer", "11-20"),  # and so is the opportunity
    ("b", 1, "lead", "10-10"),
    ("b", 1, "mql", "10-11"),
    ("b", 1, "sales_ready", "11-02"),
    ("b", 1, "accepted", "11-01"),  # accepted before it was handed over
    ("b", 1, "rejected", "11-05"),
    ("c", 1, "lead", "10-31"),
    ("c", 1, "recycled", "11-10"),
    ("c", 2, "lead", "11-15"),
    ("c", 2, "mql", "11-16"),
]


@pytest.fixture
def small(tmp_path: Path):
    stages = [(lead, spell, stage, at(day)) for lead, spell, stage, day in STAGES]
    tables = {
        "leads": pd.DataFrame(
            {"lead_id": ["a", "b", "c"], "created_at": [at("10-01"), at("10-10"), at("10-31")]}
        ),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]),
        "visits": pd.DataFrame(
            {
                "day": [at("10-01").date(), at("10-31").date(), at("11-01").date()],
                "channel": "organic",
                "visitors": [10, 20, 40],
            }
        ),
    }
    return history_of(tmp_path, tables, until="12-01")


def test_a_cohort_is_followed_and_a_calendar_month_is_not(small):
    counts = stage_counts(small, "2026-10").frame().set_index("stage")
    assert counts.cohort.dropna().to_dict() == {
        "lead": 3, "mql": 2, "sales_ready": 2, "accepted": 1, "sql": 1, "customer": 1,
        "rejected": 1, "recycled": 1,
    }  # fmt: skip
    assert counts.calendar.to_dict() == {
        "visitor": 30, "lead": 3, "mql": 2, "sales_ready": 1, "accepted": 0, "sql": 1,
        "customer": 0, "rejected": 0, "recycled": 0,
    }  # fmt: skip


def test_skipped_backward_recycled_and_unrecorded_stages_are_said(small):
    october, november = stage_counts(small, "2026-10"), stage_counts(small, "2026-11")
    assert october.counts.set_index("stage").skipped.loc["accepted"] == 1
    assert (october.backward, october.recycled, november.recycled) == (1, 0, 1)
    assert list(october.left_out) == ["opportunity"]


@pytest.mark.parametrize(
    ("agreed", "order", "notes"),
    [
        (["lead", "sales_ready", "mql"], ["lead", "sales_ready", "mql", "sql"], 0),
        (["lead", "mql", "sales_ready"], ["lead", "mql", "sales_ready", "sql"], 1),
    ],
)
def test_the_order_of_the_stages_is_the_agreement_s(tmp_path, agreed, order, notes):
    ids = [f"L{i:02d}" for i in range(30)]
    stages = [(lead, 1, "sales_ready", at("10-01")) for lead in ids]
    stages += [(lead, 1, "mql", at("10-02")) for lead in ids[1:]]
    stages.append((ids[1], 1, "sql", at("10-03")))
    tables = {
        "leads": pd.DataFrame({"lead_id": ids, "created_at": at("10-01")}),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]),
    }
    facts = history_of(tmp_path, tables, stages={stage: {"owner": "sales"} for stage in agreed})
    answer = stage_counts(facts, "2026-10")
    assert answer.frame().stage.tolist() == order
    counts = dict(zip(order, answer.frame().cohort, strict=True))
    assert counts["mql"] == 29  # who was handed over is no MQL by that
    assert len([note for note in answer.notes if "other way round" in note]) == notes


def test_rates_name_how_many_are_too_young(small):
    rates = stage_counts(small, "2026-11").rates.set_index(["from", "to"])
    young = rates.loc["mql", "sales_ready"]  # an MQL of 16 November, at 1 December
    assert (young.k, young.n, young.n_immature, young.immature) == (0, 0, 1, True)
    assert np.isnan(young.rate)
    old = stage_counts(small, "2026-10").rates.set_index(["from", "to"]).loc["lead", "mql"]
    assert (old.k, old.n, old.n_immature) == (2, 2, 1)  # the third came on the 31st
    assert old.rate == 1
    assert (round(old.low, 3), round(old.high, 3)) == (0.342, 1.0)
    visitors = stage_counts(small, "2026-10").rates.set_index(["from", "to"])
    assert visitors.loc[("visitor", "lead"), ["k", "n", "basis"]].tolist() == [3, 30, "calendar"]


def test_a_month_the_data_says_nothing_of_names_those_it_does(small):
    with pytest.raises(CannotAnswer, match="2026-10 to 2026-12"):
        stage_counts(small, "2026-09")
    with pytest.raises(UsageError, match="YYYY-MM"):
        stage_counts(small, "October")


@pytest.mark.parametrize(("until", "month"), [("12-01", "2026-11"), ("11-20", "2026-10")])
def test_the_last_month_is_the_last_complete_one(small, until, month):
    at_end = type(small)(**{**vars(small), "data_until": at(until)})
    assert at_end.last_month == month


def test_waits_are_censored_and_the_plain_median_stands_beside(tmp_path):
    # four customers after 1, 2, 3 and 4 days; four leads wait: 1, 2, 30 and 30 days by now
    started = ["10-01"] * 4 + ["12-30", "12-29", "12-01", "12-01"]
    tables = {
        "leads": pd.DataFrame(
            {"lead_id": list("abcdefgh"), "created_at": [at(day) for day in started]}
        ),
        "stages": pd.DataFrame(
            [("abcd"[i], 1, "customer", at(f"10-0{i + 2}")) for i in range(4)],
            columns=["lead_id", "spell", "stage", "entered_at"],
        ),
    }
    row = velocity(history_of(tmp_path, tables)).frame().iloc[0]
    assert (row["n"], row.arrived, row.median_days) == (8, 4, 2.5)
    # of 8, 6, 4 and 3 still waiting one arrives: 13, 27, 45 and 64 % have by then
    assert row.plateau == pytest.approx(1 - 7 / 8 * 5 / 6 * 3 / 4 * 2 / 3)
    assert row.censored_median_days == 4
    assert np.isnan(row.censored_p90_days)
    assert row.arrivals_median_days == 3


def test_a_stage_recorded_backward_is_no_negative_wait(small):
    steps = velocity(small).frame().set_index(["from", "to"])
    assert steps.loc[("sales_ready", "accepted"), "backward"] == 1
    assert steps.loc[("sales_ready", "accepted"), "arrived"] == 0


def campaign_tables() -> dict[str, pd.DataFrame]:
    deals = [
        ("d1", "10-20", 100.10, "DKK"),  # two deals of one lead
        ("d2", "10-25", 0.20, "DKK"),
        ("d3", "10-26", 300.00, "DKK"),  # a buying group: C1 came first, C2 touched last
        ("d4", "10-27", 50.00, None),  # no lead behind it
        ("d5", "10-28", 10.00, "EUR"),
    ]
    return {
        "leads": pd.DataFrame(
            {
                "lead_id": ["a", "b", "c", "d"],
                "created_at": [at("10-01"), at("10-02"), at("10-05"), at("10-06")],
                "campaign_id": [None, "C1", "C2", "C1"],
                "account_id": ["A", "B", "B", "D"],
            }
        ),
        "events": pd.DataFrame(
            [
                ("a", at("10-10"), "lead", False, "email_click", "Fair"),
                ("a", at("10-21"), "lead", False, "page_view", "C1"),
                ("a", at("10-11"), "marketing", True, "email_sent", "C1"),
            ],
            columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "subject"],
        ),
        "deals": pd.DataFrame(
            [(d, at("10-08"), at(day), True, amount, cur) for d, day, amount, cur in deals],
            columns=["deal_id", "opened_at", "closed_at", "won", "amount", "currency"],
        ),
        "deal_leads": pd.DataFrame(
            [("d1", "a"), ("d2", "a"), ("d3", "b"), ("d3", "c"), ("d5", "d")],
            columns=["deal_id", "lead_id"],
        ),
        "campaigns": pd.DataFrame({"campaign_id": ["C1", "C2"], "name": ["Search", "Fair"]}),
        "spend": pd.DataFrame(
            [("C1", "2026-10", 40.0, "DKK"), ("C2", "2026-10", 9.0, "EUR")],
            columns=["campaign_id", "month", "cost", "currency"],
        ),
    }


def test_campaigns_share_customers_revenue_and_cost(tmp_path):
    answer = campaigns(history_of(tmp_path, campaign_tables()), "2026-10")
    table = answer.frame().set_index("campaign_id")
    assert table.leads.to_dict() == {"C1": 2, "(no campaign)": 1, "C2": 1}
    assert table.customers.to_dict() == {"C1": 2, "(no campaign)": 1, "C2": 0}
    # who bought twice within the days of a buying group made one purchase
    assert table.revenue.to_dict() == {"C1": 300.0, "(no campaign)": 100.30, "C2": 0.0}
    assert table.loc["C1", ["cost", "cost_per_lead", "cost_per_customer"]].tolist() == [40, 20, 20]
    assert table.loc["C2", "cost_per_lead"] is not None
    assert np.isnan(table.loc["C2", "cost"])
    assert "too few leads" in table.remark["C1"]
    assert any("EUR" in note for note in answer.notes)
    assert any(note.startswith("1 won deal in another currency") for note in answer.notes)


def test_a_campaign_that_won_nothing_is_told_where_markov_credits_it(tmp_path):
    tables = campaign_tables()
    came = pd.DataFrame(
        {"lead_id": ["e"], "created_at": [at("10-03")], "campaign_id": ["C3"], "account_id": ["E"]}
    )
    clicked = [("e", at("10-07"), "lead", False, "page_view", "C1")]
    tables["leads"] = pd.concat([tables["leads"], came], ignore_index=True)
    events = tables["events"]
    tables["events"] = pd.concat([events, pd.DataFrame(clicked, columns=events.columns)])
    lost = [("d6", at("10-08"), at("10-28"), False, 5.0, "DKK")]
    deals = tables["deals"]
    tables["deals"] = pd.concat([deals, pd.DataFrame(lost, columns=deals.columns)])
    link = pd.DataFrame([("d6", "e")], columns=["deal_id", "lead_id"])
    tables["deal_leads"] = pd.concat([tables["deal_leads"], link])
    answer = campaigns(history_of(tmp_path, tables), "2026-10")
    credit = answer.models.table.set_index(["model", "campaign_id"]).revenue
    assert credit["markov", "C3"] > credit["linear", "C3"] == 0
    [note] = [note for note in answer.notes if "Markov" in note]
    assert "to 1 campaign that won nothing (C3; journeys: 1)" in note


def test_first_and_last_touch_sum_to_revenue(tmp_path):
    answer = campaigns(history_of(tmp_path, campaign_tables()), "2026-10")
    assert answer.revenue == 450.30
    found = {model: answer.attribution[model] for model in ("first_touch", "last_touch")}
    assert found == {
        "first_touch": {"(no campaign)": 100.30, "(no lead)": 50.0, "C1": 300.0},
        # the click on Fair came before the first deal, the visit from Search before the second
        "last_touch": {"C2": 400.10, "(no lead)": 50.0, "C1": 0.20},
    }
    assert answer.attributed().set_index("campaign_id").loc["C2", "name"] == "Fair"


def test_a_cohort_of_whom_every_stage_is_recorded_never_grows(company):
    for month in company.months:
        path = stage_counts(company, month).frame().cohort.dropna().iloc[:7].tolist()
        assert path == sorted(path, reverse=True)


def test_cohorts_and_calendar_months_add_up_to_the_same_leads(company):
    counted = [stage_counts(company, month).frame().set_index("stage") for month in company.months]
    every = whole(company).frame().set_index("stage").n
    calendar = sum(table.calendar for table in counted)
    cohort = sum(table.cohort.drop("visitor") for table in counted)
    assert cohort[list(company.recorded)].to_dict() == every[list(company.recorded)].to_dict()
    assert calendar[list(company.recorded)].to_dict() == every[list(company.recorded)].to_dict()
    assert every["lead"] == len(company.spells) == every[["won", "lost", "open"]].sum()


def test_the_trend_is_the_months_side_by_side(company):
    series = trend(company, "2025-12").frame()
    for month in company.months:
        alone = stage_counts(company, month).frame().set_index("stage")
        here = series[series.month == month].set_index("stage")
        assert (here.cohort == alone.cohort.reindex(here.index)).all()
        assert (here.calendar == alone.calendar.reindex(here.index)).all()


def test_campaigns_add_up_to_all_leads_customers_and_revenue(company):
    answer = campaigns(company, "2025-12")
    assert answer.frame().leads.sum() == len(company.spells)
    assert answer.frame().customers.sum() == count(company, "customers").total
    assert answer.frame().revenue.sum() == pytest.approx(count(company, "revenue").total)
    for split in answer.attribution.values():
        assert round(sum(split.values()) * 100) == round(answer.revenue * 100)


def test_hand_overs_are_in_time_late_or_pending_and_nothing_else(company):
    for month in company.months:
        answer = attainment(company, month)
        for promise in answer.promises:
            if promise.unit == "share":
                assert promise.k <= promise.n
                assert promise.n + promise.pending == len(answer.handovers)


def test_the_loop_is_plain_json_with_its_keys(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company(leads=300))
    with Warehouse.open(file) as warehouse:
        answer = closed_loop(warehouse, example_agreement())
    told = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert set(told) >= {
        "stages", "rates", "velocity", "sla", "claims", "campaigns", "attribution", "revenue",
        "month", "cannot",
    }  # fmt: skip
    assert told["month"] == "2025-12"
    assert {"name", "verdict", "promised", "delivered"} <= set(told["sla"]["promises"][0])


def test_figures_say_in_words_what_they_show(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company(leads=300))
    with Warehouse.open(file) as warehouse:
        answer = closed_loop(warehouse, example_agreement(), "2025-10")
    leads = answer.stages.counts.set_index("stage").cohort["lead"]
    for picture in (answer.plot(), answer.trend.plot(), answer.sla.plot()):
        assert isinstance(picture, Picture)
        assert "2025-10" in picture.alt_text
    assert f"Leads {leads}" in answer.plot().alt_text


def test_leads_without_dates_still_tell_who_converted_by_source(tmp_path):
    leads = pd.DataFrame(
        {
            "lead_id": list("abcdef"),
            "source": ["web", "web", "web", "fair", None, "web"],
            "outcome": [True, False, False, True, False, None],
        }
    )
    with Warehouse.open(write_warehouse(tmp_path / "w.duckdb", {"leads": leads})) as warehouse:
        answer = closed_loop(warehouse, example_agreement())
    rates = answer.frame().set_index("source")
    assert rates.k.to_dict() == {"(all)": 2, "web": 1, "fair": 1, "(no source)": 0}
    assert rates.n.to_dict() == {"(all)": 5, "web": 3, "fair": 1, "(no source)": 1}
    assert {"velocity", "sla", "claims", "campaigns"} <= set(answer.cannot)
    json.dumps(answer.to_dict(), allow_nan=False)
    with pytest.raises(CannotAnswer, match="no dates"):
        answer.plot()


def test_a_cohort_before_the_trusted_history_is_marked(tmp_path):
    tables = made_up_company(leads=300)
    file = write_warehouse(tmp_path / "w.duckdb", tables, history_from="2025-06-01T00:00:00")
    with Warehouse.open(file) as warehouse:
        answer = closed_loop(warehouse, example_agreement(), "2025-03")
        assert not answer.stages.usable
        assert "unusable" in answer.cannot["stages: cohort"]
        assert velocity(read_facts(warehouse, example_agreement())).steps["n"].max() < 300


def test_with_leads_alone_every_part_says_what_is_missing(tmp_path):
    leads = made_up_company(leads=60)["leads"][["lead_id", "created_at", "source"]]
    with Warehouse.open(write_warehouse(tmp_path / "w.duckdb", {"leads": leads})) as warehouse:
        answer = closed_loop(warehouse, example_agreement(), "2025-03")
    assert answer.stages.frame().stage.tolist() == ["lead"]
    assert {"campaigns", "attribution", "sla: handover", "claims: leads_got_worse"} <= set(
        answer.cannot
    )
    assert answer.claims.claims == ()
    json.dumps(answer.to_dict(), allow_nan=False)
    answer.plot()


def test_an_unknown_claim_is_refused(company):
    with pytest.raises(UsageError, match="leads_got_worse"):
        check_claims(company, names=["sales is lazy"])
