"""The monthly report in numbers, and the sentences that sum them up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.evaluation.audit.data_audit import Audit
from smarketing.evaluation.comparison.result import Comparison
from smarketing.evaluation.monitoring.crm_against_line import AgainstLine
from smarketing.funnel.closed_loop import ClosedLoop
from smarketing.funnel.flow.stages import Trend
from smarketing.funnel.sla.promises import Promise
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day, month_name, percent
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language
from smarketing.periods import UNDATED
from smarketing.planning.people.sales_half import SalesHalf
from smarketing.planning.recommended import Recommendation
from smarketing.reporting.html.branding import NO_BRAND, Brand
from smarketing.reporting.pages import promise_rows
from smarketing.reporting.pages.advice import advice_of
from smarketing.reporting.pages.changed import in_month, what_changed
from smarketing.reporting.pages.summary import Summary
from smarketing.reporting.pages.uncertainty import how_sure
from smarketing.reporting.pages.wording import data_until
from smarketing.reporting.pages.year_to_date import YearToDate
from smarketing.results import Result, plain


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
    year : YearToDate or None
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
    year: YearToDate | None
    comparison: Comparison | None
    recommendation: Recommendation | None
    audit: Audit | None
    provenance: dict[str, Any]
    cannot: dict[str, str]
    against: AgainstLine | None = None
    half: SalesHalf = field(default_factory=SalesHalf)
    review: str = ""
    language: str = "en"
    brand: Brand = NO_BRAND

    def why_not(self, *parts: str) -> str:
        """Return why the first of these parts that is unanswered is so; empty if none is."""
        return next((self.cannot[part] for part in parts if part in self.cannot), "")

    @property
    def promises_made(self) -> tuple[Promise, ...]:
        """Both sides' promises of the month; none without dates."""
        return self.loop.sla.promises if self.loop.sla else ()

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
        if self.loop.sla is None or self.trend is None:
            whole = self.loop.rates.iloc[0]
            return tr(
                "{k} of {n} leads became customers ({rate}); without dates no promise can be "
                "judged.",
                k=count(whole.k),
                n=count(whole.n),
                rate=percent(whole.rate),
            )
        counts = in_month(self.trend, self.month)
        came = trn("{n} lead", "{n} leads", counts.get("lead", 0))
        when = month_name(self.month)
        if "customer" in counts:
            otherwise = tr(
                "{leads} came in {month} and {customers} bought; no promise of the agreement can "
                "be judged on these tables.",
                leads=came,
                month=when,
                customers=trn("{n} customer", "{n} customers", counts["customer"]),
            )
        else:
            otherwise = tr(
                "{leads} came in {month}; no promise of the agreement can be judged on these "
                "tables.",
                leads=came,
                month=when,
            )
        message = promise_rows.message(self.promises_made, self.agreement, otherwise)
        undated = self.loop.stages.headline if self.loop.stages else ""
        return " ".join(filter(None, (message, undated)))

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
            return self.why_not("recommendation")
        advice = advice_of(self.recommendation, self.agreement.currency)
        return " ".join(filter(None, (advice, self.review)))

    @property
    @in_its_language
    def certainty(self) -> str:
        """How sure the month's numbers and the forecasts are, in words."""
        return how_sure(self.promises_made, self.recommendation, self.year)

    @property
    @in_its_language
    def judged_by(self) -> str:
        """The agreement's version, and that it did not hold yet where the month lies before it."""
        version = self.agreement.version
        since = self.agreement.valid_from
        if self.month == UNDATED or since.isoformat() <= f"{self.month}-01":
            return tr("agreement {version}", version=version)
        return tr(
            "judged by agreement {version}, in force only from {day}",
            version=version,
            day=day(since),
        )

    @property
    @in_its_language
    def summary(self) -> Summary:
        """The month in brief: what the first screen says, and its text version."""
        data = tr("data without dates")
        if self.data_until is not None:
            data = data_until(self.data_until, self.agreement.timezone)
        points = {
            tr("What changed"): self.changed,
            tr("We recommend"): self.advice,
            tr("How sure we are"): self.certainty,
        }
        return Summary(
            title=self.title,
            message=self.message,
            rests_on=(self.judged_by, data),
            promises=(
                promise_rows.rows_by_side(self.promises_made, self.agreement)
                if self.loop.sla
                else {}
            ),
            year=self.year,
            points={name: text for name, text in points.items() if text},
        )

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
                "since_january": self.year and vars(self.year),
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
