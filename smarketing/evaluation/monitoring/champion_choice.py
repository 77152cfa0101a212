"""Whether the champion stays: a proposal to people, never carried out by itself."""

from __future__ import annotations

from dataclasses import dataclass

from smarketing.agreement.model import Agreement
from smarketing.evaluation.backtest.model_names import AGREED, called
from smarketing.evaluation.backtest.splits import LEAST_CONVERSIONS, too_few
from smarketing.language.catalogue import tr
from smarketing.language.numbers import number
from smarketing.language.sentences import capital
from smarketing.results import Result

CHAMPION = "the agreed card"
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Choice(Result):
    """Whether the champion stays; a proposal to people, never carried out by itself."""

    model: str
    retrain: bool
    reason: str


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
        "No challenger is better than {champion} with an interval, so it stays.",
        champion=who,
    )
    return Choice(champion, retrain=False, reason=reason)
