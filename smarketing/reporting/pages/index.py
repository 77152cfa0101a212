"""The index of a workspace's reports: every page, its key figures as a trend, its last run."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from babel import Locale

from smarketing.agreement.proposal import write_whole
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import count, day, money, month_name
from smarketing.language.sentences import capital
from smarketing.language.speaker import speaking
from smarketing.reporting.html.branding import NO_BRAND, Brand
from smarketing.reporting.html.page import Html, fill, template_text
from smarketing.reporting.pages.wording import PROMISE_NAMES
from smarketing.reporting.runs.log import last_runs
from smarketing.reporting.runs.manifest import read_manifest

INDEX = "index.html"
MONTHS = 13
"""As many bars as make a month stand beside the same one a year before."""
_FIGURES = {name: PROMISE_NAMES[name] for name in ("sales_ready", "customers", "revenue")}
_KINDS = {"monthly": mark("monthly"), "weekly": mark("weekly")}


@dataclass(frozen=True)
class Entry:
    """A published page as the index shows it.

    Parameters
    ----------
    page : str
        File name.
    kind, period, language : str
    name : str
        The period in words.
    message : str
        What the page says first.
    kept, broken : int
        Promises.
    figures : dict
        Key figure -> value, or None.
    currency : str
    data_until : str
    agreement : int or None
    restated : int
        Figures told otherwise than when first published.
    failed : str
        Why the last run of it failed; empty if it did not.
    """

    page: str
    kind: str
    period: str
    language: str
    name: str
    message: str
    kept: int
    broken: int
    figures: dict[str, float | None]
    currency: str
    data_until: str
    agreement: int | None
    restated: int
    failed: str

    def shown(self, figure: str) -> str:
        """Return a key figure as it is said."""
        value = self.figures.get(figure)
        return money(value, self.currency) if figure == "revenue" else count(value)

    @property
    def kind_name(self) -> str:
        """What the index calls pages of this kind."""
        return tr(_KINDS[self.kind]) if self.kind in _KINDS else self.kind

    @property
    def language_name(self) -> str:
        """The page's language, in that language."""
        return str(Locale.parse(self.language).get_language_name(self.language))

    @property
    def rests_on(self) -> list[str]:
        """What the page was made from, in words."""
        parts = [tr("data to {day}", day=day(self.data_until))] if self.data_until else []
        if self.agreement is not None:
            parts.append(tr("agreement {version}", version=self.agreement))
        return parts


@dataclass(frozen=True)
class Row:
    """A period as the index shows it: its page in the index's language, and all languages.

    Parameters
    ----------
    entry : Entry
    pages : tuple of Entry
        One per language.
    """

    entry: Entry
    pages: tuple[Entry, ...]

    @property
    def text(self) -> str:
        """What the search looks into."""
        one = self.entry
        parts = [one.kind, one.kind_name, one.name, one.period]
        parts += [text for page in self.pages for text in (page.language, page.message)]
        return " ".join(parts)


def read_entries(folder: Path) -> list[Entry]:
    """Return the published pages of a folder, newest first; weekly pages after monthly ones."""
    last = last_runs(folder)
    entries = [
        _entry(page, about, last)
        for page in sorted(folder.glob("*.html"))
        if page.name != INDEX and (about := read_manifest(page)) is not None
    ]
    entries.sort(key=lambda e: e.language)
    entries.sort(key=lambda e: e.period, reverse=True)
    return sorted(entries, key=lambda e: e.kind)


def write_index(folder: Path, language: str = "en", brand: Brand = NO_BRAND) -> Path:
    """Write ``index.html`` anew from the manifests in a folder; whole or not at all.

    Parameters
    ----------
    folder : Path
    language : str
        The workspace's own: the index is written in it, and links each page's other languages.
    brand : Brand
        Whose name, logo and colour it has.
    """
    with speaking(language):
        html = _page(folder, language, brand)
    write_whole(folder / INDEX, html.strip() + "\n")
    return folder / INDEX


def _page(folder: Path, language: str, brand: Brand) -> str:
    entries = read_entries(folder)
    rows = rows_of(entries, language)
    company = brand.name or _company(folder, entries)
    script = template_text("index.js").strip()
    return fill(
        "index.html.j2",
        language=language,
        title=tr("{company} · Reports", company=company),
        about="",
        company=company,
        logo=brand.logo,
        rows=rows,
        missing=_failed_without_page(folder, entries),
        kinds=_KINDS,
        figures=_FIGURES,
        trends=[_bars([row.entry for row in rows], figure) for figure in _FIGURES],
        css=Html(template_text("page.css")),
        brand_css=Html(brand.css),
        script=Html(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    ).markup


def rows_of(entries: list[Entry], language: str) -> list[Row]:
    """Return the pages with one row per period, first in the language asked for."""
    rows = []
    for _, same in groupby(entries, key=lambda e: (e.kind, e.period)):
        pages = tuple(same)
        own = [page for page in pages if page.language == language]
        rows.append(Row((own or pages)[0], pages))
    return rows


def _entry(page: Path, about: dict[str, Any], last: dict[str, dict[str, Any]]) -> Entry:
    figures = about.get("key_figures", {})
    promises = [p for p in figures.get("promises", []) if isinstance(p, dict)]
    calendar = {p.get("name"): p for p in promises if p.get("basis") == "calendar"}
    by_name = {**{p.get("name"): p for p in promises}, **calendar}
    kind, period, language = about["kind"], about["period"], about["language"]
    run = last.get(f"{kind}-{period}-{language}", {})
    monthly = kind == "monthly" and period[:4].isdigit()
    return Entry(
        page=page.name,
        kind=kind,
        period=period,
        language=language,
        name=capital(month_name(period)) if monthly else period,
        message=str(figures.get("message", "")),
        kept=sum(p.get("verdict") == "kept" for p in by_name.values()),
        broken=sum(p.get("verdict") == "broken" for p in by_name.values()),
        figures={name: by_name.get(name, {}).get("delivered") for name in _FIGURES},
        currency=str(by_name.get("revenue", {}).get("unit", "")),
        data_until=_data_until(figures),
        agreement=figures.get("agreement_version"),
        restated=len(about.get("restated", [])),
        failed=str(run.get("error") or "") if run.get("status") == "failed" else "",
    )


def _data_until(figures: dict[str, Any]) -> str:
    """Return the local day the data ends, "YYYY-MM-DD"; empty if the page does not tell."""
    local = (figures.get("provenance") or {}).get("data_until")
    return str(local or figures.get("data_until") or "")[:10]


def _failed_without_page(folder: Path, entries: list[Entry]) -> list[dict[str, Any]]:
    published = {f"{e.kind}-{e.period}-{e.language}" for e in entries}
    return [
        run
        for key, run in sorted(last_runs(folder).items())
        if run["status"] == "failed" and key not in published
    ]


def _company(folder: Path, entries: list[Entry]) -> str:
    for entry in entries:
        about = read_manifest(folder / entry.page) or {}
        return str(about.get("key_figures", {}).get("title", "")).split(" · ")[0]
    return folder.name


def _bars(entries: list[Entry], figure: str) -> dict[str, Any]:
    """Return a key figure's months as bars, oldest first: position, height, and what they say."""
    months = {e.period: e for e in reversed(entries) if e.kind == "monthly"}
    known = [
        (entry, value)
        for entry in list(months.values())[-MONTHS:]
        if (value := entry.figures.get(figure)) is not None
    ]
    top = max((value for _, value in known), default=0) or 1
    names = [f"{entry.name}: {entry.shown(figure)}" for entry, _ in known]
    bars = [
        {"x": 14 * i, "height": max(1, round(44 * value / top)), "says": names[i]}
        for i, (_, value) in enumerate(known)
    ]
    return {
        "name": tr(_FIGURES[figure]),
        "bars": bars,
        "says": "; ".join(names),
        "width": 14 * len(bars),
    }
