"""The what-if behind the tuner: the same numbers as the recommendation, at once."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from smarketing.errors import UsageError
from smarketing.planning.lines.thresholds import recommend_thresholds
from smarketing.planning.lines.whatif import LineWhatIf
from tests.worlds.twelve_leads import company, twelve_leads


@pytest.fixture(scope="module")
def found():
    return recommend_thresholds(twelve_leads(), company(9, 6), resamples=0)


@pytest.fixture(scope="module")
def asked(found):
    return LineWhatIf.of(found, "DKK")


def test_it_says_of_every_pair_what_the_recommendation_says(found, asked):
    for row in map(found.row, found.policies["lines"]):
        answer = asked.ask(row["mql"], row["sql"])
        for name, value in row.items():
            if name != "lines":
                assert answer[name] == pytest.approx(value), (row["lines"], name)


# The case worked by hand in test_thresholds.py: from 40 qualify, from 80 hand over.
#   6,100 = 4 · 350 + 2 · 850 + 2 · 1,500; a customer worth 6,000 instead of 5,000 adds
#   1,000 · (0.8 direct + 0.5 · 2 SQLs passed on) = 1,800; work at 600 instead of 500 takes
#   100 · (2 direct + 2 passed on) = 400; qualifying at 200 instead of 150 takes 50 · 6 = 300.
@pytest.mark.parametrize(
    ("changed", "margin"),
    [
        ({}, 6100),
        ({"customer_value": 6000}, 7900),
        ({"cost_worked": 600}, 5700),
        ({"cost_qualified": 200}, 5800),
        # Qualification takes 3 of 6: half its 3,400 + 900 of cost is earned, half is spent:
        # 3,100 / 2 + 3,000.
        ({"qualification": 3}, 4550),
        ({"demand": 2.0, "qualification": 100, "closing": 100}, 12200),
    ],
)
def test_terms_asked_about_change_the_margin_as_by_hand(asked, changed, margin):
    assert asked.ask(40, 80, **changed)["margin"] == pytest.approx(margin)


def test_capacity_and_confidence_decide_whether_lines_fit(asked):
    # P(qualified <= 9) = 0.8491, P(worked <= 6) = 0.8281 (test_thresholds.py).
    assert asked.ask(40, 80).fits
    assert not asked.ask(40, 80, confidence=0.83).fits
    assert not asked.ask(40, 80, closing=5).fits
    assert asked.ask(40, 80).words == (
        "6 MQLs and 4 sales-ready leads a month, a margin of 6,100\u00a0kr.; more than can be "
        "worked: qualification in 15\u00a0% and closing in 17\u00a0% of months, as agreed."
    )
    assert "more than the 20\u00a0% agreed" in asked.ask(40, 80, closing=0).words


@pytest.mark.parametrize("line", ["mql", "sql"])
def test_the_curve_passes_through_the_answers(asked, line):
    curve = asked.curve(line, mql=40, sql=80)
    for row in curve.to_dict("records"):
        lines = {"mql": 40, "sql": 80} | {line: row["line"]}
        answer = asked.ask(**lines)
        for name in ("mqls", "sales_ready", "margin", "overflow_qualification", "overflow_closing"):
            assert row[name] == pytest.approx(answer[name]), name


def test_one_line_has_one_slider():
    found = recommend_thresholds(
        twelve_leads(),
        company(None, 6),
    )
    asked = LineWhatIf.of(found, "DKK")
    assert asked.ask(sql=60)["margin"] == pytest.approx(4000)  # 2 · 500 + 2 · 1,500
    assert asked.ask(sql=60)["mql"] is None
    assert asked.curve(sql=60)["margin"].max() == pytest.approx(4000)
    assert asked.changes(None, 60) == {"lines.sql.score": 60}


def test_a_choice_becomes_changes_for_a_proposal(asked):
    assert asked.changes(40, 80, 0.9) == {
        "lines.mql.score": 40,
        "lines.sql.score": 80,
        "sla.confidence": 0.9,
    }
    with pytest.raises(UsageError, match="whole number"):
        asked.changes(40.5, 80)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"colour": 1}, "no such term"),
        ({"closing": -1}, "closing is too small"),
        ({"cost_worked": float("nan")}, "cost_worked is too small"),
        ({"confidence": 80}, "between 0 and 1"),
        ({"mql": float("nan")}, "the mql line is a number"),
    ],
)
def test_wrong_questions_are_told(asked, question, said):
    with pytest.raises(UsageError, match=said):
        asked.ask(**({"mql": 40, "sql": 80} | question))


def test_extremes_have_an_answer_without_nan(asked):
    for lines in ((0, 0), (500, 500), (None, None), (90, 10)):
        answer = asked.ask(*lines, closing=0, qualification=0)
        assert "nan" not in str(answer.to_dict()).lower()
        assert np.isfinite(answer["margin"])


def test_a_hundred_thousand_leads_answer_within_fifty_milliseconds():
    rng = np.random.default_rng(0)
    n = 100_000
    rows = pd.DataFrame(
        {
            "lead_id": np.arange(n),
            "spell": 1,
            "as_of": 1,
            "month": rng.choice([f"2026-{m:02d}" for m in range(1, 13)], n),
            "score": rng.uniform(0, 100, n).round(3),
            "fit": 0,
        }
    )
    rows["p_sql"], rows["p_customer"] = rows["score"] / 200, rows["score"] / 500
    rows["p_pass"], rows["p_passed_won"] = rows["p_sql"], 0.4 * rows["p_sql"]
    found = recommend_thresholds(rows, company(3000, 900), resamples=0)
    asked = LineWhatIf.of(found, "DKK")
    asked.ask(40, 80)
    took = []
    for line in range(20, 90, 5):
        began = time.process_time()
        asked.ask(line / 2, line, closing=500 + line)
        asked.curve("sql", mql=line / 2)
        took.append(time.process_time() - began)
    assert np.median(took) < 0.05, took
