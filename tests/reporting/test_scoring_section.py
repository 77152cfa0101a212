"""The page's section on scores: a few sentences for leadership, the numbers folded."""

import re
from types import SimpleNamespace

import pytest

from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.monitoring.monthly_look import monitor
from smarketing.reporting.pages.sections.model_scores import scoring
from tests.agreements import example_agreement
from tests.populations import made_up_population


@pytest.fixture(scope="module")
def told() -> str:
    agreement, people = example_agreement(), made_up_population(leads=900)
    judged = compare(people, agreement, models=["agreed", "logistic"], resamples=30)
    watch = monitor(people, agreement, "2025-11", comparison=judged)
    return scoring(SimpleNamespace(comparison=judged, watch=watch, cannot={}, language="en")).markup


def test_leadership_reads_sentences_and_the_numbers_are_folded(told):
    shown = re.sub(r"<svg.*?</svg>", "", told, flags=re.DOTALL)
    before, folded = shown.rsplit("<details>", 1)
    assert "asks for a decision" in before
    assert "New leads of 2025-11" in before
    assert "Nothing is changed by itself." in before
    assert "Stability index" not in before
    assert "Stability index" in folded
    assert "Expected to reach customer" in folded


def test_the_early_estimate_is_marked_and_the_acceptance_line_is_told(told):
    assert "early, weighted" in told
    assert "part of no other number" in told
    assert "Good enough to route leads by?" in told
    assert not re.search(r"\bnan\b|None", re.sub(r"<svg.*?</svg>", "", told, flags=re.DOTALL))


def test_a_month_that_cannot_be_watched_says_why():
    agreement, people = example_agreement(), made_up_population(leads=600)
    judged = compare(people, agreement, models=["agreed"], resamples=20)
    cannot = {"watch": "No month before."}
    report = SimpleNamespace(comparison=judged, watch=None, cannot=cannot, language="en")
    assert "No month before." in scoring(report).markup
