"""The month's look at the scores: what moved, whether the line holds, what is proposed."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import CannotAnswer, UsageError
from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.monitoring.monthly_look import monitor
from smarketing.scoring.cache import Cache
from tests.agreements import example_agreement
from tests.populations import made_up_population, undated_population

SIGNED = {
    "lines__sql__score": 45,
    "lines__sql__fit_at_least": 15,
    "valid_from": "2025-10-01",
}


@pytest.fixture(scope="module")
def agreement():
    return example_agreement(**SIGNED)


@pytest.fixture(scope="module")
def people():
    return made_up_population(leads=3000)


def moved_on(people, month, column, by):
    """The same leads, but the new ones of a month are others."""
    rows = people.rows.copy()
    of_month = rows.as_of.dt.strftime("%Y-%m") == month
    rows.loc[of_month, column] += by
    return dataclasses.replace(people, rows=rows)


def test_a_quiet_month_is_called_quiet(people, agreement):
    got = monitor(people, agreement, "2025-11")
    assert (got.month, got.before) == ("2025-11", "2025-10")
    assert set(got.drift.verdict) == {"stable"}
    assert "of the same kind" in got.sentences[0]
    assert not got.line_state.stale
    assert not got.alarm
    # The first months were learned from a few dozen wins: that is luck of its own.
    assert got.calibration.tail(4).moved.sum() <= 1


def test_what_moved_is_named(people, agreement):
    got = monitor(moved_on(people, "2025-11", "size", 2.0), agreement, "2025-11")
    assert got.drift.column[got.drift.verdict == "moved"].tolist() == ["size"]
    assert "differ from those of 2025-10 in size." in got.sentences[0]


def test_a_line_whose_leads_got_worse_is_stale_before_outcomes_arrive(people, agreement):
    rows = people.rows.copy()
    late = rows.as_of >= "2025-12-01"
    # Points are given away: weak leads now stand above the line, with the points of weak ones.
    rows.loc[~late, "score"] += 40 * (rows.score[~late] >= 45)
    rows.loc[late, "score"] = np.maximum(rows.score[late], 45)
    got = monitor(dataclasses.replace(people, rows=rows), agreement, "2025-12")
    assert got.line_state.stale
    assert got.line_state.expected_rate < got.line_state.promised_rate
    assert got.alarm
    assert any("gone stale" in text for text in got.sentences)


def test_a_better_challenger_is_proposed_and_changes_nothing(people, agreement):
    rows = people.rows.assign(score=10)  # a card that cannot tell leads apart
    blind = dataclasses.replace(people, rows=rows)
    judged = compare(blind, agreement, models=["agreed", "logistic"], resamples=50)
    got = monitor(blind, agreement, "2025-11", comparison=judged)
    assert got.choice.model == "logistic"
    assert got.alarm
    proposal = next(text for text in got.sentences if "ranks leads better" in text)
    assert "propose it in the next review" in proposal
    assert "Nothing is changed by itself." in proposal


def test_an_old_card_is_to_be_agreed_anew(people, agreement):
    old = example_agreement(**SIGNED | {"valid_from": "2025-02-01"})
    judged = compare(people, old, models=["agreed", "logistic"], resamples=50)
    worse = dataclasses.replace(judged, differences=())
    got = monitor(people, old, "2025-11", comparison=worse)
    assert got.choice.retrain
    assert "10 months old, 3 are agreed" in got.choice.reason


def test_too_few_conversions_say_how_many_more(agreement):
    few = made_up_population(leads=400, rate=0.03)
    judged = compare(few, agreement, models=["agreed"], resamples=20)
    got = monitor(few, agreement, "2025-09", comparison=judged)
    assert "30 are needed" in got.choice.reason
    assert "more, and the agreed card stays" in got.choice.reason


def test_what_is_learned_from_whom_is_said_with_the_cost_of_learning_more(agreement, tmp_path):
    people = made_up_population(leads=3000)
    rows = people.rows
    handed = (rows["size"] > 1) & (rows.lead_id.str[-1].astype(int) < 5)
    rows["sales_ready_at"] = (rows.started_at + pd.Timedelta(days=8)).where(handed)
    got = monitor(people, agreement, "2025-11", cache=Cache(tmp_path))
    assert got.worked + got.others == 3000
    assert got.outside_share > 0.5
    assert got.exploration.leads_per_month > 0
    assert any("what a model says of those is a guess" in text for text in got.sentences)
    assert any("drawn at random below the line" in text for text in got.sentences)
    again = monitor(people, agreement, "2025-11", cache=Cache(tmp_path))
    assert again.to_dict() == got.to_dict()


@pytest.mark.parametrize(
    ("month", "error", "words"),
    [
        ("2025-1", UsageError, "YYYY-MM"),
        ("2031-01", CannotAnswer, "2031-01"),
        ("2025-01", CannotAnswer, "month before"),
    ],
)
def test_a_month_that_cannot_be_looked_at(people, agreement, month, error, words):
    with pytest.raises(error, match=words):
        monitor(people, agreement, month)


def test_without_dates_no_month_is_held_against_another(agreement):
    with pytest.raises(CannotAnswer, match="no dates"):
        monitor(undated_population(), agreement)
