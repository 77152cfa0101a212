"""Models are judged on later leads, and know nothing of what came after."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from smarketing.agreement.model import Agreement
from smarketing.clock import month_of
from smarketing.errors import CannotAnswer, UsageError
from smarketing.evaluation.backtest.random_vs_rolling import split_gap
from smarketing.evaluation.backtest.rolling import backtest
from smarketing.evaluation.backtest.splits import LEAST_CONVERSIONS, known_before
from smarketing.scoring.feature_set import FeatureSet
from smarketing.scoring.population import Population
from smarketing.scoring.row_weights import count_once, thinned
from smarketing.scoring.targets import label
from tests.agreements import example_agreement
from tests.populations import UNTIL, made_up_population, undated_population


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    return example_agreement()


@pytest.fixture(scope="module")
def judged(agreement):
    return backtest(made_up_population(), agreement, months=4)


def test_each_month_is_judged_by_models_trained_before_it(judged, agreement):
    assert judged.split == "rolling"
    assert len(judged.months) == 4
    assert set(judged.rows.month) == set(judged.months)
    # the window of 90 days is over for every month judged
    assert judged.months[-1] == "2025-11"
    assert judged.rows[["p_agreed", "p_logistic", "p_boosted"]].notna().all(axis=None)


def test_what_happens_later_never_changes_a_prediction(judged, agreement):
    population = made_up_population()
    rows = population.rows.copy()
    begins = pd.Timestamp(judged.months[0]) - pd.Timedelta(hours=2)  # CET and CEST
    later = rows.customer_at.isna() | (rows.customer_at >= begins)
    per_lead = rows[later].drop_duplicates("lead_id").set_index("lead_id")
    rng = np.random.default_rng(1)
    fate = pd.Series(rng.permutation(per_lead.customer_at.to_numpy()), per_lead.index)
    fate = fate.where(fate >= begins)
    rows.loc[later, "customer_at"] = rows.lead_id[later].map(fate)
    changed = dataclasses.replace(population, rows=rows)
    first = judged.months[:1]
    again = backtest(changed, agreement, months=first).rows.set_index(["lead_id", "as_of"])
    before = judged.rows[judged.rows.month == first[0]].set_index(["lead_id", "as_of"])
    both = again.join(before.add_suffix("_before"), how="inner")
    assert len(both) > 0.9 * len(before)  # a lead won before it was looked at is not judged
    assert (both.outcome != both.outcome_before).any()
    for model in ("agreed", "logistic", "boosted", "status_quo"):
        pd.testing.assert_series_equal(
            both[f"p_{model}"], both[f"p_{model}_before"], check_names=False
        )


def test_only_rows_whose_window_was_over_train(agreement):
    rows = made_up_population().rows
    moment = pd.Timestamp("2025-09-01")
    train, won = known_before(rows, agreement.lines.sql, agreement, moment)
    assert (train.as_of + pd.Timedelta(days=90) <= moment).all()
    assert won.any()
    assert train.groupby(["lead_id", "spell"]).weight.sum().to_numpy() == pytest.approx(1)


def test_immature_rows_are_counted_and_are_no_losses(agreement):
    population = made_up_population()
    got = backtest(population, agreement, months=["2025-11", "2025-12"])
    late = got.rows[~got.rows.mature]
    assert got.n_immature == len(late) > 0
    assert late.outcome.isna().all()
    assert set(late.month) == {"2025-12"}
    assert got.judged().outcome.notna().all()
    asked = month_of(population.rows.as_of, agreement.timezone).isin(got.months)
    final = label(population.rows, agreement.lines.sql, agreement, UNTIL)
    assert len(got.judged()) == int(final.mature[asked].sum())


def test_each_spell_counts_once_among_the_rows_judged(judged):
    whole = judged.judged().groupby(["lead_id", "spell"]).weight.sum()
    assert whole.to_numpy() == pytest.approx(1)


def test_months_without_enough_conversions_before_them_are_named(agreement):
    got = backtest(made_up_population(), agreement, months=12)
    assert got.months[0] > "2025-03"
    assert any(note.startswith("Not judged: 2025-01") for note in got.notes)


def test_too_few_conversions_leave_the_agreed_card_alone(agreement):
    got = backtest(made_up_population(leads=300, rate=0.02), agreement)
    assert got.models == ("agreed",)
    assert any("No learned model is judged" in note for note in got.notes)
    assert got.judged().outcome.sum() < LEAST_CONVERSIONS


def test_the_score_in_use_is_judged_where_it_is(judged):
    scored = judged.rows.score_today.notna()
    assert judged.rows.p_status_quo.notna().equals(scored)
    assert 0 < scored.mean() < 1


def test_a_table_without_dates_is_split_at_random_and_says_so(agreement):
    got = backtest(undated_population(), agreement)
    assert got.split == "random"
    assert got.split_note == "The split is random, because the table has no dates."
    assert got.months == ()
    assert len(got.rows) == 600
    again = backtest(undated_population(), agreement)
    pd.testing.assert_frame_equal(got.rows, again.rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.iloc[:0], "no leads"),
        (lambda rows: rows.assign(customer_at=pd.NaT), "Conversions known to train on: 0"),
        (lambda rows: rows[rows.as_of > UNTIL - pd.Timedelta(days=80)], "window of 90 days"),
    ],
)
def test_what_cannot_be_judged_is_said_in_a_sentence(agreement, change, words):
    population = made_up_population()
    rows = change(population.rows)
    rows["customer_at"] = pd.to_datetime(rows.customer_at)
    with pytest.raises(CannotAnswer, match=words):
        backtest(dataclasses.replace(population, rows=rows), agreement)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"line": "sal"}, UsageError, "mql, sql"),
        ({"models": ["bosted"]}, UsageError, "agreed, boosted, card, logistic"),
        ({"months": ["2025-13"]}, UsageError, "YYYY-MM"),
        ({"months": ["2031-01"]}, CannotAnswer, "2031-01"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_allowed(agreement, asked, error, words):
    with pytest.raises(error, match=words):
        backtest(made_up_population(200), agreement, **asked)


def test_progress_is_told_month_by_month(agreement):
    steps = []
    backtest(
        made_up_population(),
        agreement,
        models=["agreed"],
        months=3,
        progress=lambda *step: steps.append(step),
    )
    assert [done for done, _, _ in steps] == [1, 2, 3]


def test_thinning_keeps_every_spell_once_and_no_more_than_four_rows():
    lead = np.repeat(np.arange(300), np.r_[np.full(150, 1), np.full(150, 80)])
    rows = pd.DataFrame({"lead_id": lead, "spell": 1})
    rows["weight"] = count_once(rows)
    few = thinned(rows)
    assert few.groupby("lead_id").weight.sum().to_numpy() == pytest.approx(np.ones(300))
    assert few.groupby("lead_id").size().max() == 4
    assert thinned(rows.head(100)).equals(rows.head(100))


def climbing(leads=4000, seed=0) -> Population:
    """The chance to win climbs from 4 to 60 % in a year; `version` only counts the weeks."""
    population = made_up_population(leads, seed)
    rows = population.rows.drop_duplicates("lead_id", ignore_index=True)
    week = (rows.started_at - rows.started_at.min()).dt.days // 7
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(3.2 - 3.6 * week / 51 - 0.5 * rows["size"]))
    won = pd.Series(rng.uniform(size=leads) < chance)
    rows["customer_at"] = (rows.started_at + pd.Timedelta(days=30)).where(won)
    rows = rows.assign(ended_at=rows.customer_at, version=week.astype(float), weight=1.0)
    features = FeatureSet(("size", "version"), {"size": "number", "version": "number"}, ())
    return dataclasses.replace(population, rows=rows, features=features)


def test_a_climbing_base_rate_flatters_a_random_split_and_reports_use_the_rolling_one(agreement):
    population = climbing()
    gap = split_gap(population, agreement, model="boosted", months=6)
    assert gap.n > 1000
    assert gap.auc_random > gap.auc_rolling + 0.02
    assert gap.logloss_random < gap.logloss_rolling - 0.02
    assert "Reports use the rolling one" in gap.sentence
    assert backtest(population, agreement, models=["agreed"], months=6).split == "rolling"


def test_without_dates_no_gap_between_splits_can_be_told(agreement):
    with pytest.raises(CannotAnswer, match="only a random split"):
        split_gap(undated_population(), agreement)


def with_handovers(leads=4000) -> Population:
    """Leads of which a tenth is handed over, the good ones no more than others; they win more.

    Losers are looked at ten times, winners leave early.
    """
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        np.sort(rng.uniform(0, 330, leads)), unit="D"
    )
    size = rng.normal(size=leads)
    handed = rng.uniform(size=leads) < 0.1
    chance = np.where(handed, 0.4, 1 / (1 + np.exp(3.5 - size)))
    won = rng.uniform(size=leads) < chance
    seen = np.where(handed, 1, np.where(won, 2, 10))
    moment = start + pd.Timedelta(days=3)
    took = pd.to_timedelta(rng.uniform(12, 40, leads), unit="D")
    spell = pd.DataFrame(
        {
            "lead_id": [f"L{i:05d}" for i in range(leads)],
            "spell": 1,
            "started_at": start,
            "sales_ready_at": pd.Series(moment).where(pd.Series(handed)),
            "customer_at": pd.Series(start + took).where(pd.Series(won)),
            "size": size,
            "fit": 20,
            "score": np.clip(30 + 6 * size, 0, 100).astype(int),
            "score_today": np.nan,
        }
    )
    looks = [
        spell[seen >= n].assign(as_of=spell.started_at + pd.Timedelta(days=7 * n - 6), number=n)
        for n in range(1, 11)
    ]
    rows = pd.concat([*looks, spell.assign(as_of=moment, number=2)[handed]])
    rows = rows.sort_values(["lead_id", "number"], ignore_index=True)
    rows["last_at_handover"] = rows.number.eq(2) & rows.sales_ready_at.notna()
    rows["weight"] = count_once(rows)
    rows["ended_at"] = rows.customer_at
    return Population(rows, FeatureSet(("size",), {"size": "number"}, ()), True, {}, UNTIL)


def test_probabilities_are_right_for_fresh_leads_and_for_handed_over_ones(agreement):
    rows = backtest(with_handovers(), agreement, models=["agreed", "logistic"], months=6).judged()
    fresh, handed = rows[(rows.number == 1) & ~rows.last_at_handover], rows[rows.last_at_handover]
    for part in (fresh, handed):
        came = part.outcome.astype(float).mean()
        luck = 2.6 * np.sqrt(came * (1 - came) / len(part))
        for name in ("agreed", "logistic"):
            assert abs(part[f"p_{name}"].mean() - came) < luck
    assert (handed[["r_agreed", "r_logistic"]].mean() < came - 0.2).all(), "nothing to set right"
    # That a lead was handed over is not the model's merit: it orders leads without it.
    assert abs(handed.r_logistic.mean() - fresh.r_logistic.mean()) < 0.05
