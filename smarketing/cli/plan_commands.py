"""Commands on the agreement: recommend the next one, agree to it, look back."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from smarketing.cli.shared import AsJson, WorkspacePath, app, out, say
from smarketing.errors import Problem, UsageError
from smarketing.folder import Folder

if TYPE_CHECKING:
    import pandas as pd

    from smarketing.agreement.accept import NextVersion
    from smarketing.agreement.model import Agreement
    from smarketing.planning.recommendation import Recommendation


_OF_GROUPS = ("group", "mql", "mql_low", "mql_high", "sql", "sql_low", "sql_high", "customers")


@app.command()
def recommend(
    workspace: WorkspacePath,
    by: Annotated[
        str, typer.Option(metavar="COLUMN", help="Lines for each persona, say, as well.")
    ] = "",
    grades: Annotated[
        bool, typer.Option("--grades", help="Lines as grades A1 to C3 as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Recommend the lines and the SLA volumes, with all both sides ask before they sign.

    Writes proposal.yml where something is to change: see it with agree. Lines by group and as
    grades share the same capacities; they are shown beside, and not proposed.

    Example: smarketing recommend data/demo
    """
    from smarketing.agreement.proposal import write_proposal
    from smarketing.planning.next_agreement import next_agreement
    from smarketing.planning.proposed_changes import propose
    from smarketing.planning.recommendation import recommend as run_recommend

    space = Folder.open(workspace)
    agreement = space.agreement
    with space.warehouse() as warehouse:
        found = run_recommend(warehouse, agreement, by=by or None, grades=grades)
        answer = next_agreement(warehouse, agreement, found, space.path, _today(agreement))
    proposal = propose(space.path, found, agreement)
    if proposal is not None:
        effects = (*proposal.effects, *answer.effects)
        write_proposal(space.path, proposal.model_copy(update={"effects": effects}))
    say(
        as_json,
        answer,
        answer.frame(),
        *(line for title, said in answer.parts for line in _titled(title, said)),
        *_other_forms(found),
        f"\nThe proposal is written; see it with: smarketing agree {workspace}"
        if proposal
        else "\nThere is no reason to change the agreement; no proposal is written.",
    )


def _other_forms(found: Recommendation) -> Iterator[str | pd.DataFrame]:
    """Yield lines by group and as grades, where they were asked for and can be drawn."""
    if found.groups is not None:
        yield f"\n{found.groups.sentence}"
        # all of it is in --json; a terminal is narrow
        shown = [c for c in _OF_GROUPS if c in found.groups.lines]
        yield found.groups.frame()[shown].round(1).dropna(axis=1, how="all")
    if found.grades is not None:
        yield f"\n{found.grades.sentence}"
        yield found.grades.grid().reset_index(names="fit")


@app.command()
def agree(
    workspace: WorkspacePath,
    accept: Annotated[bool, typer.Option("--accept", help="Write the next version.")] = False,
    roll_back: Annotated[
        int, typer.Option("--roll-back", metavar="N", help="Put version N in force again.")
    ] = 0,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="Note that both sides looked and left it as it is.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Show every version with its reason.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why both sides agree; kept with it.")] = "",
    valid_from: Annotated[
        str, typer.Option(metavar="DATE", help="First day of --roll-back; today if left out.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the proposal as a diff in words; with --accept, make it the agreement.

    Example: smarketing agree data/demo --accept --reason "reps are idle since August"

    Look back: smarketing agree data/demo --history

    Go back: smarketing agree data/demo --roll-back 2 --reason "the new line starved closing"
    """
    from smarketing.agreement import accept as acceptance
    from smarketing.agreement import reviews
    from smarketing.planning.next_agreement import overdue_review

    doing = {"--accept": accept, "--roll-back": roll_back, "--reviewed": reviewed}
    asked = [name for name, wanted in {**doing, "--history": history}.items() if wanted]
    if len(asked) > 1:
        raise UsageError(Problem(f"{' and '.join(asked)} do not go together", todo="Ask for one."))
    takes_reason = next((name for name, wanted in doing.items() if wanted), "")
    if takes_reason and not reason.strip():
        raise UsageError(Problem(f"{takes_reason} needs a --reason", todo='Add --reason "…".'))
    if reason and not takes_reason:
        raise UsageError(
            Problem("--reason goes with --accept, --roll-back or --reviewed", todo="Add one.")
        )
    if valid_from and not roll_back:
        raise UsageError(Problem("--valid-from goes with --roll-back", todo="Add --roll-back N."))
    space = Folder.open(workspace)
    folder, today = space.path, _today(space.agreement)
    if history:
        _show_history(folder, space.agreement, today, as_json)
        return
    if reviewed:
        reviews.note_review(folder, today, reason)
        due = reviews.next_review(space.agreement, today)
        said = f"Noted: reviewed on {today}" + (f"; the next is due by {due}." if due else ".")
        say(as_json, {"reviewed": today, "note": reason, "next": due}, said)
        return
    if roll_back:
        first = _day(valid_from) if valid_from else max(today, space.agreement.valid_from)
        changes = acceptance.roll_back(folder, roll_back, reason, first)
        head = f"Version {changes.version} is agreed: version {roll_back} again, from {first}."
    elif accept:
        changes = acceptance.accept(folder, reason)
        head = f"Version {changes.version} is agreed, from {changes.valid_from}."
    else:
        changes = acceptance.pending_changes(folder)
        head = f"Proposed version {changes.version}, from {changes.valid_from}:"
    reminder = "" if asked else overdue_review(space.agreement, folder, today)
    say(
        as_json,
        changes.to_dict() | {"review": reminder},
        *_titled("Review", [reminder] if reminder else []),
        head,
        *_told(changes),
        ""
        if asked
        else f'\nAgreed? smarketing agree {workspace} --accept --reason "why both sides agree"',
    )


def _show_history(folder: Path, agreement: Agreement, today: date, as_json: bool) -> None:
    from smarketing.agreement.version_history import agreement_history
    from smarketing.planning.next_agreement import overdue_review

    found = agreement_history(folder)
    reminder = overdue_review(agreement, folder, today)
    lines: list[str] = []
    for row in found.versions.to_dict("records"):
        title = f"Version {row['version']}, from {row['valid_from']}"
        lines += _titled(title, [row["reason"] or "No reason was noted.", *row["changes"]])
    for row in found.reviews.to_dict("records"):
        lines += _titled(f"Reviewed {row['reviewed']}", [row["note"] or "No note was made."])
    lines += _titled("Review", [reminder] if reminder else [])
    say(as_json, found.to_dict() | {"review": reminder}, *lines)


def _told(changes: NextVersion) -> list[str]:
    """Return the changes, then the effects; those under one title together."""
    from smarketing.planning.next_agreement import title_of

    lines = _titled("Changes", [change.words for change in changes.changes])
    plain = [(title_of(text), text) for text in changes.effects]
    for title, group in itertools.groupby(plain, key=lambda each: each[0]):
        said = [text.removeprefix(f"{title}: ") for _, text in group]
        lines += _titled(title or "Expected", said)
    return lines


def _titled(title: str, sentences: Iterable[str]) -> list[str]:
    """Return a title with its sentences under it, wrapped to the terminal; nothing for none."""
    lines = [
        textwrap.fill(text, out.width, initial_indent="  ", subsequent_indent="    ")
        for text in sentences
    ]
    return [f"\n{title}", *lines] if lines else []


def _today(agreement: Agreement) -> date:
    return datetime.now(ZoneInfo(agreement.timezone)).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Problem("--valid-from is not a day", found=repr(text), allowed="2026-12-01")
        ) from None
