"""Models judged on the same later leads: honest numbers, honest words."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.data_audit import audit
from smarketing.evaluation.backtest.line_economics import Stakes
from smarketing.evaluation.backtest.rolling import Backtest, backtest
from smarketing.evaluation.comparison.early import judge_early
from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.comparison.verdict import verdict_of
from smarketing.language.numbers import SPACE
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import build_population
from smarketing.warehouse.warehouse import Warehouse
from tests.agreements import example_agreement
from tests.builders import write_warehouse
from tests.populations import made_up_population, undated_population


@pytest.fixture(scope="module")
def agreement():
    return example_agreement()


@pytest.fixture(scope="module")
def population():
    return made_up_population()


@pytest.fixture(scope="module")
def comparison(population, agreement):
    return compare(population, agreement, backtest=backtest(population, agreement, months=4))


KEYS = {
    "name", "auc", "auc_low", "auc_high", "ap", "logloss", "brier", "ece",
    "calibration_intercept", "calibration_slope", "lift_at_capacity", "close_rate_at_capacity",
    "close_rate_low", "close_rate_high", "value_at_capacity", "n", "n_won",
}  # fmt: skip


def plain_of(result):
    """What --json would print; fails on anything JSON cannot say, NaN too."""
    return json.loads(json.dumps(result.to_dict(), allow_nan=False))


def test_every_key_of_every_model_is_there(comparison):
    answer = plain_of(comparison)
    assert [row["name"] for row in answer["models"]] == ["agreed", "boosted", "card", "logistic"]
    assert set(comparison.frame()) == KEYS
    for row in [*answer["models"], answer["status_quo"]]:
        assert set(row) >= KEYS
        assert row["auc_low"] <= row["auc"] <= row["auc_high"]
        assert all(row[key] is not None for key in KEYS)


def test_all_models_are_judged_on_the_same_rows(comparison):
    assert {row["n"] for row in comparison.models} == {comparison.models[0]["n"]}
    assert comparison.split == "rolling"
    assert len(comparison.months) == 4


def test_the_score_in_use_is_compared_on_the_rows_that_have_it(comparison):
    today = comparison.status_quo
    assert today["n"] < comparison.models[0]["n"]
    assert set(today["models_on_same_rows"]) == {"agreed", "boosted", "card", "logistic"}
    assert "in use today" in today["note"]


def test_without_a_score_in_use_there_is_no_status_quo(population, agreement):
    judged = backtest(population, agreement, models=["agreed"], months=1)
    rows = judged.rows.drop(columns="p_status_quo")
    got = compare(population, agreement, backtest=with_rows(judged, rows))
    assert got.status_quo is None
    assert "nothing to compare it with" in got.verdict


def test_importances_name_what_sells_first(comparison):
    first = comparison.importances.groupby("model").feature.first()
    assert first.to_dict() == {"boosted": "size", "card": "size", "logistic": "size"}


def test_each_model_has_its_acceptance_line(comparison):
    lines = plain_of(comparison)["acceptance"]
    assert [one["name"] for one in lines] == ["agreed", "boosted", "card", "logistic"]
    assert all(0.15 <= one["flagged_share"] <= 0.35 for one in lines)
    for one in lines:
        assert one["sentence"].startswith("Passed" if one["passed"] else "Not passed")


def test_the_figure_says_what_it_shows(comparison):
    picture = comparison.plot()
    assert "AUC with 95 % interval" in picture.alt_text
    assert "agreed" in picture.alt_text


def test_a_random_split_is_said_and_not_counted_by_the_year(agreement):
    got = compare(undated_population(), agreement, models=["agreed", "logistic"])
    assert got.split_note == "The split is random, because the table has no dates."
    assert "a year" not in got.verdict
    assert "a month" not in got.verdict
    assert any("without dates there are no months" in note for note in got.notes)
    plain_of(got)


def with_rows(judged, rows):
    return Backtest(**{**vars(judged), "rows": rows})


@pytest.mark.parametrize(("outcome", "words"), [(False, "none of the"), (True, "every one of the")])
def test_one_outcome_only_is_said_in_a_sentence(population, agreement, outcome, words):
    judged = backtest(population, agreement, models=["agreed"], months=1)
    rows = judged.judged().assign(outcome=pd.array([outcome] * len(judged.judged())))
    with pytest.raises(CannotAnswer, match=words):
        compare(population, agreement, backtest=with_rows(judged, rows))


def test_a_month_with_no_window_over_is_said_in_a_sentence(population, agreement):
    judged = backtest(population, agreement, models=["agreed"], months=1)
    young = judged.rows.assign(mature=False)
    with pytest.raises(CannotAnswer, match="window of 90 days is over for none"):
        compare(population, agreement, backtest=with_rows(judged, young))


def test_shuffled_outcomes_seldom_make_a_model_better(population, agreement, tmp_path):
    judged = backtest(population, agreement, models=["agreed", "logistic"], months=2)
    rows, better = judged.judged(), 0
    leads = rows.lead_id.unique()
    for seed in range(20):
        fate = pd.Series(np.random.default_rng(seed).uniform(size=len(leads)) < 0.2, leads)
        shuffled = rows.assign(outcome=rows.lead_id.map(fate).astype("boolean"))
        got = compare(
            population,
            agreement,
            backtest=with_rows(judged, shuffled),
            resamples=100,
            seed=seed,
            cache=Cache(tmp_path),  # of what the shuffling does not touch
        )
        better += "better than" in got.verdict
    assert better <= 3


STAKES = Stakes(48, 24_000, 1_500, "DKK")


def gap(low, high, measure="auc"):
    middle = (low + high) / 2
    return {
        "model": "boosted",
        "against": "agreed",
        "measure": measure,
        "difference": middle,
        "low": low,
        "high": high,
    }


@pytest.mark.parametrize(
    ("differences", "words", "never"),
    [
        ([gap(0.01, 0.05)], "ranks leads better than the agreed card", "worse"),
        ([gap(-0.05, -0.01)], "ranks leads worse than the agreed card", "better"),
        ([gap(-0.01, 0.05)], "cannot be told apart", "better"),
        (
            [gap(0.01, 0.05), gap(0.0121, 0.0691, "close_rate_at_capacity")],
            "The boosted model closes 4.1 points more of the leads sales can work (1.2 to 6.9).",
            "luck",
        ),
        (
            [gap(0.01, 0.05), gap(-0.02, 0.03, "close_rate_at_capacity")],
            "closes +0.5 points of the leads sales can work (−2.0 to +3.0): no more than luck",
            "points more",
        ),
        (
            [gap(-0.05, -0.01), gap(-0.0691, -0.0121, "close_rate_at_capacity")],
            "closes 4.1 points fewer of the leads sales can work (1.2 to 6.9).",
            "more",
        ),
        (
            [gap(0.01, 0.05), gap(0, 0, "close_rate_at_capacity")],
            "All leads fit the capacity of 48",
            "luck",
        ),
    ],
)
def test_the_verdict_claims_no_more_than_the_interval(differences, words, never):
    models = [{"name": "agreed", "auc": 0.7}, {"name": "boosted", "auc": 0.73}]
    text = verdict_of(models, differences, STAKES, 100)
    assert words in text
    assert never not in text


@pytest.mark.parametrize(
    ("low", "high", "words", "never"),
    [
        (
            228_000,
            393_000,
            ", worth 310,000 kr. a year at today's capacity (228,000 to 393,000); rules",
            "cannot be told",
        ),
        (
            -393_456,
            -228_000,
            "at a loss of 311,000 kr. a year at today's capacity (228,000 to 393,000)",
            "worth 31",
        ),
        (
            -50_000,
            393_000,
            "what that is worth cannot be told (−50,000 to +393,000 kr. a year at",
            "worth 17",
        ),
        (None, None, "(1.0 to 3.0); rules and model agree", "worth"),
    ],
)
def test_the_verdict_says_what_it_is_worth_and_how_far_both_agree(low, high, words, never):
    models = [{"name": "agreed", "auc": 0.7}, {"name": "boosted", "auc": 0.73}]
    differences = [gap(0.01, 0.05), gap(0.01, 0.03, "close_rate_at_capacity")]
    value = None if low is None else (low + high) / 2
    means = {"model": "boosted", "value_per_year": value, "value_low": low, "value_high": high}
    text = verdict_of(
        models, differences, STAKES, 100, True, [{**means, "currency": "DKK", "same_share": 0.71}]
    ).replace(SPACE, " ")
    assert words in text
    assert "rules and model agree on 71 % of them." in text
    assert never not in text


def test_the_verdict_dwells_on_the_best_challenger_and_names_the_others():
    models = [
        {"name": name, "auc": auc}
        for name, auc in (("agreed", 0.7), ("card", 0.74), ("boosted", 0.73), ("logistic", 0.69))
    ]
    models.append({"name": "tree", "auc": 0.6})
    ends = {"card": (0.02, 0.06), "boosted": (0.01, 0.05), "logistic": (-0.03, 0.01)}
    ends["tree"] = (-0.2, -0.1)
    differences = [{**gap(*both), "model": name} for name, both in ends.items()]
    differences += [{**gap(0.012, 0.069, "close_rate_at_capacity"), "model": name} for name in ends]
    text = verdict_of(models, differences, STAKES, 100)
    assert text.startswith("The learned card ranks leads better than the agreed card: AUC 0.740")
    assert text.count("points more") == 1
    assert text.endswith(
        " Of the others, better than the agreed card: the boosted model; not to be told apart from "
        "it: the logistic model; worse: the tree model."
    )


def auc_of(comparison, model):
    return next(row["auc"] for row in comparison.models if row["name"] == model)


def test_what_a_model_means_at_capacity_is_twelve_months_of_the_difference(comparison):
    (first, *_), by = comparison.at_capacity, {}
    for one in comparison.differences:
        by[one["model"], one["measure"]] = one
    month = by[first["model"], "value_at_capacity"]
    assert first["value_per_year"] == pytest.approx(12 * month["difference"])
    assert (first["value_low"], first["value_high"]) == pytest.approx(
        (12 * month["low"], 12 * month["high"])
    )
    assert 0 < first["same_share"] < 1
    best = max(comparison.at_capacity, key=lambda one: auc_of(comparison, one["model"]))
    agree = f"agree on {100 * best['same_share']:.0f} % of them"
    verdict = comparison.verdict.replace(SPACE, " ")
    assert verdict.count("of them") == verdict.count(agree) == 1
    assert comparison.to_dict()["at_capacity"][0]["model"] == first["model"]


def test_recent_months_are_judged_early_apart_and_marked(population, agreement):
    judged = backtest(population, agreement, models=["agreed", "logistic"])
    got = compare(population, agreement, backtest=judged, resamples=50)
    assert [row["name"] for row in got.early] == ["agreed", "logistic"]
    for row in got.early:
        assert row["how"] == "early, weighted"
        assert row["last_month"] > got.months[-1]
        assert 0 < row["n_early"] < row["n_won"] < row["n"]
        assert row["auc_low"] <= row["auc"] <= row["auc_high"]
        assert row["came_rate"] == pytest.approx(row["expected_rate"], abs=0.08)
    # The comparison itself knows nothing of them.
    assert got.months == judged.months
    assert got.models[0]["n"] == len(judged.judged())
    assert "early" not in got.verdict


def test_without_younger_months_or_dates_nothing_is_judged_early(population, agreement):
    whole = backtest(population, agreement, models=["agreed"], months=2)
    assert judge_early(population, agreement, whole, ["agreed"])
    every = dataclasses.replace(whole, months=(*whole.months, "2026-03"))
    assert judge_early(population, agreement, every, ["agreed"]) == ()
    undated = undated_population()
    judged = backtest(undated, agreement, models=["agreed"])
    assert judge_early(undated, agreement, judged, ["agreed"]) == ()


def test_x_education_boosted_and_the_score_it_bought(real_data, tmp_path, agreement):
    raw = pd.read_csv(
        real_data / "xeducation" / "Leads.csv", keep_default_na=False, na_values=["", "Select"]
    )
    late = ["Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity"]
    late += [c for c in raw if c.startswith("Asymmetrique")]
    bought = ["Asymmetrique Activity Score", "Asymmetrique Profile Score"]
    known = dict.fromkeys([c for c in raw if c not in late], "at_creation")
    leads = raw.drop(columns=["Prospect ID", "Lead Number", "Lead Source", "Converted"]).assign(
        lead_id=raw["Prospect ID"],
        source=raw["Lead Source"],
        outcome=raw.Converted == 1,
        score_today=raw[bought].sum(axis=1, min_count=2),
    )
    path = write_warehouse(
        tmp_path / "w.duckdb", {"leads": leads}, known | dict.fromkeys(late, "after_outcome")
    )
    rule = {"field": "Total Time Spent on Website", "at_least": 600}
    simple = example_agreement(
        scorecard={
            "fit": {"cap": 50, "rules": [{"name": "Long on the site", "when": rule, "points": 40}]},
            "engagement": {"cap": 50, "rules": []},
        },
        personas=None,
        handover=None,
    )
    with Warehouse.open(path) as warehouse:
        population = build_population(warehouse, simple)
        leaks = audit(warehouse, simple).leaks
    assert not set(late) & set(population.features.names)
    assert {one["column"] for one in leaks if one["verdict"] == "leak"} == set(late)
    got = compare(population, simple, models=["agreed", "boosted"], resamples=100)
    assert got.split_note == "The split is random, because the table has no dates."
    boosted = next(row for row in got.models if row["name"] == "boosted")
    assert boosted["auc"] >= 0.870
    assert got.status_quo["n"] == 5022
    assert got.status_quo["auc"] == pytest.approx(0.663, abs=0.002)
    assert "boosted model ranks leads better than the agreed card" in got.verdict
