"""Accounts: the company once, its people together, and who takes part."""

import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.scoring.accounts import score_accounts
from tests.scoring_cases import agreement, at, small_warehouse

KNOWN = {"job_role": "at_creation", "employees": "at_creation"}
LEADS = [
    {"lead_id": "a", "account_id": "X", "job_role": "cto", "employees": 80.0},
    {"lead_id": "b", "account_id": "X", "job_role": "developer", "employees": 80.0},
    {"lead_id": "c", "account_id": "X", "job_role": "student", "employees": 80.0},
    {"lead_id": "d", "account_id": "Y", "job_role": "cto", "employees": 3.0},
    {"lead_id": "e", "account_id": None, "job_role": "cto", "employees": 3.0},
    {"lead_id": "f", "account_id": "Y", "job_role": "cto", "employees": 3.0},
]
EVENTS = [
    ("a", "6", "lead", "demo_request", None),
    ("b", "6", "lead", "page_view", "/pricing"),
    ("d", "6", "lead", "page_view", "/pricing"),
    ("c", "7", "lead", "demo_request", None),  # after the moment asked for
]
STAGES = [("a", 1, "sales_ready", "6"), ("f", 1, "disqualified", "3")]


def company(folder, leads=LEADS):
    leads = [{**lead, "created": "1"} for lead in leads]
    return small_warehouse(folder / "w.duckdb", leads, STAGES, EVENTS, KNOWN)


def test_fit_counts_once_and_engagement_adds_up(tmp_path):
    with company(tmp_path) as warehouse:
        found = score_accounts(warehouse, agreement(), at("6 12:00"), role="job_role")
    rows = found.frame().set_index("account_id")
    assert rows.index.tolist() == ["X", "Y"]
    assert rows.loc["X", ["fit", "engagement", "score", "grade"]].tolist() == [35, 38, 73, "A1"]
    # Handed over is still taking part; ended is not; silent people bring no role.
    assert rows.loc["X", ["people", "engaged", "roles"]].tolist() == [3, 2, 2]
    assert rows.loc["X", "role_names"] == "cto, developer"
    assert rows.loc["Y", ["people", "engagement", "roles"]].tolist() == [1, 8, 1]
    assert found.to_dict() == {
        "accounts": 2,
        "several_people": 1,
        "several_roles": 1,
        "without_account": 1,
    }


def test_roles_are_personas_unless_an_attribute_is_named(tmp_path):
    with company(tmp_path) as warehouse:
        rows = score_accounts(warehouse, agreement(), at("6 12:00")).frame()
        assert rows.set_index("account_id").role_names.to_dict() == {"X": "it", "Y": "it"}
        with pytest.raises(UsageError, match="found shoe_size"):
            score_accounts(warehouse, agreement(), role="shoe_size")


def test_the_cap_holds_for_the_account(made_up):
    rules = agreement()
    rows = score_accounts(made_up, rules, pd.Timestamp("2025-08-01")).frame()
    assert rows.engagement.max() <= rules.scorecard.engagement.cap
    assert (rows.score == rows.fit + rows.engagement).all()
    assert rows.score.is_monotonic_decreasing
    assert (rows.engaged <= rows.people).all()


def test_leads_without_accounts_are_said(tmp_path):
    alone = [{**lead, "account_id": None} for lead in LEADS]
    with (
        company(tmp_path, alone) as warehouse,
        pytest.raises(CannotAnswer, match="belongs to an account"),
    ):
        score_accounts(warehouse, agreement(), at("6"))
