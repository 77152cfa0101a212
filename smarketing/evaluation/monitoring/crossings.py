"""The leads that cross a line: what became of them, what is expected of this month's."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from smarketing.agreement.model import Agreement
from smarketing.clock import month_bounds
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.predictions import common_shift
from smarketing.evaluation.backtest.rolling import AGREED, Backtest
from smarketing.evaluation.backtest.splits import known_before, line_of
from smarketing.evaluation.monitoring.drift import LineState, line_state
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count
from smarketing.language.stage_labels import stage_word

LEAST_WINS = 10
KEYS = ["lead_id", "spell", "as_of"]


def above_line(rows: pd.DataFrame, agreement: Agreement, line: str) -> pd.Series:
    """Return which rows stand at or above a line, in points and in fit."""
    rule = line_of(agreement, line)
    return (rows.score >= rule.score) & (rows.fit >= rule.fit_at_least)


def crossings(rows: pd.DataFrame, agreement: Agreement, line: str) -> pd.DataFrame:
    """Return the first row of each spell at or above the line."""
    above = rows[above_line(rows, agreement, line)].sort_values("as_of", kind="stable")
    return above.drop_duplicates(["lead_id", "spell"])


def crossed_state(
    rows: pd.DataFrame, judged: Backtest, agreement: Agreement, line: str, month: str
) -> LineState:
    """Hold what this month's crossings are expected to become against those before the agreement.

    Probabilities that are right on all rows are not on those that cross a line first: they are
    shifted by what earlier crossings came to, as far as it was known when the month began.
    """
    chance = judged.rows[[*KEYS, f"p_{AGREED}"]].rename(columns={f"p_{AGREED}": "p"})
    crossed = crossings(rows, agreement, line).merge(chance, on=KEYS, how="inner")
    crossed = crossed[crossed.p.notna()]
    rule = line_of(agreement, line)
    signed, _ = month_bounds(f"{agreement.valid_from:%Y-%m}", agreement.timezone)
    start, _ = month_bounds(month, agreement.timezone)
    _, won = known_before(crossed, rule, agreement, min(signed, start))
    if won.sum() < LEAST_WINS:
        raise CannotAnswer(
            tr(
                "what the line was drawn for cannot be told: {k} of the {n} leads above it before "
                "the agreement are known to have reached {stage}, at least {least} are needed",
                k=count(won.sum()),
                n=count(len(won)),
                stage=stage_word(rule.target),
                least=count(LEAST_WINS),
            )
        )
    known, known_won = known_before(crossed, rule, agreement, start)
    shift = common_shift(known.p.to_numpy(float), known_won.to_numpy(float))
    now = crossed[crossed.month == month]
    return line_state(
        expit(logit(np.clip(now.p.to_numpy(float), 1e-6, 1 - 1e-6)) + shift),
        np.ones(len(now), bool),
        float(won.mean()),
        promised_of=len(won),
    )
