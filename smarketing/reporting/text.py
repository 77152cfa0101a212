"""The month as a few lines of text, for an e-mail or a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarketing.reporting import sides
from smarketing.reporting.numbers import SPACE, day

if TYPE_CHECKING:
    from smarketing.reporting.monthly import MonthlyReport


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
        for side in ("marketing", "sales"):
            lines = sides.lines_of(report.loop.sla.promises, side, agreement)
            told = [_line(line) for line in lines]
            if told:
                blocks.append("\n".join([f"{side.capitalize()} promised", *told]))
    if report.since and report.since.sentence:
        blocks.append(f"This year: {report.since.sentence}")
    if report.changed:
        blocks.append(f"What changed: {report.changed}")
    if report.advice:
        blocks.append(f"We recommend: {report.advice}")
    about = f"Agreement {agreement.version}"
    if report.data_until is not None:
        until = report.data_until.tz_localize("UTC").tz_convert(agreement.timezone)
        about += f", data to {day(until)}"
    blocks.append(f"{about}.")
    return "\n\n".join(blocks).replace(SPACE, " ")


def _line(line: sides.Line) -> str:
    verdict = "open" if line.verdict == "pending" else line.verdict
    end = f" – {verdict} {line.sign}" if verdict else ""
    return f"  {line.promised}: {line.delivered}{end}"
