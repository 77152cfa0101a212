"""Lists to act on: who holds a lead too long, which promise is broken, why leads come back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smarketing.actions.escalations import escalations
from smarketing.errors import CannotAnswer, UsageError
from smarketing.funnel.flow.breakdowns import breakdown
from smarketing.funnel.flow.holding import holding
from smarketing.funnel.flow.loss_reasons import reasons
from smarketing.funnel.flow.stages import stage_counts
from smarketing.measures.facts import groups_of, known_at
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import made_up_company, write_warehouse

SLA = {
    "sales": {
        "first_contact": {"share": 0.95, "within_hours": 8, "clock": "business"},
        "follow_up": {"share": 0.9, "attempts": 3, "within_days": 10},
        "disposition_within_days": 14,
    }
}


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(f"2026-{day}")


# lead: its stages (day of 2026), attempts, whether an attempt connected
LEADS: dict[str, tuple[list[tuple[str, str]], list[str], bool]] = {
    "new": ([("lead", "10-28")], [], False),
    "mql late": ([("lead", "10-01"), ("mql", "10-20")], [], False),
    "mql fresh": ([("lead", "10-01"), ("mql", "10-29")], [], False),
    "never called": ([("lead", "10-01"), ("mql", "10-02"), ("sales_ready", "10-05 10:00")],
                     [], False),
    "called once": ([("lead", "10-01"), ("sales_ready", "10-19 10:00")], ["10-19 12:00"], False),
    "reached": ([("lead", "10-01"), ("sales_ready", "10-12 10:00"), ("accepted", "10-13")],
                ["10-12 12:00"], True),
    "young": ([("lead", "10-01"), ("sales_ready", "10-30 14:00")], [], False),
    "answered late": ([("lead", "09-01"), ("sales_ready", "09-05 10:00"), ("rejected", "10-10")],
                      ["09-30 10:00"], False),
    "deal lost": ([("lead", "08-01"), ("sql", "08-20"), ("opportunity", "09-01")], [], False),
    "customer": ([("lead", "08-01"), ("sql", "08-20"), ("customer", "09-01")], [], False),
}  # fmt: skip
UNTIL = "10-31 12:00"


def tables() -> dict[str, pd.DataFrame]:
    stages = [
        (lead, 1, stage, at(day)) for lead, (path, _, _) in LEADS.items() for stage, day in path
    ]
    calls = [
        (lead, at(day), "sales", False, "call", "connected" if met else "no_answer")
        for lead, (_, days, met) in LEADS.items()
        for day in days
    ]
    return {
        "leads": pd.DataFrame(
            {
                "lead_id": list(LEADS),
                "created_at": [at(path[0][1]) for path, _, _ in LEADS.values()],
                "source": ["paid", "paid", None, *["organic"] * 7],
                "job_role": ["cto", "cto", "student", *[None] * 7],
                "employees": [80.0, 10.0, 200.0, *[None] * 7],
            }
        ),
        "stages": pd.DataFrame(stages, columns=["lead_id", "spell", "stage", "entered_at"]).assign(
            reason=lambda t: t.stage.map({"rejected": "too_young"})
        ),
        "events": pd.DataFrame(
            calls, columns=["lead_id", "occurred_at", "actor", "automatic", "kind", "outcome"]
        ),
        "deals": pd.DataFrame(
            {"deal_id": ["d"], "opened_at": at("09-01"), "closed_at": at("10-15"), "won": False,
             "amount": 9.0, "currency": "DKK", "loss_reason": "price"}
        ),
        "deal_leads": pd.DataFrame({"deal_id": ["d", "d"], "lead_id": ["deal lost", "reached"]}),
    }  # fmt: skip


def history_of(folder: Path, told: dict[str, pd.DataFrame], **changes):
    file = write_warehouse(folder / "w.duckdb", told, data_until=at(UNTIL).isoformat())
    with Warehouse.open(file) as warehouse:
        agreed = example_agreement(**{"timezone": "UTC", "sla": SLA, **changes})
        return read_facts(warehouse, agreed)


@pytest.fixture
def facts(tmp_path: Path):
    told = tables()
    told["deal_leads"] = told["deal_leads"][:1]
    return history_of(tmp_path, told)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory):
    file = write_warehouse(tmp_path_factory.mktemp("lists") / "w.duckdb", made_up_company())
    with Warehouse.open(file) as warehouse:
        return read_facts(warehouse, example_agreement())


def test_every_open_lead_has_a_holder_and_a_since(facts):
    held = holding(facts).frame().set_index("lead_id")
    assert set(held.index) == set(LEADS) - {"answered late", "deal lost", "customer"}
    assert held.loc["mql late", ["stage", "owner", "since", "days", "over_days"]].tolist() == [
        "mql", "qualification", at("10-20"), 11.5, 6.5,
    ]  # fmt: skip
    assert held.loc["reached", ["stage", "owner", "days", "stuck"]].tolist() == [
        "accepted", "sales", 18.5, False,  # twenty are agreed
    ]  # fmt: skip
    assert pd.isna(held.loc["new", "max_days"])
    assert not held.loc["new", "stuck"]


def test_stuck_leads_are_those_longer_than_agreed_the_longest_first(facts):
    found = holding(facts)
    assert found.stuck.lead_id.tolist() == ["never called", "called once", "mql late"]
    assert found.stuck.over_days.round(3).tolist() == [24.083, 10.083, 6.5]
    assert found.by_stage().set_index("stage").stuck.to_dict() == {
        "lead": 0, "mql": 1, "sales_ready": 2, "accepted": 0,
    }  # fmt: skip


def test_what_was_not_known_yet_has_not_happened(facts):
    early = holding(known_at(facts, at("10-12 11:00"))).frame().set_index("lead_id")
    assert "young" in early.index
    assert early.loc["mql late", "stage"] == "lead"
    assert early.loc["reached", "stage"] == "sales_ready"
    assert early.loc["deal lost", "stage"] == "opportunity"  # lost on the fifteenth
    assert known_at(facts, at("12-31")) is facts


def test_breaches_go_to_whom_the_agreement_names_with_their_age(facts):
    found = escalations(facts, "2026-09", "2026-10")
    table = found.frame()
    told = list(zip(table.lead_id, table.breach, table.overdue.round(3), table.unit, strict=True))
    # never called: from Monday 5 October 10 h to Saturday the 31st: 7 h, 19 days of 8; 8 promised
    assert told == [
        ("never called", "disposition", 12.083, "days"),
        ("never called", "first_contact", 151.0, "business hours"),
        ("reached", "disposition", 5.083, "days"),
        ("called once", "follow_up", 2.083, "days"),
    ]
    assert set(table.escalate_to) == {"Head of sales"}
    assert table.todo.str.contains("give").all()


def test_reasons_are_counted_by_source_and_persona_and_a_lost_deal_once(tmp_path):
    facts = history_of(tmp_path, tables())  # two leads stand behind the lost deal
    table = reasons(facts, "2026-10").frame()
    assert table[["kind", "group", "reason", "n", "share"]].to_numpy().tolist() == [
        ["lost", "organic", "price", 1, 1.0], ["rejected", "organic", "too_young", 1, 1.0],
    ]  # fmt: skip
    assert not table.agreed[1]  # too_young is not on the agreed list
    assert reasons(facts, "2026-10", by="persona").frame().group.unique() == ["(no persona)"]
    with pytest.raises(CannotAnswer, match="2026-07"):
        reasons(facts, "2026-07")
    with pytest.raises(UsageError, match="persona"):
        reasons(facts, "2026-10", by="shoe size")


def test_the_first_persona_that_matches_counts_and_missing_ones_match_none(facts):
    persona = facts.spells.set_index("lead_id").persona
    assert persona[["new", "mql late", "mql fresh", "young"]].tolist() == [
        "it_decision_maker", "(no persona)", "(no persona)", "(no persona)",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["source", "campaign_id", "persona"])
def test_breakdowns_sum_to_the_cohort(company, by):
    for first, last in [("2025-03", "2025-03"), ("2025-01", "2025-12")]:
        found = breakdown(company, first, last, by=by)
        months = [month for month in company.months if first <= month <= last]
        whole = sum(
            stage_counts(company, month).frame().set_index("stage").cohort for month in months
        )
        for stage in company.recorded:
            assert found.counts[stage].sum() == whole[stage]
        cohort = company.spells[company.spells.month.between(first, last)]
        assert found.counts.buying_groups.sum() == groups_of(company)[cohort.lead_id].nunique()
        stages = found.counts[list(company.recorded)]
        assert (stages.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


def test_rates_of_a_breakdown_are_of_spells_old_enough(facts):
    rates = breakdown(facts, "2026-08", "2026-10").rates.set_index(["from", "to", "group"])
    # 45 days to SQL: two leads of August are old enough, those of October are not
    found = rates.loc[("lead", "customer", "organic")]
    assert (found.n, found.k, found.n_immature) == (2, 1, 5)
    assert rates.loc[("lead", "customer", "paid")].n == 0
    assert pd.isna(rates.loc[("lead", "customer", "paid")].rate)
