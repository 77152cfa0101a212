"""The claim that sales ignores the best leads, which needs their grades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from smarketing.errors import UsageError
from smarketing.funnel.claims.check import check_claims
from smarketing.funnel.claims.library import CLAIMS
from tests.claims_world import agreement, grades_of, hand_overs, made_up


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return hand_overs(tmp_path_factory.mktemp("grades"), n=1500, in_time=1.0)


def graded(facts, a1_every: int):
    """Give every n-th lead the grade A1, the others B2."""
    grades = facts.spells[["lead_id", "spell"]].copy()
    number = grades.lead_id.str[1:].astype(int)
    grades["grade"] = (number % a1_every == 0).map({True: "A1", False: "B2"})
    return grades


def without_attempts(facts, leads):
    return replace(facts, attempts=facts.attempts[~facts.attempts.lead_id.isin(leads)])


def test_ignored_a1_leads_are_found_and_counted(facts):
    grades = graded(facts, 3)
    best = grades.lead_id[grades.grade == "A1"]
    ignored = without_attempts(facts, best[::2])
    claim = check_claims(ignored, names=["a1_ignored"], grades=grades).claims[0]
    assert claim.verdict == "supported"
    assert claim.effect == pytest.approx(0.5 - 0.05, abs=0.02)  # every second; 5 % may be late
    assert f"of {claim.n} hand-overs of grade A1 (50\u00a0%)" in claim.sentence
    assert "0\u00a0% of the" in claim.sentence


def test_a1_leads_that_are_all_called_contradict_it(facts):
    claim = check_claims(facts, names=["a1_ignored"], grades=graded(facts, 2)).claims[0]
    assert claim.verdict == "contradicted"
    assert claim.effect == pytest.approx(-0.05)


def test_ignored_leads_of_another_grade_are_not_counted(facts):
    grades = graded(facts, 2)
    others = grades.lead_id[grades.grade == "B2"]
    claim = check_claims(without_attempts(facts, others), names=["a1_ignored"], grades=grades)
    assert claim.claims[0].verdict == "contradicted"


def test_a_made_up_company_hands_its_grades_over_as_a_report_does():
    facts = made_up(agreement(), np.random.default_rng(1), 900, 0.3, ignored=0.5)
    found = check_claims(facts, grades=grades_of(facts)).claims
    verdicts = {claim.name: claim.verdict for claim in found}
    assert set(verdicts) == {*CLAIMS, "a1_ignored"}
    assert verdicts["a1_ignored"] == "supported"
    share = next(c for c in found if c.name == "a1_ignored")
    assert share.effect == pytest.approx(0.4, abs=0.15)  # half of them, one in ten allowed


def test_it_is_tested_with_grades_only(facts):
    assert "a1_ignored" not in CLAIMS
    plain = check_claims(facts)
    assert "a1_ignored" not in {c.name for c in plain.claims} | set(plain.cannot)
    assert "a1_ignored" in {c.name for c in check_claims(facts, grades=graded(facts, 2)).claims}
    assert "not given" in check_claims(facts, names=["a1_ignored"]).cannot["a1_ignored"]
    none = graded(facts, 2).assign(grade="C3")
    assert "A1" in check_claims(facts, names=["a1_ignored"], grades=none).cannot["a1_ignored"]
    with pytest.raises(UsageError, match="a1_ignored"):
        check_claims(facts, names=["nonsense"])
