"""Commands on what happened: the funnel, the reports, the work lists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smarketing.cli.shared import AsJson, Month, WorkspacePath, app, one_of, say
from smarketing.workspace import Workspace


@app.command()
def funnel(workspace: WorkspacePath, month: Month = "", as_json: AsJson = False) -> None:
    """Follow the leads from first touch to revenue: counts, rates, velocity, SLA, claims.

    Example: smarketing funnel data/demo --month 2026-10
    """
    from smarketing.funnel import closed_loop

    space = Workspace.open(workspace)
    agreement = space.agreement_for(month) if month else space.agreement
    with space.warehouse() as warehouse:
        answer = closed_loop(warehouse, agreement, month or None)
    say(as_json, answer, answer.frame(), *answer.cannot.values())


@app.command()
def report(
    workspace: WorkspacePath,
    month: Month = "",
    since: Annotated[str, typer.Option(metavar="YYYY-MM", help="All months from this on.")] = "",
    kind: Annotated[str, typer.Option(help="monthly or weekly.")] = "monthly",
    week: Annotated[
        str, typer.Option(metavar="YYYY-Www", help="The week, for --kind weekly.")
    ] = "",
    language: Annotated[str, typer.Option(help="The agreement's, if left out.")] = "",
    as_json: AsJson = False,
) -> None:
    """Render the monthly or weekly report as one HTML file without code.

    Example: smarketing report data/demo --month 2026-10
    """
    from smarketing.reporting import render_reports

    one_of("kind", kind, ("monthly", "weekly"))
    done = render_reports(
        workspace, month=month, since=since, week=week, kind=kind, language=language
    )
    say(as_json, {"reports": [each.to_dict() for each in done]}, *(str(d.html) for d in done))


@app.command()
def worklist(
    workspace: WorkspacePath,
    week: Annotated[
        str, typer.Option(metavar="YYYY-Www", help="The week to work; the data's last if left out.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder for one CSV per rep."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write for each rep the leads to work in a week, what is worth most first, up to capacity.

    Only what was known when the week began is used. The files go to the workspace's reports
    unless DIR is given.

    Example: smarketing worklist data/demo --week 2026-W44 -o lists
    """
    from smarketing.reporting.worklist import list_week

    space = Workspace.open(workspace)
    answer = list_week(space, week)
    files = answer.write(output or space.reports / "worklists")
    say(
        as_json,
        {**answer.to_dict(), "files": files},
        answer.summary() if answer.lists else "No open lead is to be worked.",
        *answer.notes,
        *map(str, files),
    )
