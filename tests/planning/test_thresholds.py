"""Lines under two capacities: a case worked by hand, and what must hold for any leads."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarketing.errors import CannotAnswer
from smarketing.planning.lines.line_grid import build_lines
from smarketing.planning.lines.margin import Terms, count_moments, fits, judge
from smarketing.planning.lines.thresholds import recommend_thresholds
from tests.worlds.twelve_leads import company, twelve_leads


# A customer is worth 10,000 · 0.5 = 5,000, an SQL 5,000 · 0.5 = 2,500.
# Straight to a rep, per lead: 5,000 · P(customer) − 500
#   20: 50 − 500 = −450    40: 250 − 500 = −250    60: 1,000 − 500 = 500    80: 2,000 − 500 = 1,500
# Qualified first, per lead: P(SQL) · (2,500 − 500) − 150
#   20: 100 − 150 = −50    40: 500 − 150 = 350     60: 1,000 − 150 = 850    80: 1,600 − 150 = 1,450
# So without limits: qualify from 40, hand over from 80:
#   4 · 350 + 2 · 850 + 2 · 1,500 = 6,100.
# Qualification then gets 4 + 2 = 6; closing gets 2 direct + 4 · 0.25 + 2 · 0.5 = 2 passed on = 4.
# One month of history: the next month's variance is twice its mean, a negative binomial with
# size = mean and p = 1/2, so P(k) = C(k + r − 1, k) / 2^(k + r).
#   r = 6: P(<= 9) = 0.0156 + 0.0469 + 0.0820 + 0.1094 + 0.1230 + 0.1230 + 0.1128 + 0.0967
#                  + 0.0786 + 0.0611 = 0.8491; P(<= 8) = 0.7880
#   r = 4: P(<= 6) = 0.0625 + 0.1250 + 0.1563 + 0.1563 + 0.1367 + 0.1094 + 0.0820 = 0.8281;
#          P(<= 5) = 0.7461
def test_twelve_leads_worked_by_hand():
    found = recommend_thresholds(twelve_leads(), company(9, 6), resamples=0)
    assert (found.mql, found.sql) == (40, 80)
    row = found.row()
    by_hand = {
        "mqls": 6.0,
        "sales_ready": 4.0,
        "customers": 2 * 0.4 + (4 * 0.25 + 2 * 0.5) * 0.5,  # 1.8
        "precision_mql": (4 * 0.25 + 2 * 0.5) / 6,
        "precision_sql": 0.4,
        "recall_mql": (1.0 + 1.0 + 1.6) / (0.2 + 1.0 + 1.0 + 1.6),
        "recall_sql": 0.8 / (0.04 + 0.2 + 0.4 + 0.8),
        "margin": 6100.0,
        "overflow_qualification": 1 - 27824 / 32768,  # of sums with 2^15 below
        "overflow_closing": 1 - 848 / 1024,
        "idle_qualification": 1 - 6 / 9,
        "idle_closing": 1 - 4 / 6,
    }
    for name, value in by_hand.items():
        assert row[name] == pytest.approx(value), name
    # Today's lines 20 and 60: 4 · (−50) + 4 · 350 + 2 · 500 + 2 · 1,500 = 5,200, on 8 qualified,
    # 4 · 0.05 + 4 · 0.25 = 1.2 passed on and 4 direct.
    today = found.row("today")
    assert (today["mqls"], today["sales_ready"]) == (8.0, pytest.approx(5.2))
    assert today["margin"] == pytest.approx(5200)
    assert found.gain == pytest.approx(900)
    assert found.change
    assert found.why.startswith("Today's lines send more leads than can be worked")
    # On average 8 qualified would fit 9, and 4 direct 6: the mean hides the months above it.
    # Lowest SQL line with a mean <= 6: 60 (4 leads; 40 has 8). Lowest MQL line: 20 (8 <= 9).
    assert (found.row("fill the capacity")["mql"], found.row("fill the capacity")["sql"]) == (
        20,
        60,
    )
    # A fifth of 12 is 2.4: only line 80, with 2 leads, has at most that.
    assert (found.row("top 20 %")["mql"], found.row("top 20 %")["sql"]) == (80, 80)
    # F1 = 2 · hits / (leads + expected): MQL 60: 2·2.6/(4+3.8)=0.667, 80: 3.2/5.8=0.552,
    # 40: 7.2/11.8=0.610; SQL 80: 1.6/(2+1.44)=0.465, 60: 2.4/5.44=0.441.
    assert (found.row("best F1")["mql"], found.row("best F1")["sql"]) == (60, 80)


# Closing 5: lines 40 and 80 no longer fit (0.7461). Next best that fits: 60 and 80, with
#   2 · 850 + 2 · 1,500 = 4,700; closing gets 2 + 1 = 3, P(<= 5) = 0.8555 for r = 3.
@pytest.mark.parametrize(
    ("qualification", "closing", "lines", "margin"),
    [
        (9, 6, (40, 80), 6100),
        (9, 5, (60, 80), 4700),
        # Qualification 8 cannot take 6 with 0.8 (0.7880): 60 and 80 again.
        (8, 6, (60, 80), 4700),
        # Without limits that bind, the same as with 9 and 6.
        (1000, 1000, (40, 80), 6100),
        # Qualification 0: hand over from 60 (4 leads fit 6), qualify nobody.
        (0, 6, (60, 60), 4000),
        # No desk: one line; from 60 fits closing 6 (4 leads): 2 · 500 + 2 · 1,500.
        (None, 6, (60, 60), 4000),
        (None, 5, (80, 80), 3000),
    ],
)
def test_lines_move_up_as_capacity_shrinks(qualification, closing, lines, margin):
    found = recommend_thresholds(twelve_leads(), company(qualification, closing), resamples=0)
    assert found.row()["margin"] == pytest.approx(margin)
    assert (found.mql, found.sql) == lines


def test_the_price_of_keeping_the_capacity_is_said():
    # One line at 60 earns 4,000 on 4 leads; closing 5 holds them in 75 % of months only, so the
    # line moves to 80 and earns 3,000.
    found = recommend_thresholds(twelve_leads(), company(None, 5), resamples=0)
    assert (found.sql, found.gain) == (80, pytest.approx(-1000))
    assert found.why == (
        "Today's lines send more leads than can be worked: they overflow closing in 25\u00a0% of "
        "months; at most 20\u00a0% is agreed. Keeping the capacity costs 1,000\u00a0kr. of "
        "expected margin a month."
    )


def test_no_closing_capacity_hands_nobody_over():
    found = recommend_thresholds(twelve_leads(), company(9, 0), resamples=5)
    row = found.row()
    assert row["sales_ready"] == 0
    assert found.sql > 80
    assert "Closing has no capacity" in " ".join(found.notes)
    assert "NaN" not in str(found.to_dict())


def test_leads_that_never_earn_their_work_are_left_to_nurture():
    found = recommend_thresholds(twelve_leads(), company(9, 6, revenue=100), resamples=0)
    assert found.row()["margin"] == 0
    assert "no lead earns its work" in " ".join(found.notes)


def test_without_dates_capacity_is_not_placed_and_the_result_says_so():
    rows = twelve_leads().assign(month=None, as_of=pd.NaT)
    agreement = company(1, 1)
    found = recommend_thresholds(rows, agreement, Terms.of(agreement, dated=False), resamples=5)
    assert (found.mql, found.sql) == (40, 80)
    assert found.row()["overflow_closing"] is None
    assert "no dates" in found.notes[0]


@pytest.mark.parametrize("leads", [1, 12])
def test_a_score_with_one_value_and_a_single_lead(leads):
    chances = {"p_sql": 0.5, "p_customer": 0.3, "p_pass": 0.5, "p_passed_won": 0.25}
    rows = twelve_leads().head(leads).assign(score=50, **chances)
    found = recommend_thresholds(rows, company(40, 40), resamples=5)
    # 0.3 · 5,000 − 500 = 1,000 direct against 0.5 · 2,000 − 150 = 850: all straight to a rep.
    assert found.row()["sales_ready"] == leads
    assert found.row()["margin"] == pytest.approx(1000 * leads)
    assert "nan" not in str(found.to_dict()).lower()


def test_rows_without_chances_are_no_ground_for_a_line():
    rows = twelve_leads().assign(p_customer=np.nan)
    with pytest.raises(CannotAnswer, match="no lead has a known chance"):
        recommend_thresholds(rows, company(), resamples=0)


def test_todays_lines_stay_when_they_are_the_best():
    found = recommend_thresholds(twelve_leads(), company(9, 6, mql=35, sql=75), resamples=20)
    assert not found.change
    assert found.why == "No reason to change: today's lines are the best ones."
    assert (found.mql, found.sql) == (35, 75)


def test_a_lead_crosses_a_line_once_at_its_first_snapshot_there():
    rows = pd.DataFrame(
        {
            "lead_id": "a",
            "spell": 1,
            "as_of": pd.to_datetime(["2026-08-01", "2026-09-01", "2026-10-01", "2026-10-08"]),
            "month": ["2026-08", "2026-09", "2026-10", "2026-10"],
            "score": [50, 30, 70, 70],
            "fit": 0,
            "p_sql": 0.4,
            "p_customer": 0.2,
        }
    )
    flow = build_lines(rows).flow(40, 60)
    assert flow["mqls"].tolist() == [1, 0, 0]
    assert flow["direct"].tolist() == [0, 0, 1]
    assert flow["passed"].sum() == 0  # it is handed over when it reaches the SQL line


def test_a_line_crossed_before_the_months_judged_is_not_crossed_again():
    rows = twelve_leads().head(1)
    rows = pd.concat([rows.assign(month="2026-09", p_sql=np.nan, p_customer=np.nan), rows])
    rows["as_of"] = pd.to_datetime(["2026-09-01", "2026-10-01"])
    assert build_lines(rows).flow(10, 90)["mqls"].tolist() == [0]


def test_the_least_fit_keeps_a_busy_misfit_below_the_line():
    rows = twelve_leads().assign(fit=[0, 30] * 6)
    agreement = company(1000, 1000)
    agreement.lines.sql.fit_at_least = 20
    found = recommend_thresholds(rows, agreement, resamples=0)
    # At 80 one of the two fits: it goes straight on, the other is qualified: 1,500 + 1,450.
    assert found.row()["margin"] == pytest.approx(4 * 350 + 2 * 850 + 1500 + 1450)


def test_the_same_seed_gives_the_same_doubt():
    one, two = (
        recommend_thresholds(twelve_leads(), company(), resamples=20, seed=4) for _ in range(2)
    )
    assert one.to_dict() == two.to_dict()


def test_the_figure_says_in_words_what_it_shows():
    figure = recommend_thresholds(twelve_leads(), company(), resamples=0).plot()
    assert "recommended line of 80" in figure.alt_text


leads = st.lists(
    st.tuples(
        st.lists(st.integers(0, 12), min_size=1, max_size=4),  # scores, a month apart
        st.integers(0, 1),  # fit
    ),
    min_size=1,
    max_size=12,
)


def as_rows(drawn: list) -> pd.DataFrame:
    rows = [
        {"lead_id": i, "spell": 1, "as_of": t, "month": f"2026-0{t + 1}", "score": x, "fit": fit}
        for i, (scores, fit) in enumerate(drawn)
        for t, x in enumerate(scores)
    ]
    frame = pd.DataFrame(rows)
    chances = {"p_sql": frame["score"] / 14, "p_customer": frame["score"] / 30}
    return frame.assign(**chances, p_pass=chances["p_sql"], p_passed_won=chances["p_customer"])


@settings(max_examples=60, deadline=None)
@given(leads, st.integers(0, 12), st.integers(0, 12))
def test_precomputed_tables_equal_a_walk_through_every_lead(drawn, mql, gap):
    rows, sql = as_rows(drawn), mql + gap
    table = build_lines(rows, fit_mql=0, fit_sql=1, extra=(mql, sql))
    months = list(table.months)
    walked = np.zeros((len(months), 3))
    for _, lead in rows.groupby("lead_id"):
        sent, handed = None, False
        for row in lead.itertuples():
            if not handed and row.score >= sql and row.fit >= 1:
                handed = True
                walked[months.index(row.month), 1] += 1
            if sent is None and row.score >= mql:
                sent = row
                if not handed:
                    walked[months.index(row.month), 0] += 1
        if sent is not None and not handed:
            walked[months.index(sent.month), 2] += sent.p_sql
    flow = table.flow(mql, sql)
    np.testing.assert_allclose(flow[["mqls", "direct", "passed"]], walked, atol=1e-9)
    tables, m, s = table.tables(), table.position(mql), table.position(sql)
    np.testing.assert_allclose(tables.qualified[:, m, s], walked[:, 0], atol=1e-9)
    np.testing.assert_allclose(tables.direct[:, 0, s], walked[:, 1], atol=1e-9)
    np.testing.assert_allclose(tables.passed[:, m, s], walked[:, 2], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(leads)
def test_raising_a_line_never_raises_its_crossings(drawn):
    tables = build_lines(as_rows(drawn)).tables()
    assert (np.diff(tables.qualified.sum(axis=0), axis=0) <= 1e-9).all()
    assert (np.diff(tables.direct.sum(axis=0), axis=1) <= 1e-9).all()
    ready = (tables.direct + tables.passed).sum(axis=0)
    # Only along the SQL line: a higher MQL line sees a lead later, when it may be a better one.
    assert (np.diff(ready, axis=1) <= 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(leads, st.integers(0, 20), st.integers(0, 20))
def test_overflow_falls_and_margin_room_grows_with_capacity(drawn, small, more):
    tables = build_lines(as_rows(drawn)).tables()

    def money(closing: float):
        return judge(tables, Terms(1000.0, 10.0, 50.0, math.inf, closing))

    tight, wide = money(small), money(small + more)
    assert (wide.fits_closing >= tight.fits_closing - 1e-12).all()
    assert np.isfinite(tight.margin).all()


@given(st.lists(st.floats(0, 50), min_size=1, max_size=24), st.integers(0, 200))
def test_a_chance_to_fit_is_a_chance(counts, capacity):
    y = np.array(counts)
    mean, variance = count_moments(y, np.full(len(y), 1 / len(y)), 0.0, len(y))
    assert variance >= mean
    assert 0 <= fits(np.array([mean]), np.array([variance]), capacity)[0] <= 1


def test_months_that_vary_more_than_chance_need_a_higher_line():
    steady = fits(*count_moments(np.full(12, 20.0), np.full(12, 1 / 12), 0.0, 12), 26)
    wild = fits(*count_moments(np.array([5.0, 35.0] * 6), np.full(12, 1 / 12), 0.0, 12), 26)
    assert steady > 0.85 > wild
