"""Whether the champion stays, and whether a learned model may take the place of the one in use."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.evaluation.backtest.line_economics import stakes_of
from smarketing.evaluation.backtest.metrics import interval
from smarketing.evaluation.backtest.model_names import AGREED, called
from smarketing.evaluation.backtest.rolling import backtest
from smarketing.evaluation.backtest.splits import LEAST_CONVERSIONS, too_few
from smarketing.evaluation.comparison.resampled_metrics import draws, measures
from smarketing.language.catalogue import tr
from smarketing.language.numbers import number
from smarketing.language.sentences import capital
from smarketing.results import Result
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population

RESAMPLES = 400
CHAMPION = "the agreed card"
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Choice(Result):
    """Whether the champion stays; a proposal to people, never carried out by itself."""

    model: str
    retrain: bool
    reason: str


def in_months(days: float) -> float:
    """Return an age in months, to a tenth; none below zero."""
    return round(max(days, 0) / DAYS_A_MONTH, 1)


def most_months(agreement: Agreement) -> float:
    """Return after how many months a champion is too old; never, where nothing is agreed."""
    return agreement.review.agreement_every_months or float("inf")


def choose(
    champion: str,
    challenger: str,
    difference_low: float,
    age_months: float,
    most_months: float,
    conversions: int,
) -> Choice:
    """Say whether a challenger should take the champion's place.

    A champion stays until a challenger is better with an interval, or the champion is older
    than the agreement allows. With too few conversions nothing is learned at all.

    Parameters
    ----------
    champion, challenger : str
    difference_low : float
        Lower bound of the paired 95 % interval of the AUC, challenger less champion.
    age_months : float
        Since the champion was trained or agreed.
    most_months : float
        ``review.agreement_every_months`` of the agreement.
    conversions : int
        Known to train on.

    Examples
    --------
    >>> choose("agreed", "boosted", 0.01, 2, 3, 80).model
    'boosted'
    >>> choose("agreed", "boosted", -0.01, 2, 3, 80).model
    'agreed'
    """
    who = called(AGREED if champion == CHAMPION else champion)
    if conversions < LEAST_CONVERSIONS:
        return Choice(champion, retrain=False, reason=too_few(conversions))
    if difference_low > 0:
        reason = tr(
            "{challenger} ranks leads better than {champion}, with an interval: propose it in the "
            "next review.",
            challenger=capital(called(challenger)),
            champion=who,
        )
        return Choice(challenger, retrain=False, reason=reason)
    if age_months > most_months:
        reason = tr(
            "{champion} is {age} months old, {most} are agreed: train or agree it anew. No "
            "challenger is better with an interval.",
            champion=capital(who),
            age=number(age_months),
            most=number(most_months),
        )
        return Choice(champion, retrain=True, reason=reason)
    reason = tr(
        "No challenger is better than {champion} with an interval, so it stays.", champion=who
    )
    return Choice(champion, retrain=False, reason=reason)


@dataclass(frozen=True)
class Challenge(Result):
    """A model against the one that stands, on the same later leads.

    Parameters
    ----------
    champion, challenger : str
    metrics : dict of str to float
        The challenger's AUC, on rows it did not learn from.
    difference_low, difference_high : float
        Of the paired 95 % interval of the AUC, challenger less champion.
    choice : Choice
        Whether the champion stays.
    """

    champion: str
    challenger: str
    metrics: dict[str, float]
    difference_low: float
    difference_high: float
    choice: Choice

    @property
    def won(self) -> bool:
        """Whether the challenger may take the place."""
        return self.choice.model == self.challenger


def challenge(
    population: Population,
    agreement: Agreement,
    champion: str,
    challenger: str,
    known_until: str = "",
    cache: Cache | None = None,
) -> Challenge:
    """Judge a model and the one that stands month by month, and say which should be kept.

    Parameters
    ----------
    population : Population
    agreement : Agreement
    champion, challenger : str
        ``agreed`` or one of :data:`smarketing.scoring.models.registry.MODELS`. A champion of the
        same kind has nothing to win: it is made anew of what is known by now.
    known_until : str
        When the champion was learned; its age counts.
    cache : Cache, optional
        As in :func:`smarketing.evaluation.backtest.rolling.backtest`.

    Raises
    ------
    CannotAnswer
        If one of them cannot be judged.

    Examples
    --------
    >>> challenge(population, agreement, "card", "boosted").choice.reason  # doctest: +SKIP
    """
    names = sorted({champion, challenger})
    judged = backtest(population, agreement, "sql", names, cache=cache)
    rows = judged.judged()
    if rows.empty or rows.outcome.nunique() < 2:
        raise CannotAnswer("no later leads tell good models from bad ones yet")
    for name in names:
        if f"p_{name}" not in rows or rows[f"p_{name}"].isna().any():
            raise CannotAnswer(f"the {name} model cannot be judged: {' '.join(judged.notes)}")
    stakes = stakes_of(population, agreement, judged.line)
    drawn = draws(rows, names, stakes, RESAMPLES, 0)
    low, high = interval(drawn[challenger]["auc"] - drawn[champion]["auc"])
    auc = float(measures(rows, challenger, stakes)["auc"])
    if champion == challenger:
        reason = f"The {champion} model is learned anew, from what is known by now."
        choice = Choice(challenger, retrain=False, reason=reason)
    else:
        now = population.data_until
        dated = known_until and now is not None
        age = in_months((now - pd.Timestamp(known_until)).days) if dated else 0.0
        choice = choose(
            champion,
            challenger,
            low,
            age,
            most_months(agreement),
            LEAST_CONVERSIONS,  # with fewer, the backtest judges no learned model at all
        )
    return Challenge(champion, challenger, {"auc": auc}, low, high, choice)
