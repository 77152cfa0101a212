"""Learned models: what they find, what they refuse, what they say about a lead."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from smarketing.errors import CannotAnswer, SmarketingError
from smarketing.scoring.calibration import calibrate
from smarketing.scoring.models.base import Reason, texts
from smarketing.scoring.models.registry import MODELS
from tests.scoring_cases import drawn_leads

BOTH = pytest.mark.parametrize("name", sorted(MODELS))


@BOTH
def test_the_drivers_that_were_planted_rank_first(name):
    X, y = drawn_leads()
    model = MODELS[name]().fit(X, y)
    importance = model.importance()
    assert set(importance.feature[:2]) == {"role", "size"}
    assert importance.feature.sort_values().tolist() == sorted(X.columns)
    assert importance.set_index("feature").importance[["constant", "empty"]].tolist() == [0, 0]
    later, won = drawn_leads(seed=1)
    assert roc_auc_score(won, model.predict_proba1(later)) > 0.75


@BOTH
def test_the_same_rows_give_the_same_model(name):
    X, y = drawn_leads(400)
    chances = [MODELS[name]().fit(X, y).predict_proba1(X) for _ in range(2)]
    assert chances[0].tolist() == chances[1].tolist()


@BOTH
def test_unknown_texts_and_missing_values_are_taken(name):
    X, y = drawn_leads(400)
    model = MODELS[name]().fit(X, y)
    odd = X.head(3).assign(
        role=["ceo", None, "cto"], size=[np.nan, np.inf, -5.0], phone=[True, None, False]
    )
    chances = model.predict_proba1(odd)
    assert ((chances > 0) & (chances < 1)).all()
    assert model.predict_proba1(X.head(0)).tolist() == []


@BOTH
def test_a_spell_counts_once_however_often_it_was_seen(name):
    X, y = drawn_leads(300)
    often = np.repeat(np.arange(300), 4)
    once = MODELS[name]().fit(X, y).predict_proba1(X)
    model = MODELS[name]().fit(X.iloc[often], y[often], np.full(1200, 0.25))
    assert np.corrcoef(once, model.predict_proba1(X))[0, 1] > 0.95


@BOTH
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda X, y: (X.head(0), y[:0]), "no lead with a known outcome"),
        (lambda X, y: (X, y & ~y), "missed the target"),
        (lambda X, y: (X, y | ~y), "reached the target"),
        (lambda X, y: (X[["constant", "empty"]], y), "nothing to learn"),
    ],
)
def test_what_cannot_be_learned_is_said_in_a_sentence(name, change, says):
    X, y = change(*drawn_leads(200))
    with pytest.raises(CannotAnswer, match=says):
        MODELS[name]().fit(X, y)


@BOTH
def test_other_features_than_learned_are_refused_with_the_difference(name):
    X, y = drawn_leads(200)
    model = MODELS[name]().fit(X, y)
    with pytest.raises(SmarketingError, match="missing: size; unknown: weight"):
        model.predict_proba1(X.rename(columns={"size": "weight"}))


@BOTH
def test_reasons_name_what_speaks_for_and_against(name):
    X, y = drawn_leads()
    model = MODELS[name]().fit(X, y)
    good = X.head(1).assign(role="cto", size=150.0)
    bad = X.head(1).assign(role="student", size=3000.0)
    (for_good, _), (_, against_bad) = model.reasons(pd.concat([good, bad]), top=2)
    # The card names its lines, the others their features.
    assert any(r.feature.startswith("role") for r in for_good)
    assert any(r.feature.startswith("role") for r in against_bad)
    assert all(r.effect > 0 for r in for_good)
    assert all(r.effect < 0 for r in against_bad)
    sizes = [abs(r.effect) for r in against_bad]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 2
    assert model.reasons(X.head(0)) == []


def test_logistic_reasons_add_up_to_the_difference_from_the_mean():
    X, y = drawn_leads(500)
    model = MODELS["logistic"]().fit(X, y)
    chance = model.predict_proba1(X.head(20))
    log_odds = np.log(chance / (1 - chance))
    parts = [sum(r.effect for r in good + bad) for good, bad in model.reasons(X.head(20), top=99)]
    constant = log_odds - np.array(parts)
    assert np.ptp(constant) < 0.03  # the parts too small to be shown


def test_reasons_are_shown_with_value_and_effect():
    shown = texts([Reason("size", 150.0, 0.5), Reason("role", None, -0.25)])
    assert shown == "size = 150 (+0.50); role = missing (-0.25)"


def test_calibration_finds_the_line_from_points_to_log_odds():
    rng = np.random.default_rng(0)
    points = rng.integers(0, 100, 20_000)
    won = rng.uniform(size=20_000) < 1 / (1 + np.exp(-(-3 + 0.05 * points)))
    line = calibrate(points, won)
    assert line.intercept == pytest.approx(-3, abs=0.15)
    assert line.slope == pytest.approx(0.05, abs=0.003)
    assert line.probability(points).mean() == pytest.approx(won.mean(), abs=1e-3)


def test_points_that_are_all_the_same_have_the_rate_as_their_chance():
    points = np.array([7, 7, 7, 7])
    chances = calibrate(points, np.array([1, 0, 0, 0])).probability(points)
    assert chances == pytest.approx([0.25] * 4)


def test_points_that_part_winners_from_others_have_chances_short_of_certain():
    points = np.array([0, 0, 10, 10])
    chances = calibrate(points, np.array([0, 0, 1, 1])).probability(points)
    assert np.isfinite(chances).all()
    assert 0 <= chances[0] == chances[1] < 0.5 < chances[2] == chances[3] <= 1


def test_x_education_reaches_the_peers_without_the_nine_leaking_columns(real_data):
    table = pd.read_csv(real_data / "xeducation" / "Leads.csv", keep_default_na=False)
    table = table.replace({"": None, "Select": None})
    leaking = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
    leaking += [c for c in table if c.startswith("Asymmetrique")]
    assert len(leaking) == 9
    won = (table["Converted"].astype(int) == 1).to_numpy()
    X = table.drop(columns=[*leaking, "Converted", "Prospect ID", "Lead Number"])
    for name in ("TotalVisits", "Total Time Spent on Website", "Page Views Per Visit"):
        X[name] = pd.to_numeric(X[name])
    found = {}
    for name, factory in MODELS.items():
        folds = StratifiedKFold(5, shuffle=True, random_state=0).split(X, won)
        found[name] = np.mean(
            [
                roc_auc_score(
                    won[test],
                    factory().fit(X.iloc[train], won[train]).predict_proba1(X.iloc[test]),
                )
                for train, test in folds
            ]
        )
    assert found["boosted"] >= 0.875
    assert found["logistic"] >= 0.862
