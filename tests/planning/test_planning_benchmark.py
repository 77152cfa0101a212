"""The benchmark of planning judges what planning does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from smarketing.folder import Folder
from smarketing.planning.lines.crossing_probabilities import add_chances
from smarketing.planning.lines.thresholds import RECENT_MONTHS, recommend_thresholds
from smarketing.scoring.population import build_population
from tests.worlds.crm_company import MEASURES, back_check
from tests.worlds.no_signal import (
    promised_on_the_demo,
    promised_without_signal,
    promises_something,
)
from tests.worlds.planning_company import ACCOUNTS, expect, make_company, next_month
from tests.worlds.planning_judged import judge_company
from tests.worlds.scoring_rules import interval_score


@pytest.fixture(scope="module")
def company():
    return next(c for c in map(make_company, range(20)) if 100 < c.traits["size"] < 250)


def test_its_truth_is_that_of_many_months_drawn(company):
    mql, sql = 30, 60
    truth = expect(company)
    rng = np.random.default_rng(0)
    closing = company.agreement.capacity.closing.leads_per_month
    fits = []
    for rate in company.rate:
        luck = rng.gamma(1 / company.dispersion, company.dispersion, 4000)
        direct = rng.poisson(rate * luck * company.per_lead["leads"][sql])
        fits.append((direct <= closing).mean())
    # An SQL line at 60 that nobody is qualified below: the reps' load is the direct leads.
    assert truth["fits_closing"][sql, sql] == pytest.approx(np.mean(fits), abs=0.03)
    assert (truth["fits_closing"][mql, sql] <= truth["fits_closing"][sql, sql] + 1e-9).all()


def test_its_leads_per_line_are_those_of_many_months_drawn(company):
    agreement = SimpleNamespace(**vars(company.agreement))
    desk = SimpleNamespace(leads_per_month=10**9)
    agreement.capacity = SimpleNamespace(qualification=desk, closing=desk)
    roomy, (mql, sql) = replace(company, agreement=agreement), (25, 50)
    months = pd.DataFrame([next_month(roomy, mql, sql, seed) for seed in range(800)])
    per, rate = company.per_lead, company.rate[0]
    ready = per["leads"][sql] + per["passed"][mql] - per["passed"][sql]
    expected = {
        "mqls": per["qualified"][mql, sql],
        "sales_ready": ready,
        "customers": per["won"][mql],
    }
    for name, share in expected.items():
        error = months[name].std() / len(months) ** 0.5
        assert rate * share == pytest.approx(months[name].mean(), abs=4 * error), name


def test_leads_cross_the_mql_line_first_and_buy_together(company):
    rows = company.rows
    assert rows["lead_id"].duplicated().mean() > 0.02
    first, last = (rows.groupby("lead_id")["score"].nth(n) for n in (0, -1))
    rose = last.to_numpy() > first.to_numpy()
    assert 0.02 < rose.mean() < 0.5
    won = rows[rows["customer_at"].notna()].drop_duplicates("lead_id")
    assert won["purchase"].nunique() < len(won)


def test_a_company_is_judged_by_numbers(company):
    row = judge_company(company_seed := 3)
    assert row["seed"] == company_seed
    for over in ACCOUNTS:
        assert np.isfinite(row[f"recommended_{over}"])


@pytest.mark.parametrize(("value", "score"), [(6, 5), (4, 5), (3, 15), (12, 35)])
def test_an_interval_is_scored_by_width_and_misses(value, score):
    assert interval_score(4, 9, value) == pytest.approx(score)


def test_forecasts_of_what_is_promised_hold_what_the_crm_then_shows():
    rows = pd.DataFrame([back_check(seed) for seed in range(40)])
    for name in MEASURES:
        # 80 % of forty, give or take three standard errors
        assert 0.6 <= rows[f"inside_{name}"].mean() <= 0.98, name
        assert 0.8 < rows[f"mean_{name}"].sum() / rows[f"actual_{name}"].sum() < 1.2, name


@pytest.mark.parametrize("seed", range(6))
def test_a_score_that_knows_nothing_promises_nothing(seed):
    assert not promised_without_signal(seed)


def test_the_demo_with_its_scores_dealt_out_is_promised_nothing(demo):
    folder = Folder.open(demo)
    with folder.warehouse() as warehouse:
        people = build_population(warehouse, folder.agreement)
        said = promised_on_the_demo(warehouse, folder.agreement, people, seed=0)
    assert not promises_something(said)
    assert said.sentence.startswith("The score does not tell customers from other leads")


@pytest.mark.parametrize("seed", range(12))
def test_no_recommendation_counts_on_more_customers_than_were_won(seed):
    company = make_company(seed)
    at = pd.Period(company.months[-1], "M").end_time.floor("s")
    rows = add_chances(company.rows, company.agreement, at)
    found = recommend_thresholds(rows, company.agreement, resamples=0)
    won = rows[rows.customer_at.notna()].groupby("month").purchase.nunique()
    a_month = won.reindex(company.months, fill_value=0).tail(RECENT_MONTHS).mean()
    assert 0 < found.row()["customers"] <= a_month
