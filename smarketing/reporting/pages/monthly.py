"""The monthly report: its numbers gathered once, for the page and for the manifest."""

from __future__ import annotations

from collections.abc import Callable
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
from smarketing.evaluation.monitoring.monthly_look import monitor
from smarketing.folder import Folder
from smarketing.language.catalogue import tr
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language, speaking
from smarketing.periods import UNDATED, latest_month
from smarketing.planning.next_agreement import overdue_review
from smarketing.planning.people.sales_half import sales_half
from smarketing.planning.recommendation import recommend
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.html.page import KEY_FIGURES
from smarketing.reporting.pages.monthly_numbers import MonthlyReport
from smarketing.reporting.pages.sections import (
    about,
    deep_dive,
    loop,
    model_scores,
    plan,
    signing,
    sla,
)
from smarketing.reporting.pages.sections.first import first_screen
from smarketing.reporting.pages.text_version import text_of
from smarketing.reporting.pages.year_to_date import since_january
from smarketing.results import plain
from smarketing.scoring.cache import Cache
from smarketing.scoring.population import build_population
from smarketing.warehouse.warehouse import Warehouse

Part = TypeVar("Part")


class MonthlyPage(MonthlyReport):
    """The monthly report with its page: shown, it is the first screen; each section a method."""

    promises = sla.promises
    claims = sla.claims
    funnel = loop.funnel
    campaigns = deep_dive.campaigns
    scoring = model_scores.scoring
    lines = plan.lines
    volumes = plan.volumes
    people = signing.people
    goals = signing.goals
    data_quality = about.data_quality
    not_answered = about.not_answered
    glossary = about.glossary
    provenance_section = about.provenance

    @in_its_language
    def to_dict(self) -> dict[str, Any]:
        """Return the key figures and the text version, as the manifest keeps them."""
        return {**super().to_dict(), "text": text_of(self)}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Hand the key figures to who runs the notebook, beside what a person sees."""
        return {
            "text/html": first_screen(self).markup,
            "text/plain": self.message,
            KEY_FIGURES: self.to_dict(),
        }


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
        If the tables have no dates, or no lead came in the month.

    Examples
    --------
    >>> monthly_report(Folder.open("data/demo"), "2026-10").message  # doctest: +SKIP
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
        looped, against = month_loop(warehouse, agreement, asked, people, cannot)
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
        return MonthlyPage(
            company=brand.name or warehouse.meta("company") or place.name,
            month=month,
            agreement=agreement,
            data_until=warehouse.data_until,
            loop=looped,
            since=since_january(looped.trend, agreement, month) if looped.trend else None,
            comparison=judged,
            recommendation=advice,
            audit=checked,
            provenance=_provenance(warehouse, agreement, judged),
            cannot={
                **{k: sentence(v) for k, v in looped.cannot.items()},
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
