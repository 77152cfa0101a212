"""Commands on the data: the demo, the ingest, the audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smarketing.cli.shared import AsJson, ReportsFolder, WorkspacePath, app, meanwhile, say
from smarketing.errors import Problem, UsageError
from smarketing.workspace import Workspace


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("smarketing-demo"),
    out: ReportsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the demo company's workspace and render its latest month.

    An existing workspace in DIR is kept as it is.

    Example: smarketing demo my-demo
    """
    from smarketing.shipped import copy_demo

    if not (folder / "sources.yml").exists():
        if folder.exists() and not folder.is_dir():
            raise UsageError("this is a file, and no folder", str(folder), todo="Name another.")
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(
                Problem(
                    "the folder holds other files, and no workspace",
                    str(folder),
                    todo="Name a new or empty folder.",
                )
            )
        copy_demo(folder)
    meanwhile(f"Reading the exports in {folder} …")
    with Workspace(folder) as ws:
        ws.ingest()
        meanwhile("Rendering the latest month: about a minute …")
        done = ws.report(ws.latest_month(), out=out, again=True)[0]
    say(as_json, {"report": str(done.html), "month": done.month}, str(done.html))


@app.command()
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(metavar="WORKSPACE", help="Or, with --draft, the exports.")
    ],
    draft: Annotated[
        bool, typer.Option("--draft", help="Propose a sources.yml for the exports named.")
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Even if fewer than half of the leads are left."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build the warehouse from the raw exports: all or nothing.

    With --draft, look at exports and print a proposed sources.yml, every line with its reason.

    Example: smarketing ingest data/demo; smarketing ingest --draft Leads.csv > sources.yml
    """
    from smarketing.warehouse.drafting.draft import draft_sources

    if draft:
        proposal = draft_sources(paths)
        if not as_json:
            sys.stdout.write(proposal.text)
            meanwhile(f"{proposal.unsure} lines are marked `# ?`: they want your decision.")
        else:
            say(as_json, proposal)
        return
    if len(paths) > 1:
        raise UsageError(
            Problem("one workspace at a time", found=" ".join(map(str, paths)), allowed="a folder")
        )
    report = Workspace(paths[0]).ingest(accept_loss=accept_loss)
    say(as_json, report, report.frame(), *report.notes)


@app.command()
def forget(
    workspace: WorkspacePath,
    lead: Annotated[str, typer.Option("--lead", metavar="ID", help="The lead's id in the CRM.")],
    as_json: AsJson = False,
) -> None:
    """Remove a person for good: from warehouse, history and what models learn from.

    Example: smarketing forget data/demo --lead 100017
    """
    done = Workspace(workspace).forget(lead)
    say(as_json, done, done.frame(), *done.notes)


@app.command()
def audit(
    workspace: WorkspacePath,
    draft: Annotated[
        bool, typer.Option("--draft", help="Draft when each column is known, for sources.yml.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what the data lacks, what leaks the outcome, and which leads are too young to judge.

    Example: smarketing audit data/demo
    """
    with Workspace(workspace) as ws:
        answer, losses, odd = ws.audit(), ws.losses(), ws.odd_cases()
    if draft and not as_json:
        sys.stdout.write(answer.draft())
        return
    say(
        as_json,
        {**answer.to_dict(), "losses": losses, "odd_cases": odd},
        answer.frame(),
        losses.frame().drop(columns="examples"),
        odd.drop(columns="examples") if len(odd) else "",
        f"{answer.open:,} leads are still open; {answer.immature:,} rows are too young to judge.",
        *answer.notes,
    )
