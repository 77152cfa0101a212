"""The month as a few lines of text, for an e-mail or a chat."""

from __future__ import annotations

from smarketing.language.catalogue import tr
from smarketing.language.numbers import SPACE, day
from smarketing.language.sentences import sentence
from smarketing.language.speaker import in_its_language
from smarketing.reporting.pages import promise_rows as sides
from smarketing.reporting.pages.monthly_numbers import MonthlyReport


@in_its_language
def text_of(report: MonthlyReport) -> str:
    """Return what the first screen says as plain lines, without figures or tables.

    Parameters
    ----------
    report : MonthlyReport

    Returns
    -------
    str
        At most some twenty lines, none of them empty but between the parts.
    """
    agreement = report.agreement
    blocks = [report.title, report.message]
    if report.loop.sla is not None:
        for side, head in sides.heads().items():
            lines = sides.lines_of(report.loop.sla.promises, side, agreement)
            told = [_line(line) for line in lines]
            if told:
                blocks.append("\n".join([head, *told]))
    since = report.since.sentence if report.since else ""
    for name, text in (
        (tr("This year"), since),
        (tr("What changed"), report.changed),
        (tr("We recommend"), report.advice),
        (tr("How sure we are"), report.sure),
    ):
        if text:
            blocks.append(f"{name}: {text}")
    about = tr("agreement {version}", version=agreement.version)
    if report.data_until is not None:
        until = report.data_until.tz_localize("UTC").tz_convert(agreement.timezone)
        about += ", " + tr("data to {day}", day=day(until))
    blocks.append(sentence(about))
    return "\n\n".join(blocks).replace(SPACE, " ")


def _line(line: sides.Line) -> str:
    end = f" – {line.verdict_name}" if line.verdict else ""
    return f"  {line.promised}: {line.delivered}{end}"
