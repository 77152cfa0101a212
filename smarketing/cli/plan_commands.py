"""Commands on the agreement: recommend the next one, agree to it, look back."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from smarketing.cli.shared import AsJson, WorkspacePath, app, out, say
from smarketing.errors import Problem, UsageError
from smarketing.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from smarketing.agreement.accept import NextVersion
    from smarketing.planning.recommended import Recommendation


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
    with Workspace(workspace) as ws:
        lines = ws.recommend(by, grades=grades)
        answer = ws.next_agreement(lines)
        proposed = ws.propose(answer)
    say(
        as_json,
        answer,
        _labelled(answer.frame(), ws.agreement.currency),
        *(line for title, part in answer.parts for line in _titled(title, part)),
        *_other_forms(lines),
        f"\nThe proposal is written; see it with: smarketing agree {workspace}"
        if proposed
        else "\nThere is no reason to change the agreement; no proposal is written.",
    )


def _labelled(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return what is recommended under the names people use, each number in its unit."""
    from smarketing.language.catalogue import tr
    from smarketing.language.numbers import quantity, value_text
    from smarketing.language.sentences import capital
    from smarketing.planning.wording import MEASURES

    units = {"revenue": currency, "acceptance_rate": "share"}
    shown = rows.assign(what=[capital(tr(MEASURES.get(name, name))) for name in rows.what])
    for column in ("today", "recommended"):
        shown[column] = [
            quantity(value, units[name]) if name in units else value_text(value)
            for name, value in zip(rows.what, rows[column], strict=True)
        ]
    return shown


def _other_forms(answer: Recommendation) -> Iterator[str | pd.DataFrame]:
    """Yield lines by group and as grades, where they were asked for and can be drawn."""
    if answer.groups is not None:
        yield f"\n{answer.groups.sentence}"
        # all of it is in --json; a terminal is narrow
        shown = [c for c in _OF_GROUPS if c in answer.groups.lines]
        yield answer.groups.frame()[shown].round(1).dropna(axis=1, how="all")
    if answer.grades is not None:
        yield f"\n{answer.grades.sentence}"
        yield answer.grades.grid().reset_index(names="fit")


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
    with Workspace(workspace) as ws:
        if history:
            _show_history(ws, as_json)
        elif reviewed:
            _note_review(ws, reason, as_json)
        elif roll_back:
            changes = ws.roll_back(roll_back, reason, _day(valid_from) if valid_from else None)
            again = f"version {roll_back} again, from {changes.valid_from}"
            _show_changes(changes, f"Version {changes.version} is agreed: {again}.", as_json)
        elif accept:
            changes = ws.accept(reason)
            head = f"Version {changes.version} is agreed, from {changes.valid_from}."
            _show_changes(changes, head, as_json)
        else:
            changes = ws.pending_changes()
            head = f"Proposed version {changes.version}, from {changes.valid_from}:"
            how = f'smarketing agree {workspace} --accept --reason "why both sides agree"'
            _show_changes(changes, head, as_json, ws.overdue_review(), f"\nAgreed? {how}")


def _note_review(ws: Workspace, reason: str, as_json: bool) -> None:
    due = ws.note_review(reason)
    text = f"Noted: reviewed on {ws.today}" + (f"; the next is due by {due}." if due else ".")
    say(as_json, {"reviewed": ws.today, "note": reason, "next": due}, text)


def _show_history(ws: Workspace, as_json: bool) -> None:
    history, reminder = ws.agreement_history(), ws.overdue_review()
    lines: list[str] = []
    for row in history.versions.to_dict("records"):
        title = f"Version {row['version']}, from {row['valid_from']}"
        lines += _titled(title, [row["reason"] or "No reason was noted.", *row["changes"]])
    for row in history.reviews.to_dict("records"):
        lines += _titled(f"Reviewed {row['reviewed']}", [row["note"] or "No note was made."])
    lines += _titled("Review", [reminder] if reminder else [])
    say(as_json, history.to_dict() | {"review": reminder}, *lines)


def _show_changes(
    changes: NextVersion,
    head: str,
    as_json: bool,
    reminder: str = "",
    what_next: str = "",
) -> None:
    """Show the changes, then the effects; those under one title together."""
    lines = _titled("Changes", [change.words for change in changes.changes])
    for title, effects in itertools.groupby(changes.titled_effects, key=itemgetter(0)):
        lines += _titled(title or "Expected", [effect for _, effect in effects])
    say(
        as_json,
        changes.to_dict() | {"review": reminder},
        *_titled("Review", [reminder] if reminder else []),
        head,
        *lines,
        what_next,
    )


def _titled(title: str, sentences: Iterable[str]) -> list[str]:
    """Return a title with its sentences under it, wrapped to the terminal; nothing for none."""
    lines = [
        textwrap.fill(text, out.width, initial_indent="  ", subsequent_indent="    ")
        for text in sentences
    ]
    return [f"\n{title}", *lines] if lines else []


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Problem("--valid-from is not a day", found=repr(text), allowed="2026-12-01")
        ) from None
