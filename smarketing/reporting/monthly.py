"""The monthly report: its numbers gathered once, for the page and for the manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, TypeVar

import pandas as pd

from smarketing.agreement import Agreement
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.evaluation import Audit, Cache, Comparison, Monitor, audit, compare, monitor
from smarketing.funnel import ClosedLoop, Trend
from smarketing.language import in_its_language, speaking, tr, trn
from smarketing.language.numbers import count, month_name, percent
from smarketing.planning import Recommendation, recommend
from smarketing.reporting import sides
from smarketing.reporting.advice import advice_of
from smarketing.reporting.against_line import AgainstLine
from smarketing.reporting.branding import NO_BRAND, Brand, brand_of
from smarketing.reporting.changed import in_month, what_changed
from smarketing.reporting.month_loop import month_loop
from smarketing.reporting.next_agreement import overdue_review
from smarketing.reporting.page import KEY_FIGURES, sentence
from smarketing.reporting.periods import UNDATED, latest_month
from smarketing.reporting.sales_half import SalesHalf, sales_half
from smarketing.reporting.since import Since, since_january
from smarketing.reporting.sure import how_sure
from smarketing.reporting.text import text_of
from smarketing.results import Result, plain
from smarketing.scoring import build_population
from smarketing.warehouse import Warehouse
from smarketing.workspace import Workspace

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
                "text": text_of(self),
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

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        from smarketing.reporting.sections import first_screen

        return {
            "text/html": first_screen(self).markup,
            "text/plain": self.message,
            KEY_FIGURES: self.to_dict(),
        }


def monthly_report(place: Workspace, month: str = "", language: str = "en") -> MonthlyReport:
    """Gather what the monthly report says.

    Parameters
    ----------
    place : Workspace
    month : str
        "YYYY-MM"; the latest whole month of the data if empty.
    language : str
        One of :data:`smarketing.language.LANGUAGES`.

    Raises
    ------
    UsageError
        If it is no month, or the language is not spoken here.
    CannotAnswer
        If the tables have no dates, or no lead came in the month.

    Examples
    --------
    >>> monthly_report(Workspace.open("data/demo"), "2026-10").message  # doctest: +SKIP
    """
    cannot: dict[str, str] = {}
    brand = brand_of(place)
    with speaking(language), place.warehouse() as warehouse:
        if not warehouse.has_time:
            month, agreement = UNDATED, place.agreement
        else:
            month = month or latest_month(warehouse, place.agreement.timezone)
            agreement = place.agreement_for(month)
        kept = Cache(place.cache / "backtest")
        people = _tried("scoring", cannot, lambda: build_population(warehouse, agreement, kept))
        asked = month if warehouse.has_time else None
        loop, against = month_loop(warehouse, agreement, asked, people, cannot)
        judged = people and _tried(
            "scoring", cannot, lambda: compare(people, agreement, cache=kept)
        )
        watch = None
        if judged and warehouse.has_time:
            watch = _tried(
                "watch",
                cannot,
                lambda: monitor(people, agreement, month, comparison=judged, cache=kept),
            )
        advice = _tried(
            "recommendation", cannot, lambda: recommend(warehouse, agreement, people, cache=kept)
        )
        half = sales_half(warehouse, agreement)
        checked = _tried("audit", cannot, lambda: audit(warehouse, agreement, people))
        return MonthlyReport(
            company=brand.name or warehouse.meta("company") or place.name,
            month=month,
            agreement=agreement,
            data_until=warehouse.data_until,
            loop=loop,
            since=since_january(loop.trend, agreement, month) if loop.trend else None,
            comparison=judged,
            recommendation=advice,
            audit=checked,
            provenance=_provenance(warehouse, agreement, judged),
            cannot={
                **{k: sentence(v) for k, v in loop.cannot.items()},
                **{k: sentence(v) for k, v in (advice.cannot if advice else {}).items()},
                **half.cannot,
                **cannot,
            },
            against=against,
            half=half,
            watch=watch,
            review=_review(place, agreement, month, warehouse.data_until),
            language=language,
            brand=brand,
        )


def _review(place: Workspace, agreement: Agreement, month: str, until: pd.Timestamp | None) -> str:
    """Return the reminder of an overdue review as of the month's end, or of the data's."""
    if until is None:
        return ""
    end = pd.Period(month, freq="M").end_time
    local = to_local(pd.Series([until]), agreement.timezone).item()
    return overdue_review(agreement, place.path, min(end, local).date())


def _tried(name: str, cannot: dict[str, str], ask: Callable[[], Part]) -> Part | None:
    try:
        return ask()
    except CannotAnswer as reason:
        cannot[name] = sentence(str(reason))
        return None


def _provenance(
    warehouse: Warehouse, agreement: Agreement, judged: Comparison | None
) -> dict[str, Any]:
    until = None
    if warehouse.data_until is not None:
        until = to_local(pd.Series([warehouse.data_until]), agreement.timezone).item()
    months = judged.months if judged else ()
    judged_on = tr("{low} to {high}", low=months[0], high=months[-1]) if len(months) > 1 else "–"
    if len(months) == 1:
        judged_on = months[0]
    return plain(
        {
            "fingerprint": warehouse.fingerprint,
            "data_until": None if until is None else f"{until:%Y-%m-%d %H:%M}",
            "history_from": warehouse.history_from,
            "timezone": agreement.timezone,
            "agreement_version": agreement.version,
            "valid_from": agreement.valid_from,
            "rows": {
                row["table_name"]: {k: int(v) for k, v in row.items() if k != "table_name"}
                for row in warehouse.counts().sort_values("table_name").to_dict("records")
            },
            "trained_on": judged.split_note if judged else "–",
            "judged_on": judged_on,
            "smarketing": version("smarketing"),
        }
    )
