"""The head of the weekly page: the week in a sentence, each promise, and who broke it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from smarketing.clock import to_local
from smarketing.language.catalogue import tr
from smarketing.language.numbers import DASH, about, count, day, percent
from smarketing.reporting.html.branding import page_head
from smarketing.reporting.html.page import Html, bullets, fill, joined, paragraph
from smarketing.reporting.pages.promise_rows import PACE, SIGNS, VERDICTS
from smarketing.reporting.pages.weekly_numbers import WeeklyReport
from smarketing.reporting.pages.wording import PROMISE_NAMES, SIDES, name_of, part_of, some_of


def head(report: WeeklyReport) -> Html:
    """Return the page's head: the week in a sentence, and each promise against its pace."""
    met, zone = report.meeting, report.agreement.timezone
    last = met.end - pd.Timedelta(microseconds=1)
    start, end = to_local(pd.Series([met.start, last]), zone)
    note = tr(
        "{first} to {last} · agreement {version} · as known then",
        first=day(start),
        last=day(end),
        version=report.agreement.version,
    )
    promises = met.promises.sort_values("side", kind="stable").to_dict("records")
    if promises:
        shown = _promise_table(promises)
    else:
        shown = paragraph(tr("The agreement promises nothing that falls due in a week."))
    return joined(
        page_head(report.title, note, report.brand, report.company),
        paragraph(report.message, "message"),
        shown,
    )


def _promise_table(promises: list[dict[str, Any]]) -> Html:
    labels = [
        tr("Side"), tr("Promise"), tr("Promised, by the week"), tr("By the season"),
        tr("This week"), tr("Month so far"), tr("Verdict"),
    ]  # fmt: skip
    return fill(
        "weekly_promises.html.j2",
        caption=tr("What each side promised, and what fell due this week"),
        labels=labels,
        numeric=(3, 4, 5, 6),
        rows=[{"cells": _cells(row), "verdict": row["verdict"] or ""} for row in promises],
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        name_of(SIDES, row["side"]),
        name_of(PROMISE_NAMES, row["name"]),
        about(row["promised"]) if pd.isna(row["n"]) else percent(row["promised"]),
        about(row["seasonal"]),
        _delivered(row),
        _month(row),
        _verdict(row),
    ]


def promises_broken(promises: pd.DataFrame) -> Html:
    """Return the leads behind the shares that were not kept this week."""
    return bullets(
        tr(
            "{promise}, not so: {leads}",
            promise=name_of(PROMISE_NAMES, row["name"]),
            leads=some_of(row["broken"]),
        )
        for row in promises.to_dict("records")
        if row["broken"]
    )


def _delivered(row: Mapping[str, Any]) -> str:
    return count(row["delivered"]) if pd.isna(row["n"]) else part_of(row["k"], row["n"])


def _month(row: Mapping[str, Any]) -> str:
    if pd.isna(row["due"]):
        return DASH
    return tr("{n}, {due} due", n=count(row["month_so_far"]), due=count(row["due"]))


def _verdict(row: Mapping[str, Any]) -> str:
    verdict = row["verdict"]
    if pd.isna(verdict):
        return tr("nothing fell due")
    words = PACE if pd.notna(row["due"]) else VERDICTS
    return f"{tr(words[verdict])} {SIGNS[verdict]}"
