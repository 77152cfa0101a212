"""Commands on scores: score, compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from smarketing.cli.shared import (
    AsJson,
    Engine,
    Month,
    WorkspacePath,
    app,
    one_of,
    progress,
    say,
)
from smarketing.errors import Problem, UsageError
from smarketing.row_files import write_rows
from smarketing.workspace import Workspace

CRMS = ("hubspot", "salesforce")
LINES = ("sql", "mql")


@app.command()
def score(
    workspace: WorkspacePath,
    as_of: Annotated[str, typer.Option(metavar="DATE", help="Score as known then.")] = "",
    model: Annotated[
        str, typer.Option(help="agreed, card, logistic, boosted, status_quo, or kept (see learn).")
    ] = "agreed",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Rows, as .csv or .parquet.")
    ] = None,
    engine: Engine = "duckdb://",
    crm: Annotated[
        str, typer.Option("--for", help="Write -o as this CRM imports it: hubspot or salesforce.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Score the open leads: points, grade, probability and reasons for each.

    Example: smarketing score data/demo --as-of 2026-10-31 --model boosted -o scores.csv
    """
    if crm:
        one_of("for", crm, CRMS)
        if output is None or output.suffix != ".csv":
            raise UsageError(
                Problem("--for needs a file to write", found=str(output), allowed="-o FILE.csv")
            )
    with Workspace(workspace) as ws:
        answer = ws.score(as_of, model, engine=engine)
        file = ws.crm_import(answer, crm) if crm else None
    data, notes = answer.to_dict(), list(file.notes) if file else []
    if file is not None:
        data["import"] = file.to_dict()
    if output is not None:
        write_rows((file or answer).frame(), output)
    say(
        as_json,
        data,
        f"{data['n']:,} leads scored by the {model} model.",
        pd.DataFrame(sorted(data["grades"].items()), columns=["grade", "leads"]),
        f"Rows: {output}" if output else "Add -o FILE to write a row for each lead.",
        *notes,
    )


@app.command()
def compare(
    workspace: WorkspacePath,
    line: Annotated[str, typer.Option(help="Whose target is predicted: sql or mql.")] = "sql",
    as_json: AsJson = False,
) -> None:
    """Judge the agreed card and the learned models on the same later leads.

    Example: smarketing compare data/demo
    """
    one_of("line", line, LINES)
    with Workspace(workspace) as ws, progress("Judging month by month") as show:
        answer = ws.compare(line=line, progress=show)
    shown = ["name", "auc", "auc_low", "auc_high", "logloss", "ece", "close_rate_at_capacity", "n"]
    say(
        as_json,
        answer,
        answer.frame()[shown],  # all of them are in --json; a terminal is narrow
        answer.verdict,
        *(f"{row['name']}: {row['sentence']}" for row in answer.acceptance),
        pd.DataFrame(answer.early)[["name", "how", "auc", "auc_low", "auc_high", "n_early"]]
        if answer.early
        else "",
        answer.split_note,
        f"{answer.immature:,} rows are left out: their window is not over."
        if answer.immature
        else "",
        *answer.notes,
    )


@app.command()
def monitor(
    workspace: WorkspacePath,
    month: Month = "",
    line: Annotated[str, typer.Option(help="Which line is watched: sql or mql.")] = "sql",
    as_json: AsJson = False,
) -> None:
    """Say what moved since the month before, whether the line still holds, and what to propose.

    Nothing is changed by itself: models and lines change by agreement.

    Example: smarketing monitor data/demo --month 2026-10
    """
    one_of("line", line, LINES)
    with Workspace(workspace) as ws, progress("Judging month by month") as show:
        answer = ws.monitor(month, line, progress=show)
    moved = answer.frame()[answer.frame().verdict != "stable"]
    say(
        as_json,
        answer,
        f"{answer.month} against {answer.before}",
        moved if len(moved) else "",
        answer.calibration,
        *answer.sentences,
        *(f"Cannot be told: {reason.rstrip('.')}." for reason in answer.cannot.values()),
    )
