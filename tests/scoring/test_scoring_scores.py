"""Scores of open leads: what they say, from which history, and what they refuse."""

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.scoring.learning import known_rows, learn
from smarketing.scoring.models.registry import MODELS
from smarketing.scoring.population import build_population
from smarketing.scoring.scores import score_leads
from smarketing.warehouse.warehouse import Warehouse
from tests.builders import KNOWN, made_up_company, write_warehouse
from tests.scoring_cases import AS_OF, CARD, LINES, agreement


@pytest.fixture(scope="module")
def rules():
    return agreement(lines=LINES)


def test_the_population_has_one_row_per_moment_with_scores_and_features(made_up, rules):
    population = build_population(made_up, rules)
    rows = population.rows
    assert not rows.duplicated(["lead_id", "spell", "as_of"]).any()
    assert len(rows) == population.counts["snapshots"]
    assert rows.groupby(["lead_id", "spell"]).weight.sum().to_numpy() == pytest.approx(1)
    assert (rows.score == rows.fit + rows.engagement).all()
    assert rows.month.str.fullmatch(r"2025-\d\d").all()
    assert set(population.features.names) <= set(rows.columns)
    assert not {"contract_signed", "campaign_id", "month"} & set(population.features.names)
    handed = rows[rows.last_at_handover]
    assert (handed.as_of == handed.sales_ready_at).all()
    assert not (rows.as_of >= rows.ended_at).any()


@pytest.mark.parametrize("model", ["agreed", *MODELS])
def test_every_open_lead_is_scored_with_reasons_the_best_first(made_up, rules, model):
    scores = score_leads(made_up, rules, as_of=AS_OF, model=model)
    rows = scores.frame()
    assert rows.lead_id.is_unique
    assert rows.probability.between(0, 1).all()
    assert rows.probability.is_monotonic_decreasing
    assert rows.grade.str.fullmatch("[ABC][123]").all()
    assert not rows.reasons_for.isna().any()
    assert rows.reasons_for.iloc[0]
    assert not rows.reasons_for.str.contains("nan").any()
    answer = scores.to_dict()
    assert (answer["n"], answer["model"], answer["as_of"]) == (
        len(rows),
        model,
        "2025-10-01T00:00:00",
    )
    assert sum(answer["grades"].values()) == len(rows)
    assert str(answer["grades"]["C3"]) in scores.plot().alt_text


@pytest.mark.parametrize("model", ["agreed", "logistic"])
def test_scores_use_nothing_that_was_not_known_then(tmp_path, rules, model):
    whole = made_up_company(leads=300)
    past = {
        **whole,
        "leads": whole["leads"][whole["leads"].created_at <= AS_OF],
        **{
            name: whole[name][whole[name][time] <= AS_OF]
            for name, time in (("events", "occurred_at"), ("stages", "entered_at"))
        },
    }
    for tables in (whole, past):
        del tables["deals"], tables["deal_leads"]
    found = []
    for name, tables in (("whole", whole), ("past", past)):
        path = write_warehouse(tmp_path / f"{name}.duckdb", tables, KNOWN)
        with Warehouse.open(path) as warehouse:
            found.append(score_leads(warehouse, rules, as_of=AS_OF, model=model).frame())
    both = found[0].merge(found[1], on="lead_id", suffixes=("", "_past"))
    assert len(both) == len(found[0]) == len(found[1]) > 30
    assert (both.fit == both.fit_past).all()
    assert (both.grade == both.grade_past).all()
    assert both.probability.to_numpy() == pytest.approx(both.probability_past.to_numpy())


def test_a_model_learns_only_from_outcomes_known_by_then(made_up, rules):
    population = build_population(made_up, rules)
    known, won = known_rows(population, rules, rules.lines.sql, AS_OF)
    assert (known.as_of + pd.Timedelta(days=60) <= AS_OF).all()
    later = known.sql_at[won]
    assert (later <= AS_OF).all()


def test_agreed_reasons_are_rules_with_their_points(made_up, rules):
    rows = score_leads(made_up, rules, as_of=AS_OF).frame().set_index("lead_id")
    roles = made_up.table("leads").execute().set_index("lead_id").job_role
    students = rows.index.intersection(roles[roles == "student"].index)
    assert rows.loc[students, "reasons_against"].str.contains("Student -10", regex=False).all()
    bosses = rows.index.intersection(roles[roles == "cto"].index)
    assert rows.loc[bosses, "reasons_for"].str.contains("IT decision maker +20", regex=False).all()


def test_a_calibration_in_the_agreement_is_taken(made_up):
    card = {**CARD, "calibration": {"intercept": -2.0, "slope": 0.05}}
    rows = score_leads(made_up, agreement(card, lines=LINES), as_of=AS_OF).frame()
    expected = 1 / (1 + np.exp(2.0 - 0.05 * rows.score))
    assert rows.probability.to_numpy() == pytest.approx(expected.to_numpy())


def test_without_history_points_have_no_probability_and_models_no_answer(made_up, rules):
    early = pd.Timestamp("2025-02-01")
    scores = score_leads(made_up, rules, as_of=early)
    assert scores.frame().probability.isna().all()
    assert "No probability" in scores.notes[0]
    with pytest.raises(CannotAnswer, match="no lead with a known outcome"):
        score_leads(made_up, rules, as_of=early, model="boosted")


def test_a_moment_without_leads_gives_an_empty_answer(made_up, rules):
    scores = score_leads(made_up, rules, as_of=pd.Timestamp("2020-01-01"))
    assert scores.to_dict()["n"] == 0
    assert scores.frame().columns[0] == "lead_id"


def test_a_card_that_gives_nobody_a_point_scores_everybody_nought(made_up):
    never = {"name": "Never", "when": {"field": "job_role", "is": "nobody"}, "points": 5}
    card = {"fit": {"cap": 50, "rules": [never]}, "engagement": {"cap": 50, "rules": []}}
    rows = score_leads(made_up, agreement(card), as_of=AS_OF).frame()
    assert len(rows) > 0
    assert (rows.score == 0).all()
    assert (rows.reasons_for == "").all()


def test_unknown_models_and_a_missing_status_quo_are_said(made_up, rules):
    with pytest.raises(UsageError, match="allowed: agreed, card, logistic, boosted"):
        score_leads(made_up, rules, model="magic")
    with pytest.raises(CannotAnswer, match="score of today"):
        score_leads(made_up, rules, model="status_quo")


@pytest.fixture
def undated(tmp_path):
    rng = np.random.default_rng(0)
    role = rng.choice(["cto", "student"], 200)
    won = rng.uniform(size=200) < np.where(role == "cto", 0.7, 0.2)
    today = np.where(rng.uniform(size=200) < 0.3, np.nan, 10.0 * won + rng.normal(size=200))
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{i}" for i in range(200)],
            "job_role": role,
            "employees": 60.0,
            "outcome": won,
            "score_today": today,
        }
    )
    known = {"job_role": "at_creation", "employees": "at_creation"}
    path = write_warehouse(tmp_path / "w.duckdb", {"leads": leads}, known, has_time="false")
    with Warehouse.open(path) as warehouse:
        yield warehouse


# Without dates nobody knows how long a lead has been silent.
UNDATED = {**CARD, "engagement": {**CARD["engagement"], "rules": CARD["engagement"]["rules"][:2]}}


@pytest.mark.parametrize("model", ["agreed", "logistic", "status_quo"])
def test_tables_without_dates_are_scored_too(undated, model):
    scores = score_leads(undated, agreement(UNDATED), model=model)
    rows = scores.frame()
    assert scores.as_of is None
    assert len(rows) == 200
    if model == "logistic":
        assert "did not see it" in scores.notes[1]
    if model == "status_quo":
        assert 0 < rows.probability.isna().sum() == rows.score.isna().sum() < 100
    else:
        roles = undated.table("leads").execute().set_index("lead_id").job_role[rows.lead_id]
        by_role = rows.probability.groupby(roles.to_numpy()).mean()
        assert by_role["cto"] > by_role["student"] + 0.2


def test_a_moment_asked_of_undated_tables_is_refused(undated):
    with pytest.raises(CannotAnswer, match="no dates"):
        score_leads(undated, agreement(UNDATED), as_of=AS_OF)


def test_the_learned_card_gives_its_own_points_and_grades(made_up, rules):
    scores = score_leads(made_up, rules, as_of=AS_OF, model="card")
    rows = scores.frame().set_index("lead_id")
    population = build_population(made_up, rules)
    model, known = learn(population, rules, "card", AS_OF)
    assert (known.as_of < AS_OF).all()
    card = model.scorecard_.card_
    assert any("job_role" in rule.when.fields() for rule in card.fit.rules)
    assert any("n_page_view" in str(rule.when) for rule in card.engagement.rules)
    assert (rows.score == rows.fit + rows.engagement).all()
    bounds = model.scorecard_.grades_
    assert (rows.grade.str.startswith("A") == (rows.fit >= bounds.fit["A"])).all()
    assert (rows.grade.str.endswith("1") == (rows.engagement >= bounds.engagement[1])).all()
    assert f"A from {bounds.fit['A']} points" in scores.notes[1]
    assert rows.score.is_monotonic_decreasing
