"""The recommendation as a whole, from a made-up company's warehouse to the next agreement."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smarketing.agreement.proposal import read_proposal, write_proposal
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.proposed_changes import changes_of, propose
from smarketing.planning.recommendation import Recommendation, recommend
from smarketing.scoring.population import Population, build_population
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import EXAMPLE, example_agreement
from tests.builders import KNOWN, made_up_company, write_warehouse

CARD = {
    "fit": {
        "cap": 50,
        "rules": [
            {
                "name": "Decides on IT",
                "when": {"field": "job_role", "in": ["it_manager", "cto"]},
                "points": 25,
            },
            {"name": "Not tiny", "when": {"field": "employees", "at_least": 50}, "points": 15},
        ],
    },
    "engagement": {
        "cap": 50,
        "half_life_days": 30,
        "rules": [
            {
                "name": "Pricing",
                "event": "page_view",
                "subject": "/pricing*",
                "points": 10,
                "at_most": 4,
            },
            {"name": "Demo", "event": "demo_request", "points": 15},
        ],
    },
}
LINES = {
    "mql": {"score": 30, "target": "sql", "window_days": 45},
    "sql": {"score": 60, "target": "customer", "window_days": 60},
}
AGREEMENT = example_agreement(scorecard=CARD, lines=LINES, valid_from=date(2026, 1, 1))


@pytest.fixture(scope="module")
def population(made_up_path: Path) -> Population:
    with Warehouse.open(made_up_path) as warehouse:
        return build_population(warehouse, AGREEMENT)


@pytest.fixture(scope="module")
def found(made_up_path: Path, population: Population) -> Recommendation:
    with Warehouse.open(made_up_path) as warehouse:
        return recommend(warehouse, AGREEMENT, population, resamples=20, draws=2000)


def test_the_recommendation_answers_with_the_agreed_keys(found):
    answer = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert {"thresholds", "volumes", "sla", "sentence", "cannot"} <= set(answer)
    thresholds = answer["thresholds"]
    assert 0 <= thresholds["mql"] <= thresholds["sql"] <= 101
    assert thresholds["mql_low"] <= thresholds["mql_high"]
    assert {row["lines"] for row in thresholds["policies"]} >= {
        "recommended",
        "today",
        "fill the capacity",
        "top 20 %",
        "best F1",
    }
    assert answer["sla"]["marketing"]["sales_ready_per_month"] > 0
    assert answer["sentence"].startswith("Every month marketing hands over at least")
    assert answer["cannot"] == {}


def test_lines_by_persona_and_as_grades_stand_beside_when_asked(made_up, population):
    asked = recommend(
        made_up, AGREEMENT, population, resamples=0, draws=500, by="persona", grades=True
    )
    answer = json.loads(json.dumps(asked.to_dict(), allow_nan=False))
    groups, grades = answer["groups"], answer["grades"]
    assert groups["margin"] >= groups["margin_of_one_pair"] - 1e-6
    assert groups["lines"][-1]["group"] == "all"
    assert set(grades["sql"]).isdisjoint(grades["mql"])
    assert "nan" not in (asked.groups._repr_html_() + asked.grades._repr_html_()).lower()


def test_what_other_forms_lack_is_said_each_by_itself(made_up, population):
    rows = population.rows.assign(grade=None)
    asked = recommend(
        made_up, AGREEMENT, replace(population, rows=rows), resamples=0, draws=500, by="persona",
        grades=True,
    )  # fmt: skip
    assert "no grades" in asked.cannot["grades"]
    assert asked.grades is None
    assert asked.groups is not None


def test_recommended_lines_fit_both_capacities_and_earn_at_least_what_the_others_do(found):
    rows = found.thresholds.frame().set_index("lines")
    taken = rows.loc["recommended"]
    assert taken["overflow_closing"] <= 0.2
    assert taken["overflow_qualification"] <= 0.2
    fits = (rows["overflow_closing"] <= 0.2) & (rows["overflow_qualification"] <= 0.2)
    if found.thresholds.change:
        assert taken["margin"] >= rows.loc[fits, "margin"].max()
    else:
        assert found.thresholds.why.startswith("No reason to change")


def test_the_forecast_is_near_what_the_company_does_today(found, made_up):
    # The lines are not today's, but hand-overs and customers are of the size of history's.
    stages = made_up.table("stages").execute()
    won = (stages.stage == "customer").sum() / 12
    expected = found.volumes.frame().set_index("measure").loc["customers", "expected"]
    assert 0.3 * won < expected < 3 * won


def test_nothing_is_shown_as_nan(found):
    for part in (found, found.thresholds, found.volumes):
        assert "nan" not in part._repr_html_().lower()
    assert found.plot().alt_text
    assert found.volumes.plot().alt_text


def cut(tables: dict[str, pd.DataFrame], at: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Return the tables as they were at a moment."""
    tables = {name: frame.copy() for name, frame in tables.items()}
    for name, column in (("leads", "created_at"), ("events", "occurred_at")):
        tables[name] = tables[name][tables[name][column] <= at]
    tables["stages"] = tables["stages"][tables["stages"]["entered_at"] <= at]
    deals = tables["deals"][tables["deals"]["opened_at"] <= at].copy()
    later = deals["closed_at"] > at
    deals.loc[later, ["closed_at", "won", "loss_reason"]] = None
    tables["deals"] = deals
    return tables


def test_a_recommendation_as_of_a_day_is_the_one_of_that_day(tmp_path, made_up, population):
    at = pd.Timestamp("2025-10-31 23:30")
    then = write_warehouse(
        tmp_path / "then.duckdb",
        cut(made_up_company(), at),
        KNOWN,
        timezone="Europe/Copenhagen",
        data_until=at.isoformat(),
    )
    with Warehouse.open(then) as warehouse:
        that_day = recommend(warehouse, AGREEMENT, resamples=5, draws=500)
    now = recommend(made_up, AGREEMENT, population, as_of=at, resamples=5, draws=500)
    assert now.to_dict() == that_day.to_dict()


def test_a_learned_score_has_lines_of_its_own(made_up, population):
    learned = recommend(made_up, AGREEMENT, population, model="logistic", resamples=2, draws=500)
    assert learned.model == "logistic"
    if learned.thresholds is None:  # too few wins to train on: said, not guessed
        assert "lines cannot be placed" in learned.cannot["thresholds"]
    else:
        assert "today" not in set(learned.thresholds.frame()["lines"])
        assert not any(path.startswith("lines.") for path in changes_of(learned, AGREEMENT))


@pytest.fixture
def undated(tmp_path) -> Path:
    rng = np.random.default_rng(0)
    role = rng.choice(["cto", "student"], 400)
    chance = np.where(role == "cto", 0.6, 0.02)
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{i}" for i in range(400)],
            "job_role": role,
            "employees": rng.integers(1, 500, 400),
            "outcome": rng.uniform(size=400) < chance,
        }
    )
    return write_warehouse(tmp_path / "w.duckdb", {"leads": leads}, KNOWN)


def without_engagement(**more):
    card = {"fit": CARD["fit"], "engagement": {"cap": 50, "half_life_days": 30, "rules": []}}
    return example_agreement(scorecard=card, lines=LINES, grades__fit={"A": 35, "B": 20}, **more)


def test_tables_without_dates_give_a_line_by_margin_and_no_volumes(undated):
    reps = {"closing": {"people": 4, "leads_per_person_per_month": 12}}
    with Warehouse.open(undated) as warehouse:
        agreed = without_engagement(capacity=reps, stages__mql={"owner": "closing"})
        found = recommend(warehouse, agreed, resamples=5)
    assert found.volumes is None
    assert "no dates" in found.cannot["volumes"]
    assert "capacity per month cannot be placed" in found.cannot["capacity"]
    # A student of a tiny company, with no points, loses money; a CTO earns it.
    assert 0 < found.thresholds.sql <= 25
    bought = 400 * (0.6 + 0.02) / 2
    assert found.thresholds.row()["customers"] < bought + 60
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_desk_that_nobody_recorded_promises_no_money_and_says_so_first(undated):
    with Warehouse.open(undated) as warehouse:
        found = recommend(warehouse, without_engagement(), resamples=5)
    first = "What qualification passes on is not recorded, so no line can be recommended"
    assert found.sentence.startswith(first)
    assert found.thresholds.why.startswith(first)
    assert not found.thresholds.change
    assert found.thresholds.gain is None
    assert found.thresholds.frame()["margin"].isna().all()
    assert changes_of(found, AGREEMENT) == {}
    assert found.plot().alt_text
    assert "nan" not in found._repr_html_().lower()


@pytest.mark.parametrize(
    ("without", "part", "said"),
    [
        (["customer", "sql", "opportunity"], "thresholds", "nobody in it reached them"),
        (["accepted"], "acceptance_rate", "'accepted' is not recorded"),
    ],
)
def test_what_the_tables_cannot_answer_is_a_sentence_and_the_rest_is_there(
    tmp_path, without, part, said
):
    tables = made_up_company(600, 9)
    tables["stages"] = tables["stages"][~tables["stages"]["stage"].isin(without)]
    if "customer" in without:
        tables.pop("deals")
        tables.pop("deal_leads")
    path = write_warehouse(tmp_path / "w.duckdb", tables, KNOWN, timezone="Europe/Copenhagen")
    with Warehouse.open(path) as warehouse:
        found = recommend(warehouse, AGREEMENT, resamples=2, draws=500)
    assert said in found.cannot[part]
    json.dumps(found.to_dict(), allow_nan=False)


def test_one_lead_is_answered_in_words(tmp_path):
    tables = {name: frame.head(1) for name, frame in made_up_company().items() if name != "spend"}
    tables["events"] = tables["events"][tables["events"]["lead_id"] == "L00000"]
    path = write_warehouse(
        tmp_path / "w.duckdb",
        tables,
        KNOWN,
        timezone="Europe/Copenhagen",
        data_until="2025-12-31T23:00:00",
    )
    with Warehouse.open(path) as warehouse:
        found = recommend(warehouse, AGREEMENT, resamples=2, draws=500)
    assert found.cannot["thresholds"].startswith("The lines cannot be placed: ")
    assert found.sentence.startswith("Volumes cannot be promised")
    json.dumps(found.to_dict(), allow_nan=False)


def test_chances_use_only_outcomes_known_at_the_moment_of_planning(population):
    rows, at = population.rows, population.data_until
    then = pd.Timestamp(f"{sorted(rows['month'].unique())[-3]}-01")
    known = rows[rows["as_of"] <= then]
    late = known["customer_at"] > then
    assert late.any()
    changed = known.copy()
    changed.loc[late, ["customer_at", "sql_at", "opportunity_at"]] = pd.NaT
    chances = ["p_sql", "p_customer", "p_pass", "p_passed_won"]
    before = add_chances(known, AGREEMENT, then)[chances]
    pd.testing.assert_frame_equal(before, add_chances(changed, AGREEMENT, then)[chances])
    assert not np.allclose(before, add_chances(known, AGREEMENT, at)[chances])


def test_the_forecast_backtest_stands_beside_the_recommendation(found):
    answer = found.to_dict()["back_check"]
    measures = ["mqls", "sales_ready", "customers", "revenue"]
    assert [row["measure"] for row in answer["measures"]] == measures
    assert found.forecast_backtest.enough
    assert {"forecast", "actual", "ratio", "off"} <= set(answer["measures"][0])
    assert {"forecast", "low", "high", "actual"} <= set(answer["months"][0])


def test_the_proposal_carries_changes_and_their_effects(tmp_path, found):
    text = EXAMPLE.replace("valid_from: 2026-10-01", "valid_from: 2025-06-01")
    (tmp_path / "agreement.yml").write_text(text, encoding="utf-8")
    proposal = propose(tmp_path, found, AGREEMENT)
    assert proposal.valid_from == date(2026, 1, 1)
    assert proposal.changes == changes_of(found, AGREEMENT)
    assert proposal.effects[0] == found.thresholds.why
    write_proposal(tmp_path, proposal)
    assert read_proposal(tmp_path).changes == proposal.changes
    assert propose(tmp_path, found, AGREEMENT, changes={}) is None
