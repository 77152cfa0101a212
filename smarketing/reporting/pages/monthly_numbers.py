"""The monthly report in numbers, and the sentences that sum them up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.evaluation.audit.data_audit import Audit
from smarketing.evaluation.comparison.result import Comparison
from smarketing.evaluation.monitoring.crm_against_line import AgainstLine
from smarketing.evaluation.monitoring.monthly_look import Monitor
from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.flow.stages import Trend
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, month_name, percent
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.periods import UNDATED
from smarketing.planning.people.sales_half import SalesHalf
from smarketing.planning.recommendation import Recommendation
from smarketing.reporting.html.branding import NO_BRAND, Brand
from smarketing.reporting.pages import promise_rows as sides
from smarketing.reporting.pages.advice import advice_of
from smarketing.reporting.pages.changed import in_month, what_changed
from smarketing.reporting.pages.uncertainty import how_sure
from smarketing.reporting.pages.year_to_date import Since
from smarketing.results import Result, plain

Part = TypeVar("Part")


@dataclass(frozen=True)
class MonthlyReport(Result):
    """Everything the monthly page says; what cannot be said stands in ``cannot``.

    Parameters
    ----------
    company : str
    month : str
        "YYYY-MM", local; "undated" for tables without dates.
    agreement : Agreement
        The version in force on the month's first day.
    data_until : pandas.Timestamp or None
        Naive UTC; None without dates.
    loop : ClosedLoop
    since : Since or None
        The year so far; None without dates.
    comparison : Comparison or None
    recommendation : Recommendation or None
    audit : Audit or None
    provenance : dict
        Fingerprint, agreement, row counts, months trained on.
    cannot : dict of str to str
        Part -> one sentence on why the tables cannot answer it.
    against : AgainstLine or None
        The month's hand-overs against the SQL line.
    half : SalesHalf
        What sales' promises take, and what faster contact was worth.
    watch : Monitor or None
        What moved in the scores since the month before, and whether the line holds.
    review : str
        That the agreement's review is overdue at the month's end; empty while it is not.
    language : str
        In which all its sentences are written.
    brand : Brand
        Whose logo stands beside its title.
    """

    company: str
    month: str
    agreement: Agreement
    data_until: pd.Timestamp | None
    loop: ClosedLoop
    since: Since | None
    comparison: Comparison | None
    recommendation: Recommendation | None
    audit: Audit | None
    provenance: dict[str, Any]
    cannot: dict[str, str]
    against: AgainstLine | None = None
    half: SalesHalf = field(default_factory=SalesHalf)
    review: str = ""
    watch: Monitor | None = None
    language: str = "en"
    brand: Brand = NO_BRAND

    @property
    def trend(self) -> Trend | None:
        """Thirteen months up to this one; None without dates."""
        return self.loop.trend

    @property
    @in_its_language
    def title(self) -> str:
        """The page's title."""
        return tr(
            "{company} · Sales and marketing, {period}", company=self.company, period=self.period
        )

    @property
    @in_its_language
    def period(self) -> str:
        """The month in words."""
        return tr("all leads") if self.month == UNDATED else month_name(self.month)

    @property
    @in_its_language
    def message(self) -> str:
        """The month in one or two sentences."""
        if self.loop.sla is None:
            whole = self.loop.rates.iloc[0]
            return tr(
                "{k} of {n} leads became customers ({rate}); without dates no promise can be "
                "judged.",
                k=count(whole.k),
                n=count(whole.n),
                rate=percent(whole.rate),
            )
        here = in_month(self.trend, self.month)
        came = trn("{n} lead", "{n} leads", here.get("lead", 0))
        when = month_name(self.month)
        if "customer" in here:
            otherwise = tr(
                "{leads} came in {month} and {customers} bought; no promise of the agreement can "
                "be judged on these tables.",
                leads=came,
                month=when,
                customers=trn("{n} customer", "{n} customers", here["customer"]),
            )
        else:
            otherwise = tr(
                "{leads} came in {month}; no promise of the agreement can be judged on these "
                "tables.",
                leads=came,
                month=when,
            )
        return sides.message(self.loop.sla.promises, self.agreement, otherwise)

    @property
    @in_its_language
    def changed(self) -> str:
        """What changed since the month before, and what the tests say of why."""
        return what_changed(self.loop, self.month)

    @property
    @in_its_language
    def advice(self) -> str:
        """What is recommended, in words; why nothing is, where nothing can be."""
        if self.recommendation is None:
            return self.cannot.get("recommendation", "")
        advice = advice_of(self.recommendation, self.agreement.currency)
        return " ".join(filter(None, (advice, self.review)))

    @property
    @in_its_language
    def sure(self) -> str:
        """How sure the month's numbers and the forecasts are, in words."""
        promises = self.loop.sla.promises if self.loop.sla else ()
        return how_sure(promises, self.recommendation, self.since)

    def frame(self) -> pd.DataFrame:
        """Return both sides' promises, one row each; without dates the rates by source."""
        return self.loop.frame() if self.loop.sla is None else self.loop.sla.frame()

    @in_its_language
    def to_dict(self) -> dict[str, Any]:
        """Return the key figures, as the manifest keeps them."""
        return plain(
            {
                "title": self.title,
                "month": self.month,
                "agreement_version": self.agreement.version,
                "data_until": self.data_until,
                "message": self.message,
                "promises": [] if self.loop.sla is None else self.loop.sla.frame(),
                "stages": [] if self.loop.stages is None else self.loop.stages.counts,
                "rates": self.loop.rates,
                "since_january": self.since and vars(self.since),
                "models": None if self.comparison is None else self.comparison.frame(),
                "verdict": self.comparison and self.comparison.verdict,
                "recommendation": self.recommendation and self.recommendation.sentence,
                "staffing": self.half.staffing and self.half.staffing.sentence,
                "contact_speed": self.half.speed and self.half.speed.sentence,
                "goals": self.recommendation and self.recommendation.smart,
                "review": self.review,
                "against_line": self.against,
                "key_figures": self.loop.key_figures and self.loop.key_figures.table,
                "provenance": self.provenance,
                "cannot": self.cannot,
            }
        )
