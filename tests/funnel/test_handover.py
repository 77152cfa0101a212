"""Both sides' SLA on hand-overs whose every figure is worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.funnel.sla.attainment import attainment
from smarketing.funnel.sla.handover import handovers, missing_fields
from smarketing.funnel.sla.promises import count_promise, revenue_promise, share_promise
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import SALES_SLA, example_agreement
from tests.builders import write_warehouse


def utc(local: str) -> pd.Timestamp:
    marked = pd.Timestamp(f"2026-{local}").tz_localize("Europe/Copenhagen")
    return marked.tz_convert("UTC").tz_localize(None)


AGREED = {
    "sla": {
        "confidence": 0.8,
        "marketing": {"mqls_per_month": 10, "sales_ready_per_month": 10, "acceptance_rate": 0.5},
        "sales": SALES_SLA,
    },
    "handover": {"required_fields": ["phone_known", "company", "need"]},
}

# lead: (handed over, attempts by local time, verdict, its time)
HANDED = {
    "office hours": ("10-06 10:00", ["10-06 11:00", "10-07 11:00"], "accepted", "10-07 12:00"),
    "night": ("10-06 22:00", ["10-07 16:30"], "sql", "10-12 09:00"),
    "weekend": ("10-10 12:00", ["10-12 17:30"], "rejected", "10-30 09:00"),
    "late": ("10-09 16:00", ["10-13 09:30", "10-13 15:00"], "rejected", "10-14 09:00"),
    "called before": ("10-14 10:00", [], None, None),
    "only mailed by machine": ("10-15 10:00", [], None, None),
    "summer time ends": ("10-23 16:00", ["10-26 16:00", "10-30 10:00"], None, None),
    "back, not qualified": ("10-15 09:00", ["10-15 09:30"], "accepted", "10-16 09:00"),
    "back, qualified anew": ("10-15 09:00", ["10-15 11:00"], "sql", "10-16 09:00"),
    "young": ("10-30 16:00", ["10-30 16:30"], None, None),
}
UNTIL = "11-02 12:00"

CONTACT = {
    "office hours": (1.0, "in time"),
    "night": (7.5, "in time"),
    "weekend": (8.0, "in time"),  # Monday 9 to 17; the call after closing time adds nothing
    "late": (9.5, "late"),  # one hour on Friday, eight on Monday, half of one on Tuesday
    "called before": (None, "never"),
    "only mailed by machine": (None, "never"),
    "summer time ends": (8.0, "in time"),
    "back, not qualified": (0.5, "in time"),
    "back, qualified anew": (2.0, "in time"),
    "young": (0.5, "pending"),  # four of the eight hours are over
}
FOLLOW_UP = {
    "office hours": "in time",  # two attempts
    "night": "in time",  # a verdict after six days
    "weekend": "late",  # one attempt, the verdict after twenty days
    "late": "in time",
    "called before": "never",
    "only mailed by machine": "never",
    "summer time ends": "pending",
    "back, not qualified": "in time",  # connected
    "back, qualified anew": "in time",
    "young": "pending",
}
DISPOSITION = {
    "office hours": "never",  # accepted is no verdict yet
    "night": "in time",
    "weekend": "late",
    "late": "in time",
    "called before": "never",
    "only mailed by machine": "never",
    "summer time ends": "pending",
    "back, not qualified": "never",
    "back, qualified anew": "in time",
    "young": "pending",
}


def company() -> dict[str, pd.DataFrame]:
    stages, events = [], []
    for lead, (handed, attempts, verdict, at) in HANDED.items():
        spell = 2 if lead.startswith("back") else 1
        stages.append((lead, 1, "lead", utc("08-03 10:00")))
        if spell == 2:
            stages.append((lead, 1, "recycled", utc("08-20 10:00")))
            stages.append((lead, 2, "lead", utc("10-01 10:00")))
        if lead != "back, not qualified":
            stages.append((lead, spell, "mql", utc("10-05 10:00")))
        stages.append((lead, spell, "sales_ready", utc(handed)))
        if verdict:
            stages.append((lead, spell, verdict, utc(at)))
        outcome = "connected" if lead == "back, not qualified" else "no_answer"
        events += [(lead, utc(a), "sales", False, "call", outcome) for a in attempts]
    events += [
        ("called before", utc("10-13 10:00"), "sales", False, "call", "connected"),
        ("only mailed by machine", utc("10-15 11:00"), "sales", True, "email_sent", None),
        ("only mailed by machine", utc("10-15 12:00"), "marketing", False, "email_sent", None),
        ("only mailed by machine", utc("10-15 13:00"), "lead", False, "page_view", None),
        ("office hours", utc("10-06 10:15"), "sales", True, "assigned", None),
        ("night", utc("10-06 20:00"), "sales", True, "assigned", None),
        # of the first spell, so no contact of the second
        ("back, qualified anew", utc("08-10 10:00"), "sales", False, "call", "connected"),
    ]
    return {
        "leads": pd.DataFrame(
            {
                "lead_id": list(HANDED),
                "created_at": utc("08-03 10:00"),
                "source": "paid",
                "phone_known": [True, False, None, *[True] * 7],
                "company": ["", *["Acme"] * 9],
            }
        ),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]),
        "events": pd.DataFrame(
            events, columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "outcome"]
        ),
    }


def history_of(path: Path, tables: dict[str, pd.DataFrame], until: str = UNTIL, **changes):
    file = write_warehouse(path / "w.duckdb", tables, data_until=utc(until).isoformat())
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement(**{**AGREED, **changes}))


@pytest.fixture
def facts(tmp_path: Path):
    return history_of(tmp_path, company())


@pytest.fixture
def rows(facts) -> pd.DataFrame:
    return handovers(facts, "2026-10").set_index("lead_id")


@pytest.mark.parametrize("lead", HANDED)
def test_each_hand_over_is_timed_on_the_agreed_clock(rows, lead):
    hours, state = CONTACT[lead]
    found = rows.loc[lead, "contact_hours"]
    assert (None if pd.isna(found) else round(found, 6)) == hours
    assert rows.loc[lead, "contact"] == state


@pytest.mark.parametrize(
    ("column", "expected"), [("follow_up", FOLLOW_UP), ("disposition", DISPOSITION)]
)
def test_each_hand_over_is_followed_up_and_disposed_of(rows, column, expected):
    assert rows[column].to_dict() == expected


def test_system_delay_and_rep_delay_stand_apart(rows):
    delays = rows[["system_hours", "rep_hours", "contact_hours"]]
    assert delays.loc["office hours"].tolist() == [0.25, 0.75, 1.0]
    assert delays.loc["night"].tolist() == [0.0, 7.5, 7.5]  # assigned before the hand-over
    assert delays.loc["late", ["system_hours", "rep_hours"]].isna().all()


def test_a_lead_reached_for_before_the_hand_over_is_never_contacted_after_it(facts, rows):
    assert rows.loc["called before", ["attempts", "attempts_before"]].tolist() == [0, 1]
    assert rows.loc["back, qualified anew", "attempts_before"] == 0
    assert attainment(facts, "2026-10").counts["contacted_before_only"] == 1


@pytest.mark.parametrize(
    ("name", "k", "n", "pending", "verdict"),
    [
        # nine first or qualified anew; seven of them had their ten days, five got an answer
        ("acceptance", 3, 5, 2, "kept"),
        ("first_contact", 6, 9, 1, "broken"),
        ("follow_up", 5, 8, 2, "kept"),
        ("disposition", 3, 8, 2, "broken"),
    ],
)
def test_promised_shares_are_judged_on_hand_overs_old_enough(facts, name, k, n, pending, verdict):
    promise = attainment(facts, "2026-10").promise(name)
    assert (promise.k, promise.n, promise.pending, promise.verdict) == (k, n, pending, verdict)
    assert promise.delivered == pytest.approx(k / n)


@pytest.mark.parametrize(
    ("name", "delivered", "verdict"), [("mqls", 9, "broken"), ("sales_ready", 9, "broken")]
)
def test_promised_volumes_leave_out_leads_that_came_back_unqualified(
    facts, name, delivered, verdict
):
    answer = attainment(facts, "2026-10")
    assert (answer.promise(name).delivered, answer.promise(name).verdict) == (delivered, verdict)
    assert answer.counts["recycled_not_requalified"] == 1
    assert answer.counts["handed_over"] == 10


def test_required_fields_missing_are_counted_and_unknown_ones_are_not_invented(facts):
    table = missing_fields(facts, handovers(facts, "2026-10")).set_index("field")
    assert table.loc["phone_known", "missing"] == 2  # false, and null
    assert table.loc["company", "missing"] == 1  # empty
    assert pd.isna(table.loc["need", "missing"])  # no such column


def test_a_required_field_that_says_no_is_missing(facts):
    rows = handovers(facts, "2026-10")
    said = ["no", "Nej ", "false", "0", "No budget agreed", "f"] + ["yes"] * (len(rows) - 6)
    table = missing_fields(facts, rows.assign(need=said)).set_index("field")
    assert table.loc["need", "missing"] == 4


def test_a_running_month_has_not_broken_a_volume_yet(tmp_path):
    facts = history_of(tmp_path, company(), until="10-20 12:00")
    answer = attainment(facts, "2026-10")
    assert answer.promise("sales_ready").verdict == "pending"
    assert answer.promise("sales_ready").luck is None


def test_nothing_agreed_is_said_and_the_rest_is_delivered(tmp_path):
    answer = attainment(history_of(tmp_path, company(), sla={}), "2026-10")
    assert {p.verdict for p in answer.promises} <= {"not agreed", "no data"}
    assert answer.promise("mqls").delivered == 9


def test_without_events_contact_cannot_be_said_but_acceptance_can(tmp_path):
    tables = company()
    del tables["events"]
    answer = attainment(history_of(tmp_path, tables), "2026-10")
    assert answer.promise("first_contact").verdict == "no data"
    assert "events" in answer.cannot["first_contact"]
    assert answer.promise("acceptance").n == 5
    with pytest.raises(CannotAnswer, match="contact"):
        answer.plot()


def test_without_hand_overs_marketing_and_sales_say_why(tmp_path):
    tables = company()
    tables["stages"] = tables["stages"].query("stage != 'sales_ready'")
    answer = attainment(history_of(tmp_path, tables), "2026-10")
    assert "sales_ready" in answer.cannot["handover"]
    assert answer.promise("sales_ready").verdict == "no data"
    assert answer.promise("mqls").delivered == 9


@pytest.mark.parametrize(
    ("local", "call", "hours"),
    [
        ("04-01 16:00", "04-07 10:00", 2.0),  # Easter: Maundy Thursday to Monday are free
        ("03-27 16:30", "03-30 09:30", 1.0),  # the clocks go forward between
    ],
)
def test_holidays_and_summer_time_do_not_count(tmp_path, local, call, hours):
    tables = {
        "leads": pd.DataFrame({"lead_id": ["a"], "created_at": utc(local)}),
        "stages": pd.DataFrame(
            [("a", 1, "sales_ready", utc(local))],
            columns=["lead_id", "spell", "stage", "entered_at"],
        ),
        "events": pd.DataFrame(
            [("a", utc(call), "sales", False, "call")],
            columns=["lead_id", "occurred_at", "actor", "automatic", "kind"],
        ),
    }
    found = handovers(history_of(tmp_path, tables), f"2026-{local[:2]}")
    assert found.contact_hours.tolist() == [pytest.approx(hours)]


def with_deals() -> dict[str, pd.DataFrame]:
    tables = company()
    deals = pd.DataFrame(
        [
            ("one", "A", utc("10-12 10:00"), utc("10-20 10:00"), True, 100.10, "DKK"),
            ("two", "A", utc("10-13 10:00"), utc("10-28 10:00"), True, 200.20, "DKK"),
            ("group", "B", utc("10-16 10:00"), utc("10-29 10:00"), True, 400.00, "DKK"),
            ("nobody's", None, utc("09-01 10:00"), utc("10-02 10:00"), True, 800.00, "DKK"),
            ("in euro", None, utc("09-01 10:00"), utc("10-03 10:00"), True, 50.00, "EUR"),
            ("lost", None, utc("09-01 10:00"), utc("10-03 10:00"), False, 5000.0, "DKK"),
            ("open", None, utc("09-01 10:00"), None, None, 5000.0, "DKK"),
        ],
        columns=["deal_id", "account_id", "opened_at", "closed_at", "won", "amount", "currency"],
    )
    links = [("one", "night"), ("two", "night"), ("group", "office hours"), ("group", "late")]
    tables["deals"] = deals
    tables["deal_leads"] = pd.DataFrame(links, columns=["deal_id", "lead_id"])
    return tables


def test_customers_and_revenue_are_told_both_ways(tmp_path):
    answer = attainment(history_of(tmp_path, with_deals()), "2026-10")
    found = {(p.name, p.basis): (p.delivered, p.verdict) for p in answer.promises}
    # one buyer with two deals, one buying group of two leads, two deals without a lead
    assert found["customers", "calendar"] == (4, "kept")
    assert found["customers", "cohort"] == (2, "kept")
    assert found["revenue", "calendar"] == (1500.30, "kept")  # the euro are not added
    assert found["revenue", "cohort"] == (700.30, "pending")
    assert answer.counts["deals_without_lead"] == 2
    assert answer.counts["deals_not_counted"] == 1
    assert "another currency" in answer.promise("revenue", "calendar").note


@pytest.mark.parametrize(
    ("k", "n", "promised", "verdict", "luck"),
    [
        (58, 100, 0.60, "broken", "within"),
        (60, 100, 0.60, "kept", "within"),
        (40, 100, 0.60, "broken", "below"),
        (80, 100, 0.60, "kept", "above"),
        (9, 10, 1.0, "broken", "below"),
        (0, 0, 0.60, "pending", None),
        (5, 10, None, "not agreed", None),
    ],
)
def test_kept_or_broken_is_arithmetic_and_luck_is_a_second_line(k, n, promised, verdict, luck):
    promise = share_promise("sales", "first_contact", promised, k, n, 1, 0.8)
    assert (promise.verdict, promise.luck) == (verdict, luck)


def test_luck_of_customers_from_23_hand_overs_at_one_in_four():
    made = count_promise("sales", "customers", 5, 4, "cohort", 0.8, chances=(23, 5 / 20))
    assert (made.verdict, made.luck_low, made.luck_high, made.luck) == ("broken", 3, 8, "within")


def test_luck_of_revenue_surrounds_the_promise_and_is_the_same_each_time():
    amounts = pd.Series(range(10_000, 70_000, 5_000)).to_numpy(float)
    made = [revenue_promise(200_000, 171_000, "calendar", "DKK", amounts, 5, 0.8) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].luck_low < 171_000 < 200_000 < made[0].luck_high
    assert made[0].verdict == "broken"
