"""Commands on the agreement: recommend the next one, agree to it."""

from __future__ import annotations

from typing import Annotated

import typer

from smarketing.cli.shared import AsJson, WorkspacePath, app, say
from smarketing.errors import Problem, UsageError
from smarketing.workspace import Workspace


@app.command()
def recommend(workspace: WorkspacePath, as_json: AsJson = False) -> None:
    """Recommend the MQL and SQL lines and the SLA volumes; write proposal.yml.

    Example: smarketing recommend data/demo
    """
    from smarketing.agreement import write_proposal
    from smarketing.planning import propose
    from smarketing.planning import recommend as run_recommend

    space = Workspace.open(workspace)
    with space.warehouse() as warehouse:
        answer = run_recommend(warehouse, space.agreement)
    proposal = propose(space.path, answer, space.agreement)
    if proposal is not None:
        write_proposal(space.path, proposal)
    say(
        as_json,
        answer,
        answer.frame(),
        answer.sentence,
        *answer.cannot.values(),
        f"The proposal is written; see it with: smarketing agree {workspace}"
        if proposal
        else "There is no reason to change the agreement; no proposal is written.",
    )


@app.command()
def agree(
    workspace: WorkspacePath,
    accept: Annotated[bool, typer.Option("--accept", help="Write the next version.")] = False,
    reason: Annotated[str, typer.Option(help="Why both sides agree; kept with it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the proposal as a diff in words; with --accept, make it the agreement.

    Example: smarketing agree data/demo --accept --reason "reps are idle since August"
    """
    from smarketing.agreement import accept as accept_proposal
    from smarketing.agreement import pending_changes

    if accept and not reason.strip():
        raise UsageError(Problem("--accept needs a --reason", todo='Add --reason "…".'))
    if reason and not accept:
        raise UsageError(Problem("--reason goes with --accept", todo="Add --accept."))
    folder = Workspace.open(workspace).path
    changes = accept_proposal(folder, reason) if accept else pending_changes(folder)
    say(
        as_json,
        changes,
        f"Version {changes.version} is agreed."
        if accept
        else f"Proposed version {changes.version}:",
        *(f"  {change.words}" for change in changes.changes),
        *changes.effects,
    )
