"""What the page rests on: data, questions left open, words, where numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from smarketing.language.numbers import count, noun
from smarketing.reporting.page import (
    Html,
    bullets,
    heading,
    joined,
    unanswered,
)
from smarketing.reporting.sections.quality import line_and_crm, losses, odd_cases
from smarketing.reporting.tables import facts, table

if TYPE_CHECKING:
    from smarketing.reporting.monthly import MonthlyReport


def data_quality(report: MonthlyReport) -> Html:
    """Return what was read, what was refused, and what to know before believing a number."""
    checked = report.audit
    accepted = report.provenance["rows"]
    refused = sum(row["rejected"] for row in accepted.values())
    title = f"{noun(refused, 'row')} of the exports {'was' if refused == 1 else 'were'} refused"
    rows = pd.DataFrame([{"table": name, **row} for name, row in accepted.items()])
    labels = {
        "table": "Table",
        "accepted": "Accepted",
        "rejected": "Refused",
        "excluded": "Left out by rule",
        "merged": "Merged duplicates",
    }
    pieces = [heading(title), table(rows, labels, caption="Rows read from the exports")]
    records = [
        line_and_crm(report.against, report.cannot.get("line and CRM", "")),
        odd_cases(report.loop),
        losses(report.loop),
    ]
    if checked is None:
        return joined([*pieces, unanswered(report.cannot.get("audit", "")), *records])
    if checked.leaks:
        told = pd.DataFrame(checked.leaks)
        pieces.append(
            table(
                told,
                {"column": "Column", "verdict": "Verdict", "reason": "Why", "auc": "AUC alone"},
                {"auc": "three"},
                "Columns that know the outcome (leak: never used for scoring) or may know it "
                "(suspect: say in sources.yml when it becomes known)",
            )
        )
    pieces.append(bullets(checked.notes))
    return joined([*pieces, *records])


def not_answered(report: MonthlyReport) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not report.cannot:
        return heading("Every question was answered")
    n = len(set(report.cannot.values()))
    return heading(f"{noun(n, 'question')} could not be answered") + bullets(
        dict.fromkeys(report.cannot.values())
    )


def glossary() -> Html:
    """Return the words of the page."""
    from smarketing.reporting.glossary import WORDS

    return heading("The words used here") + facts(WORDS)


def _until(about: dict[str, Any]) -> str:
    if about["data_until"] is None:
        return "without dates"
    return f"until {about['data_until']} ({about['timezone']})"


def provenance(report: MonthlyReport) -> Html:
    """Return where each number comes from."""
    about = report.provenance
    pairs = {
        "Company": report.company,
        "Data": f"fingerprint {about['fingerprint'][:16]}, {_until(about)}",
        "Rows": ", ".join(
            f"{count(row['accepted'])} {name}" for name, row in about["rows"].items()
        ),
        "Agreement": f"version {about['agreement_version']}, valid from {about['valid_from']}",
        "Models trained on": about["trained_on"],
        "Models judged on": about["judged_on"],
        "Made by": f"smarketing {about['smarketing']}",
    }
    return heading("Where the numbers come from") + facts(pairs)
