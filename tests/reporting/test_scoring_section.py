"""The page's section on scores: a few sentences for leadership, the numbers folded."""

import re

import pytest

from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.monitoring.monthly_look import monitor
from smarketing.reporting.pages.monthly import watched
from smarketing.reporting.pages.sections.model_scores import scoring
from tests.agreements import example_agreement
from tests.populations import made_up_population


@pytest.fixture(scope="module")
def section() -> str:
    agreement, people = example_agreement(), made_up_population(leads=900)
    judged = compare(people, agreement, models=["agreed", "logistic"], resamples=30)
    watch = monitor(people, agreement, "2025-11", comparison=judged)
    return scoring(judged, watched(watch, ""), "").markup


def test_leadership_reads_sentences_and_the_numbers_are_folded(section):
    shown = re.sub(r"<svg.*?</svg>", "", section, flags=re.DOTALL)
    before, folded = shown.rsplit("<details>", 1)
    assert "asks for a decision" in before
    assert "New leads of 2025-11" in before
    assert "Nothing is changed by itself." in before
    assert "Stability index" not in before
    assert "Stability index" in folded
    assert "Expected to reach customer" in folded


def test_the_early_estimate_is_marked_and_the_acceptance_line_is_told(section):
    assert "early, weighted" in section
    assert "part of no other number" in section
    assert "Good enough to route leads by?" in section
    assert not re.search(r"\bnan\b|None", re.sub(r"<svg.*?</svg>", "", section, flags=re.DOTALL))


def test_a_month_that_cannot_be_watched_says_why():
    agreement, people = example_agreement(), made_up_population(leads=600)
    judged = compare(people, agreement, models=["agreed"], resamples=20)
    assert "No month before." in scoring(judged, watched(None, "No month before."), "").markup
