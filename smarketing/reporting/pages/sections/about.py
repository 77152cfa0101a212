"""What the page rests on: data, questions left open, words, where numbers come from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smarketing.language.catalogue import mark, tr, trc
from smarketing.language.numbers import count
from smarketing.language.plurals import trn
from smarketing.language.speaker import in_its_language, speaking
from smarketing.reporting.html.page import Html, bullets, heading, joined, unanswered
from smarketing.reporting.html.table import facts, table
from smarketing.reporting.pages.glossary import WORDS
from smarketing.reporting.pages.monthly_numbers import MonthlyReport
from smarketing.reporting.pages.sections.names import name_of
from smarketing.reporting.pages.sections.quality import line_and_crm, losses, odd_cases

VERDICTS = {"leak": mark("leak"), "suspect": mark("suspect")}


@in_its_language
def data_quality(report: MonthlyReport) -> Html:
    """Return what was read, what was refused, and what to know before believing a number."""
    checked = report.audit
    accepted = report.provenance["rows"]
    refused = sum(row["rejected"] for row in accepted.values())
    title = trn(
        "{n} row of the exports was refused", "{n} rows of the exports were refused", refused
    )
    rows = pd.DataFrame([{"table": name, **row} for name, row in accepted.items()])
    labels = {
        "table": tr("Table"),
        "accepted": trc("rows", "Accepted"),
        "rejected": tr("Refused"),
        "excluded": tr("Left out by rule"),
        "merged": tr("Merged duplicates"),
    }
    pieces = [heading(title), table(rows, labels, caption=tr("Rows read from the exports"))]
    records = [
        line_and_crm(report.against, report.cannot.get("line and CRM", "")),
        odd_cases(report.loop),
        losses(report.loop),
    ]
    if checked is None:
        return joined([*pieces, unanswered(report.cannot.get("audit", "")), *records])
    if checked.leaks:
        told = pd.DataFrame(checked.leaks)
        told["verdict"] = [name_of(VERDICTS, verdict) for verdict in told.verdict]
        pieces.append(
            table(
                told,
                {
                    "column": tr("Column"),
                    "verdict": tr("Verdict"),
                    "reason": tr("Why"),
                    "auc": tr("AUC alone"),
                },
                {"auc": "three"},
                tr(
                    "Columns that know the outcome (leak: never used for scoring) or may know it "
                    "(suspect: say in sources.yml when it becomes known)"
                ),
            )
        )
    pieces.append(bullets(checked.notes))
    return joined([*pieces, *records])


@in_its_language
def not_answered(report: MonthlyReport) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not report.cannot:
        return heading(tr("Every question was answered"))
    reasons = dict.fromkeys(report.cannot.values())
    title = trn(
        "{n} question could not be answered", "{n} questions could not be answered", len(reasons)
    )
    return heading(title) + bullets(reasons)


def glossary(report: MonthlyReport) -> Html:
    """Return the words of the page, in its language."""
    with speaking(report.language):
        words = {tr(word): tr(meaning) for word, meaning in WORDS.items()}
        return heading(tr("The words used here")) + facts(words)


def _data(about: dict[str, Any]) -> str:
    fingerprint = about["fingerprint"][:16]
    if about["data_until"] is None:
        return tr("fingerprint {fingerprint}, without dates", fingerprint=fingerprint)
    return tr(
        "fingerprint {fingerprint}, until {moment} ({timezone})",
        fingerprint=fingerprint,
        moment=about["data_until"],
        timezone=about["timezone"],
    )


@in_its_language
def provenance(report: MonthlyReport) -> Html:
    """Return where each number comes from."""
    about = report.provenance
    pairs = {
        tr("Company"): report.company,
        tr("Data"): _data(about),
        tr("Rows"): ", ".join(
            f"{count(row['accepted'])} {name}" for name, row in about["rows"].items()
        ),
        tr("Agreement"): tr(
            "version {version}, valid from {day}",
            version=about["agreement_version"],
            day=about["valid_from"],
        ),
        tr("Models trained on"): about["trained_on"],
        tr("Models judged on"): about["judged_on"],
        trc("the page", "Made by"): f"smarketing {about['smarketing']}",
    }
    return heading(tr("Where the numbers come from")) + facts(pairs)
