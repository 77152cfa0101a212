"""The weekly meeting's numbers, checked line by line on a week worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from smarketing.actions.weekly_meeting import week_bounds, weekly
from smarketing.errors import CannotAnswer, UsageError
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse

SLA = {
    "marketing": {"mqls_per_month": 31, "sales_ready_per_month": 62, "acceptance_rate": 0.6},
    "sales": {
        "first_contact": {"share": 0.5, "within_hours": 24, "clock": "elapsed"},
        "follow_up": {"share": 0.9, "attempts": 2, "within_days": 7},
        "disposition_within_days": 10,
        "customers_per_month": 31,
    },
}


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}")


# week 42 is Monday 12 to Sunday 18 October; lead: stages, calls
LEADS: dict[str, tuple[str, list[tuple[str, str]], list[str]]] = {
    # contact fell due before the week, the follow-up within it (two calls), the verdict too
    "worked": ("C1", [("sales_ready", "10-07 09:00"), ("accepted", "10-08"), ("sql", "10-13")],
               ["10-07 10:00", "10-09 10:00"]),
    # follow-up due on the 14th: one call; verdict due on the 17th: none
    "one call": ("C1", [("sales_ready", "10-07 08:00")], ["10-07 10:00"]),
    # contact due on the 13th, in time; nothing else yet; no phone number
    "this week": ("C1", [("mql", "10-11"), ("sales_ready", "10-12 09:00")], ["10-12 12:00"]),
    # contact due on the 15th: never
    "left alone": ("C1", [("mql", "10-13"), ("sales_ready", "10-14 09:00")], []),
    # handed over on Sunday: due next week
    "Sunday": ("C1", [("mql", "10-18"), ("sales_ready", "10-18 09:00")], []),
    # given back in the week; its verdict was due on the 12th and came on the 12th
    "rejected": ("C1", [("sales_ready", "10-02 09:00"), ("rejected", "10-12 08:00")],
                 ["10-02 10:00"]),
    "recycled": ("C2", [("mql", "10-01"), ("recycled", "10-15")], []),
    "bought": ("C2", [("sql", "10-01"), ("customer", "10-16")], []),
    "next week": ("C3", [("lead", "10-19"), ("mql", "10-20")], []),
    "newcomer": ("C4", [("lead", "10-14")], []),
}  # fmt: skip
OLD = [f"old {i}" for i in range(5)]  # campaign C5 sent five leads until 15 September


def tables() -> dict[str, pd.DataFrame]:
    stages, calls, leads = [], [], []
    for lead, (campaign, path, days) in LEADS.items():
        start = at(path[0][1]) if path[0][0] == "lead" else at("09-25")
        leads.append((lead, start, campaign, lead != "this week"))
        stages += [(lead, 1, stage, at(day)) for stage, day in path]
        calls += [(lead, at(day), "sales", False, "call", "no_answer") for day in days]
    leads += [(lead, at(f"09-1{i + 1}"), "C5", True) for i, lead in enumerate(OLD)]
    calls.append(("this week", at("10-12 09:05"), "sales", True, "assigned", None))
    return {
        "leads": pd.DataFrame(
            leads, columns=["lead_id", "created_at", "campaign_id", "phone_known"]
        ).assign(source="paid"),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]).assign(
            reason=lambda t: t.stage.map({"rejected": "no_budget", "recycled": "not_now"})
        ),
        "events": pd.DataFrame(
            calls, columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "outcome"]
        ),
        "deals": pd.DataFrame(
            {"deal_id": ["d"], "opened_at": at("10-02"), "closed_at": at("10-16"), "won": True}
        ),
        "deal_leads": pd.DataFrame({"deal_id": ["d"], "lead_id": ["recycled"]}),
    }


def history_of(folder: Path, told: dict[str, pd.DataFrame], until: str = "10-31"):
    file = write_warehouse(folder / "w.duckdb", told, data_until=at(until).isoformat())
    with Warehouse.open(file) as warehouse:
        return read_facts(
            warehouse,
            example_agreement(timezone="UTC", sla=SLA, handover__required_fields=["phone_known"]),
        )


@pytest.fixture
def week(tmp_path: Path):
    return weekly(history_of(tmp_path, tables()), "2026-W42")


@pytest.mark.parametrize(
    ("name", "promised", "delivered", "k", "n", "verdict", "broken"),
    [
        ("mqls", 7, 2, None, None, "broken", ()),  # 31 a month are one a day
        ("sales_ready", 14, 3, None, None, "broken", ()),
        ("customers", 7, 2, None, None, "broken", ()),  # bought, and recycled by its won deal
        # turned ten days old: worked, rejected; of one call sales has not said anything yet
        ("acceptance", 0.6, 1 / 2, 1, 2, "broken", ("rejected",)),
        # the day ended for this week and left alone
        ("first_contact", 0.5, 1 / 2, 1, 2, "kept", ("left alone",)),
        ("follow_up", 0.9, 1 / 2, 1, 2, "broken", ("one call",)),
        ("disposition", 1.0, 2 / 3, 2, 3, "broken", ("one call",)),
    ],
)
def test_each_promise_that_fell_due_in_the_week(
    week, name, promised, delivered, k, n, verdict, broken
):
    row = week.frame().set_index("name").loc[name]
    assert row.promised == pytest.approx(promised)
    assert row.delivered == pytest.approx(delivered)
    assert (row.verdict, row.broken) == (verdict, broken)
    assert (None if pd.isna(row.k) else (row.k, row.n)) == (None if k is None else (k, n))
    assert len(week.frame()) == 7


@pytest.mark.parametrize(
    ("customers", "week", "due", "verdict"),
    [
        # one came on 1 October (by its won deal recycled) and one, bought, on the 16th
        (5, "2026-W42", 2, "kept"),  # 5 x 18/31 = 2.9 by the 18th: two are wholly due
        (6, "2026-W42", 3, "broken"),  # 3.5
        (5, "2026-W43", 4, "broken"),  # 4.03 by the 25th
        (2, "2026-W43", 1, "kept"),  # 1.6; the week itself had none
        (2, "2026-W44", 2, "kept"),  # to the month's end, the whole promise
        (3, "2026-W44", 3, "broken"),
    ],
)
def test_a_part_of_a_customer_is_not_due(tmp_path, customers, week, due, verdict):
    facts = history_of(tmp_path, tables(), until="11-02")
    sla = facts.agreement.sla
    sales = sla.sales.model_copy(update={"customers_per_month": customers})
    agreed = facts.agreement.model_copy(update={"sla": sla.model_copy(update={"sales": sales})})
    row = weekly(replace(facts, agreement=agreed), week).frame().set_index("name").loc["customers"]
    assert (row.month_so_far, row.due, row.verdict) == (2, due, verdict)


def test_breaches_to_act_on_today(week):
    table = week.breaches
    assert list(zip(table.lead_id, table.breach, table.overdue.round(2), strict=True)) == [
        ("one call", "disposition", 1.67),  # due on the 17th at eight
        ("one call", "follow_up", 4.67),
        ("left alone", "first_contact", 87.0),  # hours since the 15th at nine
    ]


def test_what_came_back_what_lacks_and_whose_nobody_s(week):
    assert week.given_back[["lead_id", "kind", "reason", "campaign_id"]].to_numpy().tolist() == [
        ["recycled", "recycled", "not_now", "C2"], ["rejected", "rejected", "no_budget", "C1"],
    ]  # fmt: skip
    assert week.lacking.to_numpy().tolist() == [["this week", "phone_known"]]
    assert week.unassigned == ("left alone", "Sunday")


def test_campaigns_that_started_and_stopped(week):
    # C5's last lead came on 15 September: by 13 October that is four weeks ago
    assert week.campaigns[["campaign_id", "change"]].to_numpy().tolist() == [
        ["C4", "started"], ["C5", "stopped"],
    ]  # fmt: skip


def test_stages_without_support_and_against_the_records(week):
    told = week.evidence[["lead_id", "stage", "problem"]].to_numpy().tolist()
    assert told == [
        ["bought", "customer", "unsupported"],  # the won deal names another lead
        ["bought", "sql", "unsupported"],  # nobody called
    ]


def test_a_lead_with_sales_that_nobody_touched_for_a_month_is_stale(tmp_path):
    later = weekly(history_of(tmp_path, tables(), until="12-31"), "2026-W50")
    stale = later.evidence[later.evidence.problem == "stale"]
    assert stale.lead_id.tolist() == ["one call", "this week", "worked", "left alone", "Sunday"]
    assert stale["at"].iloc[0] == at("10-07 10:00")  # the last call


def test_a_record_against_the_order_is_contradicted(tmp_path):
    told = tables()
    more = pd.DataFrame(
        [("one call", 1, "accepted", at("10-06")), ("rejected", 1, "sql", at("10-15"))],
        columns=["lead_id", "spell", "stage", "entered_at"],
    )
    told["stages"] = pd.concat([told["stages"], more], ignore_index=True)
    found = weekly(history_of(tmp_path, told), "2026-W42").evidence
    wrong = found[found.problem == "contradicted"]
    assert list(zip(wrong.lead_id, wrong.stage, wrong.says, strict=True)) == [
        ("rejected", "sql", "became an SQL after it was given back"),
        ("one call", "accepted", "entered before an earlier stage"),
    ]


def test_the_last_complete_week_is_the_default_and_others_are_refused(tmp_path):
    facts = history_of(tmp_path, tables(), until="10-24 12:00")
    assert weekly(facts).week == "2026-W42"
    at_end = type(facts)(**{**vars(facts), "data_until": at("10-25 12:00")})
    assert weekly(at_end).week == "2026-W43"
    for wrong in ("2026-42", "2026-W54", "W42"):
        with pytest.raises(UsageError, match="week"):
            weekly(facts, wrong)
    for empty in ("2026-W20", "2027-W02"):
        with pytest.raises(CannotAnswer, match=empty):
            weekly(facts, empty)


def test_a_week_with_a_change_of_the_clock_is_an_hour_longer():
    start, end = week_bounds("2026-W43", "Europe/Copenhagen")
    assert end - start == pd.Timedelta(days=7, hours=1)


def test_what_is_not_recorded_is_said_and_the_rest_is_there(tmp_path):
    told = tables()
    told["stages"] = told["stages"].query("stage != 'sales_ready'")
    del told["events"]
    told["leads"]["campaign_id"] = None
    found = weekly(history_of(tmp_path, told), "2026-W42")
    assert {"handover", "sales_ready"} <= set(found.cannot)
    assert found.frame().name.tolist() == ["mqls", "customers"]
    json.dumps(found.to_dict(), allow_nan=False)


def test_every_week_of_a_company_is_plain_json(tmp_path):
    file = write_warehouse(tmp_path / "w.duckdb", made_up_company(leads=200))
    with Warehouse.open(file) as warehouse:
        facts = read_facts(warehouse, example_agreement())
    for week in ("2025-W02", "2025-W30", "2025-W52"):
        found = weekly(facts, week)
        json.dumps(found.to_dict(), allow_nan=False)
        shares = found.frame().dropna(subset=["n"])
        assert (shares.n - shares.k == shares.broken.map(len)).all()
