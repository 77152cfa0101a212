"""The monthly report: its numbers gathered once, for the page and for the manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.clock import to_local
from smarketing.errors import CannotAnswer
from smarketing.evaluation.audit.data_audit import audit
from smarketing.evaluation.comparison.model_comparison import compare
from smarketing.evaluation.comparison.result import Comparison
from smarketing.evaluation.monitoring.crm_against_line import month_loop
from smarketing.evaluation.monitoring.monthly_look import Monitor, monitor
from smarketing.folder import Folder
from smarketing.language.catalogue import tr
from smarketing.language.numbers import month_name
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language, speaking
from smarketing.measures.reading import read_facts
from smarketing.periods import UNDATED, latest_month
from smarketing.planning.next_agreement import overdue_review
from smarketing.planning.people.sales_half import sales_half
from smarketing.planning.recommendation import recommend
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.html.page import KEY_FIGURES, Html, bullets, heading, joined, unanswered
from smarketing.reporting.pages.monthly_numbers import MonthlyReport
from smarketing.reporting.pages.sections import (
    basis,
    deep_dive,
    model_scores,
    month_funnel,
    plan,
    promises_and_claims,
    quality,
    signing,
    teams,
)
from smarketing.reporting.pages.sections.first_screen import first_screen, trend_figure
from smarketing.reporting.pages.year_to_date import year_to_date
from smarketing.results import plain
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import Population, build_population
from smarketing.warehouse.warehouse import Warehouse

Part = TypeVar("Part")


@dataclass(frozen=True)
class MonthlyPage(MonthlyReport):
    """The monthly report with its page: shown, it is the first screen; each section a method.

    Parameters
    ----------
    watch : Monitor or None
        What moved in the scores since the month before, and whether the line holds.
    """

    watch: Monitor | None = None

    @in_its_language
    def first_screen(self) -> Html:
        """Return the first screen: kept or broken, the year, what changed, what to do."""
        figure = trend_figure(self.trend, self.month) if self.trend else None
        return first_screen(self.summary, self.company, self.brand, figure)

    @in_its_language
    def promises(self) -> Html:
        """Return every promise with what luck would explain, and how hand-overs were answered."""
        why = self.why_not("sla")
        return promises_and_claims.promises(self.loop.sla, self.month, self.agreement.currency, why)

    @in_its_language
    def claims(self) -> Html:
        """Return what the teams say about each other, tested."""
        return promises_and_claims.claims(self.loop.claims, self.why_not("claims"))

    @in_its_language
    def funnel(self) -> Html:
        """Return the month's leads along the stages, who holds them, and both teams' figures."""
        loop = self.loop
        if loop.stages is None:
            return month_funnel.rates_by_source(loop)
        return joined(
            month_funnel.counts(loop.stages, self.month),
            teams.key_figures(loop),
            month_funnel.rates(loop.stages),
            bullets([*loop.stages.notes, *loop.stages.left_out.values()]),
            teams.who_holds(loop),
            month_funnel.velocity(loop),
            teams.breakdowns(loop),
            teams.nurture(loop),
        )

    @in_its_language
    def campaigns(self) -> Html:
        """Return what campaigns brought and cost, what they are credited with, what was read."""
        return deep_dive.deep_dive(self.loop)

    @in_its_language
    def scoring(self) -> Html:
        """Return how well leads are scored: all models on the same later leads."""
        look = watched(self.watch, self.why_not("watch"))
        return model_scores.scoring(self.comparison, look, self.why_not("scoring"))

    @in_its_language
    def lines(self) -> Html:
        """Return the lines recommended beside today's and the simple rules."""
        why = self.why_not("thresholds", "recommendation")
        return plan.lines(self.recommendation, self.agreement, why)

    @in_its_language
    def volumes(self) -> Html:
        """Return what both sides can promise, and what simpler rules say of it."""
        advised, currency = self.recommendation, self.agreement.currency
        if advised is None or advised.volumes is None:
            return plan.volumes(None, currency, self.why_not("volumes", "recommendation"))
        return joined(
            plan.volumes(advised.volumes, currency, review=self.review),
            signing.bottleneck_of(advised.bottleneck, currency),
            signing.rules_of_thumb(advised.cross_checks),
        )

    @in_its_language
    def people(self) -> Html:
        """Return the people that sales' promises take, and what faster contact was worth."""
        return signing.people_of(self.half)

    @in_its_language
    def goals(self) -> Html:
        """Return each goal, marketing's and sales' apart, and what can be reached instead."""
        if self.recommendation is None:
            why = self.why_not("recommendation")
            return heading(tr("No goal can be judged")) + unanswered(why)
        return signing.goals_of(self.recommendation, self.agreement)

    @in_its_language
    def data_quality(self) -> Html:
        """Return what was read, what was refused, and what to know before believing a number."""
        return joined(
            basis.rows_read(self.provenance["rows"]),
            basis.audited(self.audit) if self.audit else unanswered(self.why_not("audit")),
            quality.line_and_crm(self.against, self.why_not("line and CRM")),
            quality.odd_cases(self.loop),
            quality.losses(self.loop),
        )

    @in_its_language
    def not_answered(self) -> Html:
        """Return what the tables could not answer, one sentence each."""
        return basis.not_answered(self.cannot)

    @in_its_language
    def glossary(self) -> Html:
        """Return the words of the page."""
        return basis.glossary(self.agreement)

    @in_its_language
    def provenance_section(self) -> Html:
        """Return where each number comes from."""
        return basis.provenance(self.company, self.provenance)

    @in_its_language
    def to_dict(self) -> dict[str, Any]:
        """Return the key figures and the text version, as the manifest keeps them."""
        return {**super().to_dict(), "text": self.summary.text}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        return {
            "text/html": self.first_screen().markup,
            "text/plain": self.message,
            KEY_FIGURES: self.to_dict(),
        }


def watched(watch: Monitor | None, why: str) -> Html:
    """Return the month's look at the scores; why there is none, where there could be one."""
    if watch is None:
        return unanswered(why) if why else Html("")
    return model_scores.monthly_look(
        watch.sentences,
        watch.alarm,
        model_scores.calibration_table(watch.calibration, watch.target),
        model_scores.drift_table(watch.drift, watch.month, watch.before),
    )


def monthly_report(place: Folder, month: str = "", language: str = "en") -> MonthlyPage:
    """Gather what the monthly report says.

    Parameters
    ----------
    place : Folder
    month : str
        "YYYY-MM"; the latest whole month of the data if empty.
    language : str
        One of :data:`smarketing.language.LANGUAGES`.

    Raises
    ------
    UsageError
        If it is no month, or the language is not spoken here.
    CannotAnswer
        If the tables have no dates, or the data says nothing of the month.

    Examples
    --------
    >>> monthly_report(Folder.open("data/demo"), "2026-10").message  # doctest: +SKIP
    """
    cannot: dict[str, str] = {}
    brand = brand_of(place)
    with speaking(language), place.warehouse() as warehouse:
        if not warehouse.has_time:
            month = latest = UNDATED
            agreement = place.agreement
        else:
            latest = latest_month(warehouse, place.agreement.timezone)
            month = month or latest
            agreement = place.agreement_for(month)
        cache = Cache(place.cache / "backtest")
        people = _tried("scoring", cannot, lambda: build_population(warehouse, agreement, cache))
        asked = month if warehouse.has_time else None
        loop, against = month_loop(warehouse, agreement, asked, people, cannot)
        judged, watch = _judged(people, agreement, asked, cache, cannot)
        advice = None
        if month < latest:
            cannot["recommendation"] = _of_the_past(latest)
        else:
            advice = _tried(
                "recommendation",
                cannot,
                lambda: recommend(warehouse, agreement, people, cache=cache),
            )
        half = sales_half(warehouse, agreement)
        return MonthlyPage(
            company=brand.name or warehouse.meta("company") or place.name,
            month=month,
            agreement=agreement,
            data_until=warehouse.data_until,
            loop=loop,
            year=year_to_date(read_facts(warehouse, agreement), month) if loop.trend else None,
            comparison=judged,
            recommendation=advice,
            audit=_tried("audit", cannot, lambda: audit(warehouse, agreement, people)),
            provenance=_provenance(warehouse, agreement, judged),
            cannot={
                **{part: sentence(why) for part, why in loop.cannot.items()},
                **{part: sentence(why) for part, why in (advice.cannot if advice else {}).items()},
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


def _judged(
    people: Population | None,
    agreement: Agreement,
    month: str | None,
    cache: Cache,
    cannot: dict[str, str],
) -> tuple[Comparison | None, Monitor | None]:
    """Return the models side by side, and what moved in the scores of a month."""
    if people is None:
        return None, None
    judged = _tried("scoring", cannot, lambda: compare(people, agreement, cache=cache))
    if judged is None or month is None:
        return judged, None
    watch = _tried(
        "watch", cannot, lambda: monitor(people, agreement, month, comparison=judged, cache=cache)
    )
    return judged, watch


def _of_the_past(latest: str) -> str:
    """Return why a page of an earlier month advises nothing: what was advised then is not kept."""
    return tr(
        "This is a past month; current recommendations are on the page for {month}.",
        month=month_name(latest),
    )


def _review(place: Folder, agreement: Agreement, month: str, until: pd.Timestamp | None) -> str:
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
