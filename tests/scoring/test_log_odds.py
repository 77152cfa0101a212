"""The one fit of log-odds is that of the libraries, with what they do not have."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from smarketing.scoring.log_odds import NO_RIDGE, fit_log_odds, log_loss

RNG = np.random.default_rng(0)
N = 800
DESIGN = np.column_stack([np.ones(N), RNG.random((N, 3)) < 0.4, RNG.normal(size=N)]).astype(float)
WON = (RNG.random(N) < expit(DESIGN @ [-1.5, 1.0, -0.7, 0.0, 0.4])).astype(float)
WEIGHT = RNG.random(N) + 0.1
NONE = np.zeros(DESIGN.shape[1])


@pytest.mark.parametrize("ridge", [0.5, 20.0, 400.0])
def test_a_ridge_on_all_but_the_intercept_is_scikit_learns(ridge):
    ridges = np.array([NO_RIDGE, *[ridge] * 4])
    model = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(DESIGN[:, 1:], WON, sample_weight=WEIGHT)
    fit = fit_log_odds(DESIGN, WON, WEIGHT, ridges, NONE)
    assert fit.settled
    assert fit.log_odds == pytest.approx([*model.intercept_, *model.coef_[0]], abs=1e-6)


def test_an_offset_is_statsmodels():
    offset = RNG.normal(size=N)
    model = sm.GLM(WON, DESIGN, sm.families.Binomial(), offset=offset, freq_weights=WEIGHT)
    fit = fit_log_odds(DESIGN, WON, WEIGHT, 0.0, NONE, offset)
    assert fit.log_odds == pytest.approx(model.fit(tol=1e-12).params, abs=1e-6)


def test_rows_that_are_alike_may_be_told_by_their_share():
    many = np.repeat(np.eye(2), [50, 80], axis=0)
    won = np.r_[np.ones(10), np.zeros(40), np.ones(60), np.zeros(20)]
    one_by_one = fit_log_odds(many, won, np.ones(130), 1.0, np.zeros(2))
    together = fit_log_odds(np.eye(2), np.array([0.2, 0.75]), np.array([50, 80]), 1.0, np.zeros(2))
    assert together.log_odds == pytest.approx(one_by_one.log_odds, abs=1e-9)


@pytest.mark.parametrize("start", [-30.0, -3.0, 0.0, 3.0, 30.0])
def test_a_far_start_leads_to_the_same_place(start):
    ones = np.ones((400, 1))
    won = np.arange(400) < 100
    fit = fit_log_odds(ones, won, np.ones(400), 0.5, np.array([start]), steps=60)
    near = fit_log_odds(ones, won, np.ones(400), 0.5, np.zeros(1))
    assert fit.settled
    assert fit.log_odds == pytest.approx(near.log_odds, abs=1e-9)


def test_a_ridge_of_many_rows_holds_log_odds_back_and_one_of_few_hardly():
    ones, won = np.ones((200, 1)), np.arange(200) < 160
    held, free = (
        fit_log_odds(ones, won, np.ones(200), ridge, np.zeros(1)).log_odds[0]
        for ridge in (1000.0, 0.01)
    )
    assert 0 < held < 0.15
    assert free == pytest.approx(logit(0.8), abs=0.01)


def test_rows_that_a_column_separates_do_not_settle_without_a_ridge():
    column = np.array([0.0, 0.0, 1.0, 1.0])
    design = np.column_stack([np.ones(4), column])
    assert not fit_log_odds(design, column, np.ones(4), NO_RIDGE, np.zeros(2)).settled
    ridged = fit_log_odds(design, column, np.ones(4), 0.5, np.zeros(2))
    assert ridged.settled
    assert np.isfinite(ridged.log_odds).all()


def test_the_fit_has_the_least_ridged_loss():
    ridge = 5.0
    fit = fit_log_odds(DESIGN, WON, WEIGHT, ridge, NONE).log_odds

    def loss(log_odds):
        fitted = WEIGHT.sum() * log_loss(DESIGN @ log_odds, WON, WEIGHT)
        return fitted + ridge / 2 * (log_odds**2).sum()

    for column in range(len(fit)):
        for step in (-0.01, 0.01):
            moved = fit + step * np.eye(len(fit))[column]
            assert loss(moved) > loss(fit)
