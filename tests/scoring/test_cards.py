"""Cards at work: breakdowns that sum, cards side by side, and what a change would do."""

import pandas as pd
import pytest

from smarketing.errors import SmarketingError, UsageError
from smarketing.scoring.card_trials import change_rule, explain_scores, score_cards, what_if
from smarketing.scoring.scores import score_leads
from tests.scoring_cases import CARD, agreement, at, small_warehouse

KNOWN = {"job_role": "at_creation", "employees": "at_creation"}
LEADS = [
    {"lead_id": "a", "created": "1", "job_role": "cto", "employees": 80.0},
    {"lead_id": "b", "created": "1", "job_role": "student", "employees": 3.0},
    {"lead_id": "c", "created": "2", "job_role": "cto", "employees": 3.0},
]
EVENTS = [
    *(("a", day, "lead", "page_view", "/pricing") for day in "2345"),
    ("a", "4 12:00", "lead", "demo_request", None),
    ("c", "6", "lead", "demo_request", None),
    ("a", "8", "lead", "demo_request", None),  # after the moment asked for
    ("b", "3", "sales", "demo_request", None),
]
AT = at("6 12:00")


@pytest.fixture
def company(tmp_path):
    with small_warehouse(tmp_path / "w.duckdb", LEADS, events=EVENTS, known=KNOWN) as warehouse:
        yield warehouse


def test_a_breakdown_tells_points_count_age_and_what_limits_took(company):
    rows = explain_scores(company, agreement(), AT).frame()
    of_a = rows[rows.lead_id == "a"].set_index("rule")
    pricing = of_a.loc["Pricing page"]
    assert (pricing.n, pricing.over, pricing.age_days) == (3, 1, 1)
    assert (of_a.loc["Demo request"].n, of_a.loc["Demo request"].age_days) == (1, 2)
    assert pd.isna(of_a.loc["IT decision maker"].age_days)
    assert of_a.index.tolist()[:3] == ["IT decision maker", "Mid-sized company", "Pricing page"]
    of_b = rows[rows.lead_id == "b"].set_index("rule")
    assert of_b.points.to_dict() == {"Student": -10, "(cap)": 10}


def test_the_rows_of_a_breakdown_sum_to_the_score(made_up):
    rules, moment = agreement(), pd.Timestamp("2025-07-01")
    sums = explain_scores(made_up, rules, moment).frame().groupby(["lead_id", "spell"]).points.sum()
    scores = score_leads(made_up, rules, moment).frame().set_index(["lead_id", "spell"]).score
    assert len(scores) > 100
    assert sums.reindex(scores.index, fill_value=0).round(9).equals(scores.astype(float))


def several(**cards):
    return agreement(scorecard=None, scorecards=cards)


def test_cards_stand_side_by_side_and_the_best_is_marked(company):
    students = {**CARD, "fit": {"cap": 50, "rules": [{**CARD["fit"]["rules"][2], "points": 20}]}}
    found = score_cards(company, several(software=CARD, courses=students), AT)
    rows = found.frame().set_index(["lead_id", "card"])
    assert rows.loc["b"].score.to_dict() == {"software": 0, "courses": 20}
    assert rows.best.loc["b"].to_dict() == {"software": False, "courses": True}
    assert rows.best.groupby("lead_id").sum().tolist() == [1, 1, 1]
    assert found.to_dict() == {"leads": 3, "best_for": {"software": 2, "courses": 1}}


def test_on_a_tie_the_first_card_of_the_file_is_the_best(company):
    assert score_cards(company, several(one=CARD, two=CARD), AT).to_dict()["best_for"] == {
        "one": 3,
        "two": 0,
    }


def test_a_changed_rule_shows_who_changes_grade_and_line(company):
    rules = agreement()
    other = change_rule(rules.scorecard, "IT decision maker", points=35)
    found = what_if(company, rules, other, AT)
    rows = found.frame().set_index("lead_id")
    assert rows.index.tolist() == ["a", "c"]
    assert rows.loc["c", ["score", "score_new"]].tolist() == [50, 65]
    assert rows.loc["c", ["grade", "grade_new", "line", "line_new"]].tolist() == [
        "B2", "A2", "mql", "sql",
    ]  # fmt: skip
    assert found.to_dict() == {
        "leads": 3,
        "rescored": 2,
        "regraded": 1,
        "grades": {"B2 to A2": 1},
        "lines": {"mql to sql": 1},
    }
    assert found.regraded.lead_id.tolist() == ["c"]


def test_the_same_card_changes_nothing(company):
    rules = agreement()
    found = what_if(company, rules, change_rule(rules.scorecard, "Student"), AT)
    assert found.frame().empty
    assert found.to_dict()["grades"] == found.to_dict()["lines"] == {}


def test_a_rule_keeps_a_condition_whose_list_is_not_at_hand():
    of_list = {"name": "Big", "when": {"field": "job_role", "in": "$bosses"}, "points": 1}
    card = {**CARD, "fit": {"cap": 50, "rules": [of_list]}}
    rules = agreement(card, lists={"bosses": ["cto"]})
    changed = change_rule(rules.scorecard, "Big", points=2)
    assert changed.fit.rules[0].when == rules.scorecard.fit.rules[0].when
    assert changed.fit.rules[0].points == 2
    assert rules.scorecard.fit.rules[0].points == 1


@pytest.mark.parametrize(
    ("rule", "change", "says"),
    [
        ("Studnt", {"points": 1}, "allowed: IT decision maker"),
        ("Student", {"point": 1}, "point: this key is not known; did you mean points?"),
        ("Student", {"points": 1.5}, "points: a whole number is needed; found 1.5"),
    ],
)
def test_changes_no_rule_takes_are_refused(rule, change, says):
    with pytest.raises(UsageError, match=says) as caught:
        change_rule(agreement().scorecard, rule, **change)
    assert isinstance(caught.value, SmarketingError)
