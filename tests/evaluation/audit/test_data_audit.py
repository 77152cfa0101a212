"""What the tables can and cannot say is told, and why."""

import json

import pandas as pd
import pytest

from smarketing.evaluation.audit.data_audit import audit, collapses
from smarketing.folder import Folder
from smarketing.language.numbers import SPACE
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import KNOWN, made_up_company, write_warehouse


@pytest.fixture(scope="module")
def agreement():
    return example_agreement()


def plain_of(result):
    """What --json would print; fails on anything JSON cannot say, NaN too."""
    return json.loads(json.dumps(result.to_dict(), allow_nan=False))


def test_audit_of_a_company(made_up, agreement):
    got = audit(made_up, agreement)
    answer = plain_of(got)
    assert {"leaks", "open", "immature", "tables"} <= set(answer)
    assert [leak["column"] for leak in answer["leaks"]] == ["contract_signed"]
    assert answer["leaks"][0]["verdict"] == "leak"
    assert answer["tables"]["leads"]["accepted"] == 600
    assert got.immature > 0
    assert 0 < got.open < 600
    assert set(got.maturity) == {"mql", "sql"}


def test_audit_finds_the_leak_also_where_nobody_declared_it(tmp_path, agreement):
    path = write_warehouse(tmp_path / "w.duckdb", made_up_company(), {}, timezone="UTC")
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    leak = next(one for one in got.leaks if one["column"] == "contract_signed")
    assert leak["verdict"] == "leak"
    assert "Only winners have it" in leak["reason"]
    assert any("does not declare when they become known" in note for note in got.notes)


def with_changes(tables, at, field="job_role", share=1.0):
    """The tables, with a change of an attribute at a moment of each lead."""
    moments = at(tables).dropna()
    moments = moments[: round(share * len(moments))]
    changes = {"field": field, "changed_at": moments.to_numpy(), "old": "student", "new": "cto"}
    return {**tables, "changes": pd.DataFrame({"lead_id": moments.index, **changes})}


def entered(stage, later="0D"):
    def at(tables):
        rows = tables["stages"][tables["stages"].stage == stage]
        return rows.groupby("lead_id").entered_at.min() + pd.Timedelta(later)

    return at


MOMENTS = {
    "two hours after creation": (entered("lead", "2h"), "fine", "settled at creation"),
    "a week after creation": (entered("lead", "7D"), "suspect", "100\u00a0% had it filled in"),
    "on the day of the win": (entered("customer", "-3h"), "leak", "written with the outcome"),
    "a month after the win": (entered("customer", "30D"), "leak", "written with the outcome"),
    "at the hand-over": (entered("sales_ready"), "suspect", "after the hand-over"),
}


@pytest.mark.parametrize(("at", "verdict", "words"), MOMENTS.values(), ids=MOMENTS.keys())
def test_audit_sees_what_was_changed_and_left_no_date(tmp_path, agreement, at, verdict, words):
    tables = with_changes(made_up_company(), at)
    path = write_warehouse(tmp_path / "w.duckdb", tables, KNOWN, timezone="UTC")
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    row = got.frame().set_index("column").loc["job_role"]
    assert (row.verdict, words in row.reason) == (verdict, True), row.reason
    changed = {(one["column"], one["group"]) for one in plain_of(got)["changed"]}
    assert changed == {("job_role", "won"), ("job_role", "other")}
    assert ("job_role" in got.draft()) == (verdict != "fine")  # declared as known at creation


def test_what_is_typed_at_creation_is_not_written_with_an_outcome_of_the_same_day(
    tmp_path, agreement
):
    tables = with_changes(made_up_company(), entered("lead", "2h"))
    stages = tables["stages"]
    quiet = stages[~stages.lead_id.isin(stages.lead_id[stages.stage == "mql"])]
    at = quiet.entered_at + pd.Timedelta(hours=20)
    ended = quiet.assign(stage="disqualified", entered_at=at)
    tables["stages"] = pd.concat([stages, ended], ignore_index=True)
    path = write_warehouse(tmp_path / "w.duckdb", tables, KNOWN, timezone="UTC")
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    changed = got.changed.set_index("group")
    assert changed.n["other"] > 100
    assert changed.after_outcome.tolist() == [0, 0]
    assert changed.after_scoring.tolist() == [0, 0]


@pytest.mark.parametrize(("name", "drafted"), [("lead", "history"), ("customer", "after_outcome")])
def test_the_draft_goes_by_the_history_where_one_is_kept(tmp_path, agreement, name, drafted):
    tables = with_changes(made_up_company(), entered(name, "7D"))
    path = write_warehouse(tmp_path / "w.duckdb", tables, {}, timezone="UTC")
    with Warehouse.open(path) as warehouse:
        text = audit(warehouse, agreement).draft()
    assert f'job_role: {{column: "job_role", known: {drafted}}}' in text


def test_a_moment_declared_for_an_attribute_is_told_of(tmp_path, agreement):
    tables = with_changes(made_up_company(), entered("lead", "3D"), share=0.5)
    leads = tables["leads"].assign(asked_at=tables["leads"].created_at + pd.Timedelta(days=30))
    known = {**KNOWN, "job_role": "at:asked_at"}
    path = write_warehouse(tmp_path / "w.duckdb", {**tables, "leads": leads}, known)
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    row = got.frame().set_index("column").loc["job_role"]
    # what was changed before the declared moment is in what was known at it
    assert row.verdict == "fine"
    assert "100\u00a0% had it filled in or changed after they were first scored" in row.reason
    assert set(got.changed[got.changed.column == "job_role"].how) == {"known"}


def test_audit_of_leads_alone_says_what_is_missing(tmp_path, agreement):
    leads = made_up_company(100)["leads"].assign(created_at=pd.NaT, outcome=[True, False] * 50)
    path = write_warehouse(tmp_path / "w.duckdb", {"leads": leads}, KNOWN, has_time="false")
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    assert (got.open, got.immature, got.maturity) == (0, 0, {})
    assert any("no dates" in note and "random" in note for note in got.notes)
    assert sum("There is no table" in note for note in got.notes) == 8
    plain_of(got)


def test_audit_says_from_when_the_history_counts_and_why(tmp_path, agreement):
    path = write_warehouse(
        tmp_path / "w.duckdb",
        made_up_company(200),
        KNOWN,
        history_from="2025-03-01",
        history_from_reason="no win was recorded before",
    )
    with Warehouse.open(path) as warehouse:
        got = audit(warehouse, agreement)
    wanted = "before 1 Mar 2025 neither trains nor judges a model: no win was recorded before."
    assert any(wanted in note.replace(SPACE, " ") for note in got.notes)


def cohorts(rates, n=200):
    """Spells of `n` leads a month, converting at these rates after a week."""
    rows = []
    for month, rate in enumerate(rates):
        start = pd.Timestamp("2025-01-10") + pd.DateOffset(months=month)
        for i in range(n):
            won = start + pd.Timedelta(days=7) if i < rate * n else pd.NaT
            rows.append((f"L{month}-{i}", 1, start, won))
    return pd.DataFrame(rows, columns=["lead_id", "spell", "started_at", "customer_at"])


@pytest.mark.parametrize(
    ("rates", "months"),
    [
        ([0, 0, 0, 0.12, 0.1, 0.12, 0.11, 0.1, 0.1, 0.1], "2025-01 to 2025-03"),
        ([0.1, 0.12, 0.11, 0.1, 0.12, 0.1, 0.1, 0.1], None),
        ([0.06, 0.12, 0.09, 0.12, 0.12, 0.1, 0.1, 0.1], None),  # a bad month, not a missing one
    ],
)
def test_months_whose_wins_are_missing_are_told_from_bad_ones(agreement, rates, months):
    notes = collapses(cohorts(rates), agreement, "customer")
    assert bool(notes) == bool(months)
    if months:
        assert months in notes[0]
        assert f"No customer is recorded before 17{SPACE}Apr{SPACE}2025" in notes[0]


def test_olists_missing_wins_are_pointed_out_and_its_window_is_short(public):
    workspace = Folder.open(public("olist"))
    with workspace.warehouse() as warehouse:
        notes = " ".join(audit(warehouse, workspace.agreement).notes).replace(SPACE, " ")
    assert "No customer is recorded before 5 Dec 2017" in notes
    assert "2017-07 to 2017-11 only 0.4 % reached customer" in notes
    assert "do so within 156 days" in notes
    assert notes.count("Nine of ten that reach customer") == 1
