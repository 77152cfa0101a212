"""Lines as grades of the fit × engagement grid."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.errors import CannotAnswer
from smarketing.planning.lines.grade_lines import CELLS, gradings, recommend_grades
from smarketing.planning.lines.margin import Terms
from tests.worlds.twelve_leads import company, twelve_leads

GRADES = {80: "A1", 60: "A2", 40: "B2", 20: "C3"}


def graded() -> pd.DataFrame:
    return twelve_leads().assign(
        grade=lambda d: d["score"].map(GRADES), p_passed_won=lambda d: d["p_sql"] / 2
    )


# The twelve leads of test_thresholds.py, worked by hand there: A1 earns most straight with a rep
# (1,500 each), A2 (850) and B2 (350) qualified first, C3 loses either way. B1 has no leads, and is
# no worse than B2. 4 · 350 + 2 · 850 + 2 · 1,500 = 6,100 on 6 qualified and 4 handed over.
def test_twelve_leads_as_grades_worked_by_hand():
    found = recommend_grades(graded(), company(9, 6))
    assert (found.mql, found.sql) == (("A2", "B1", "B2"), ("A1",))
    row = found.frame().iloc[0]
    assert row["margin"] == pytest.approx(6100)
    assert (row["mqls"], row["sales_ready"]) == (6, pytest.approx(4))
    assert row["customers"] == pytest.approx(2 * 0.4 + (4 * 0.25 + 2 * 0.5) * 0.5)
    assert row["recall_sql"] == pytest.approx(0.8 / (0.04 + 0.2 + 0.4 + 0.8))
    # Today's lines in points, 20 and 60, on the same leads: 5,200.
    assert found.frame().iloc[1]["margin"] == pytest.approx(5200)
    assert found.tried == 175
    assert found.grid().loc["A"].tolist() == ["sales-ready", "MQL", "nurture"]
    assert found.sentence == (
        "As grades: grades A2, B1, B2 to qualification, grades A1 straight to a rep; margin "
        "6,100\u00a0kr. a month, against 5,200\u00a0kr. at today's lines in points."
    )


@pytest.mark.parametrize(
    ("qualification", "closing", "mql", "sql", "margin"),
    [
        # As in points: with room for 5 hand-overs only A2 is qualified.
        (9, 5, ("A2",), ("A1",), 4700),
        (0, 6, (), ("A1", "A2"), 4000),  # nobody qualifies: both straight to reps
        (None, 6, (), ("A1", "A2"), 4000),
        (9, 0, (), (), 0),  # nobody closes
    ],
)
def test_grades_move_up_as_capacity_shrinks(qualification, closing, mql, sql, margin):
    found = recommend_grades(graded(), company(qualification, closing))
    assert (found.mql, found.sql) == (mql, sql)
    assert found.frame().iloc[0]["margin"] == pytest.approx(margin)
    assert "nan" not in str(found.to_dict()).lower()


# With room to spare, A1 earns 1,500 a lead straight and C3 loses in every draw that holds them.
def test_each_cell_says_how_sure_it_is():
    found = recommend_grades(graded(), company(90, 60), resamples=30)
    again = recommend_grades(graded(), company(90, 60), resamples=30)
    assert found.to_dict() == again.to_dict()
    assert found.agree.loc["A", "1"] > 0.7  # in one draw of nine nobody is an A1
    assert found.agree.loc["C", "3"] == 1
    assert ((found.agree >= 0) & (found.agree <= 1)).all(axis=None)
    assert recommend_grades(graded(), company(90, 60)).agree is None
    once = recommend_grades(graded(), company(90, 60))
    assert (once.mql, once.sql) == (found.mql, found.sql)


def test_a_lead_crosses_once_at_its_first_snapshot_in_a_cell():
    later = graded().assign(as_of=pd.Timestamp("2026-10-20"), grade="A1")
    found = recommend_grades(pd.concat([graded(), later]), company(100, 100))
    assert found.frame().iloc[0]["sales_ready"] <= 12


def test_a_line_to_hold_keeps_the_leads_of_the_reps():
    # Today's SQL line of 60 hands over those of 80 and 60: A1 and A2.
    found = recommend_grades(graded(), company(9, 6), Terms.of(company(9, 6), hold_sql=True))
    assert found.sql == ("A1", "A2")


def test_leads_without_grades_are_no_ground():
    with pytest.raises(CannotAnswer, match="no grades"):
        recommend_grades(twelve_leads(), company())


def test_no_cell_is_treated_worse_than_a_lesser_one():
    for way in gradings():
        fate = dict(zip(CELLS, way, strict=True))
        for cell, value in fate.items():
            assert all(
                value >= other
                for lesser, other in fate.items()
                if lesser[0] >= cell[0] and lesser[1] >= cell[1]
            )
    assert len(set(gradings())) == 175


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(CELLS), st.integers(0, 9)), min_size=1, max_size=20),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_the_grades_taken_fit_the_desks(drawn, qualification, closing):
    rows = pd.DataFrame(drawn, columns=["grade", "score"]).assign(
        spell=1, as_of=1, month="2026-10", fit=0
    )
    rows["lead_id"] = range(len(rows))
    rows["p_sql"], rows["p_customer"] = rows["score"] / 10, rows["score"] / 20
    row = recommend_grades(rows, company(qualification, closing)).frame().iloc[0]
    assert row["overflow_closing"] <= 0.2 + 1e-9
    assert row["overflow_qualification"] <= 0.2 + 1e-9
    assert row["margin"] >= 0
