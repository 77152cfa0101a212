"""What the page rests on: data, questions left open, words, where numbers come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.evaluation.audit.data_audit import Audit
from smarketing.language.catalogue import mark, tr, trc
from smarketing.language.numbers import count
from smarketing.language.plurals import trn
from smarketing.measures.catalogue import MEASURES, definition_of
from smarketing.reporting.html.page import Html, bullets, heading
from smarketing.reporting.html.table import facts, table
from smarketing.reporting.pages.glossary import WORDS
from smarketing.reporting.pages.wording import name_of

VERDICTS = {"leak": mark("leak"), "suspect": mark("suspect")}


def rows_read(rows: Mapping[str, Mapping[str, int]]) -> Html:
    """Return what was read of each table, and what was refused."""
    refused = sum(row["rejected"] for row in rows.values())
    title = trn(
        "{n} row of the exports was refused", "{n} rows of the exports were refused", refused
    )
    labels = {
        "table": tr("Table"),
        "accepted": trc("rows", "Accepted"),
        "rejected": tr("Refused"),
        "excluded": tr("Left out by rule"),
        "merged": tr("Merged duplicates"),
    }
    frame = pd.DataFrame([{"table": name, **row} for name, row in rows.items()])
    return heading(title) + table(frame, labels, caption=tr("Rows read from the exports"))


def audited(audit: Audit) -> Html:
    """Return what to know before believing a number: columns that know the outcome, and notes."""
    if not audit.leaks:
        return bullets(audit.notes)
    leaks = pd.DataFrame(audit.leaks)
    leaks["verdict"] = [name_of(VERDICTS, verdict) for verdict in leaks.verdict]
    labels = {
        "column": tr("Column"),
        "verdict": tr("Verdict"),
        "reason": tr("Why"),
        "auc": tr("AUC alone"),
    }
    caption = tr(
        "Columns that know the outcome (leak: never used for scoring) or may know it "
        "(suspect: say in sources.yml when it becomes known)"
    )
    return table(leaks, labels, {"auc": "three"}, caption) + bullets(audit.notes)


def not_answered(cannot: Mapping[str, str]) -> Html:
    """Return what the tables could not answer, one sentence each."""
    reasons = dict.fromkeys(cannot.values())
    if not reasons:
        return heading(tr("Every question was answered"))
    title = trn(
        "{n} question could not be answered", "{n} questions could not be answered", len(reasons)
    )
    return heading(title) + bullets(reasons)


def glossary(agreement: Agreement) -> Html:
    """Return the words of the page; what a customer is, is for the agreement to say."""
    words = {tr(word): tr(meaning) for word, meaning in WORDS.items()}
    words |= {tr(MEASURES[n].label): definition_of(n, agreement) for n in ("customers", "revenue")}
    return heading(tr("The words used here")) + facts(words)


def _data(about: Mapping[str, Any]) -> str:
    fingerprint = about["fingerprint"][:16]
    if about["data_until"] is None:
        return tr("fingerprint {fingerprint}, without dates", fingerprint=fingerprint)
    return tr(
        "fingerprint {fingerprint}, until {moment} ({timezone})",
        fingerprint=fingerprint,
        moment=about["data_until"],
        timezone=about["timezone"],
    )


def provenance(company: str, about: Mapping[str, Any]) -> Html:
    """Return where each number comes from."""
    pairs = {
        tr("Company"): company,
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
