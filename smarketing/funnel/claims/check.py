"""What both teams say about each other, tested: supported, contradicted, or cannot tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.funnel.claims.library import CLAIMS, Evidence, a1_ignored
from smarketing.measures.facts import Facts
from smarketing.results import Result

SUPPORTED, CONTRADICTED, CANNOT_TELL = "supported", "contradicted", "cannot tell"
A1_IGNORED = "a1_ignored"


@dataclass(frozen=True)
class Claim:
    """One claim and what the data says to it.

    Attributes
    ----------
    name : str
        leads_got_worse, sales_is_slow, gives_up_after_one_call, campaign_is_junk, a1_ignored.
    claim : str
        In the words of whoever makes it.
    made_by : str
        marketing or sales.
    verdict : str
        supported, contradicted, or cannot tell.
    effect, low, high : float
        Difference of two shares (now − before, delivered − promised, campaign − others) and its
        95 % interval.
    n, n_compared : int
        Leads behind it; 0 compared where a promise is the yardstick.
    n_needed : int
        Leads it takes (in each of two groups) to find an effect of this size, or of the least
        size that matters if that is larger, four times of five.
    p_value, p_adjusted : float
        Two-sided; adjusted for all claims tested together (Benjamini and Hochberg 1995).
    sentence : str
    details : dict of str to float or str
        ``period`` and ``before``, in words, where two periods are compared.
    """

    name: str
    claim: str
    made_by: str
    verdict: str
    effect: float
    low: float
    high: float
    n: int
    n_compared: int
    n_needed: int
    p_value: float
    p_adjusted: float
    sentence: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claims(Result):
    """The claims tested together, and those the tables cannot test.

    Attributes
    ----------
    month : str
    claims : tuple of Claim
    cannot : dict of str to str
        Claim → why it cannot be tested.
    """

    month: str
    claims: tuple[Claim, ...]
    cannot: dict[str, str]

    def frame(self) -> pd.DataFrame:
        """Return one row per claim tested."""
        names = [name for name in Claim.__dataclass_fields__ if name != "details"]
        return pd.DataFrame([vars(claim) for claim in self.claims], columns=names)


def check_claims(
    facts: Facts,
    month: str | None = None,
    names: Iterable[str] | None = None,
    campaign: str | None = None,
    alpha: float = 0.05,
    grades: pd.DataFrame | None = None,
) -> Claims:
    """Test what the teams say about each other on the three months up to one.

    Parameters
    ----------
    facts : Facts
    month : str, optional
        Local month "YYYY-MM"; by default the last complete one.
    names : iterable of str, optional
        Claims to test; all by default. Those tested together are corrected together.
    campaign : str, optional
        Id of the campaign said to bring only junk; by default the one that converts worst, and
        then picking the worst is corrected for.
    alpha : float, default=0.05
        Share of false verdicts accepted.
    grades : pandas.DataFrame, optional
        ``lead_id``, ``spell``, ``grade`` at the hand-over; a1_ignored is tested with it alone.

    Raises
    ------
    UsageError
        If there is no claim of that name.
    CannotAnswer
        If no lead came in the month.

    Examples
    --------
    >>> check_claims(facts, "2026-10").frame()[["claim", "verdict"]]  # doctest: +SKIP
    """
    month = facts.checked(month)
    tests = CLAIMS | {A1_IGNORED: lambda facts, month, _: a1_ignored(facts, month, grades)}
    by_default = CLAIMS if grades is None else tests  # scores are no business of the funnel
    chosen = list(by_default) if names is None else list(names)
    unknown = [name for name in chosen if name not in tests]
    if unknown:
        raise UsageError(Problem("no such claim", found=unknown[0], allowed=", ".join(tests)))
    evidence: dict[str, Evidence] = {}
    cannot: dict[str, str] = {}
    for name in chosen:
        try:
            evidence[name] = tests[name](facts, month, campaign)
        except CannotAnswer as reason:
            cannot[name] = str(reason)
    adjusted = []
    if evidence:
        adjusted = multipletests([one.test.p_value for one in evidence.values()], method="fdr_bh")[
            1
        ]
    claims = tuple(
        _judge(name, one, float(p), alpha)
        for (name, one), p in zip(evidence.items(), adjusted, strict=True)
    )
    return Claims(month, claims, cannot)


def _judge(name: str, evidence: Evidence, p_adjusted: float, alpha: float) -> Claim:
    test = evidence.test
    verdict = CANNOT_TELL
    if p_adjusted <= alpha and test.effect:
        verdict = SUPPORTED if test.effect * evidence.supports > 0 else CONTRADICTED
    return Claim(
        name, evidence.claim, evidence.made_by, verdict, test.effect, test.low, test.high,
        test.n, test.n_compared, test.n_needed, test.p_value, p_adjusted, evidence.sentence,
        evidence.details,
    )  # fmt: skip
