"""Commands on what happened: the funnel, the reports, the work lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smarketing.cli.shared import (
    AsJson,
    Engine,
    Month,
    ReportsFolder,
    WorkspacePath,
    app,
    one_of,
    say,
)
from smarketing.errors import SmarketingError, UsageError
from smarketing.workspace import Workspace

if TYPE_CHECKING:
    from smarketing.reporting.runs.render import Rendered


@app.command()
def funnel(
    workspace: WorkspacePath,
    month: Month = "",
    engine: Engine = "duckdb://",
    as_json: AsJson = False,
) -> None:
    """Follow the leads from first touch to revenue: counts, rates, velocity, SLA, claims.

    Example: smarketing funnel data/demo --month 2026-10
    """
    with Workspace(workspace) as ws:
        answer = ws.funnel(month, engine=engine)
    whole = [answer.whole.frame()] if answer.whole else []
    say(as_json, answer, *whole, answer.frame(), *answer.cannot.values())


@app.command()
def report(
    workspace: WorkspacePath,
    month: Month = "",
    since: Annotated[str, typer.Option(metavar="YYYY-MM", help="All months from this on.")] = "",
    kind: Annotated[str, typer.Option(help="monthly or weekly.")] = "monthly",
    week: Annotated[
        str, typer.Option(metavar="YYYY-Www", help="The week, for --kind weekly.")
    ] = "",
    language: Annotated[
        list[str] | None,
        typer.Option(help="The agreement's, if left out; may be given several times."),
    ] = None,
    out: ReportsFolder = None,
    again: Annotated[
        bool, typer.Option("--again", help="Render also what has not changed.")
    ] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write the page as PDF as well (extra: smarketing[pdf]).")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="How many at once; 0: as many as there are processors.")
    ] = 0,
    on_failure: Annotated[
        str,
        typer.Option(
            metavar="COMMAND",
            help="Run if a report failed; the reason is in its SMARKETING_ERROR.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Render the monthly or weekly report as one HTML file without code.

    Without a month: the latest, and those missed since the last one published. Pages made from
    the same data, agreement and code are left as they are.

    Example: smarketing report data/demo --month 2026-10
    """
    from smarketing.cli.progress import watched
    from smarketing.reporting.runs.failure import tell

    one_of("kind", kind, ("monthly", "weekly"))
    try:
        with watched() as progress:
            done = Workspace(workspace).report(
                month,
                since=since,
                week=week,
                kind=kind,
                language=language or "",
                out=out,
                again=again,
                pdf=pdf,
                workers=workers or None,
                plan=progress.plan,
                done=progress.done,
            )
    except SmarketingError as error:
        if on_failure and not isinstance(error, UsageError):
            tell(on_failure, workspace.name, str(error))
        raise
    say(as_json, {"reports": [each.to_dict() for each in done]}, *map(_told, done))


def _told(done: Rendered) -> str:
    return f"{done.html}" + (" (unchanged)" if done.status == "unchanged" else "")


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
    with Workspace(workspace) as ws:
        answer = ws.worklist(week)
        files = answer.write(output or ws.reports / "worklists")
    say(
        as_json,
        {**answer.to_dict(), "files": files},
        answer.summary() if answer.lists else "No open lead is to be worked.",
        *answer.notes,
        *map(str, files),
    )
