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
    moment,
    one_of,
    progress,
    say,
)
from smarketing.errors import Problem, UsageError
from smarketing.folder import Folder


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
    from smarketing.actions.crm_import import CRMS, crm_import
    from smarketing.row_files import write_rows
    from smarketing.scoring.engines.table_copy import on_engine
    from smarketing.scoring.scores import score_leads

    if crm:
        one_of("for", crm, tuple(CRMS))
        if output is None or output.suffix != ".csv":
            raise UsageError(
                Problem("--for needs a file to write", found=str(output), allowed="-o FILE.csv")
            )
    space = Folder.open(workspace)
    at = moment(as_of, space.agreement.timezone)
    with space.warehouse() as warehouse, on_engine(engine, warehouse) as there:
        answer = score_leads(
            warehouse, space.agreement, as_of=at, model=model, on=there, folder=space.path
        )
    data, notes = answer.to_dict(), []
    if crm:
        file = crm_import(space, answer, crm)
        write_rows(file.frame(), output)
        data, notes = {**data, "import": file.to_dict()}, list(file.notes)
    elif output is not None:
        write_rows(answer.frame(), output)
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
    from smarketing.evaluation.comparison.model_comparison import compare as run_compare
    from smarketing.scoring.cache import Cache
    from smarketing.scoring.population import build_population

    one_of("line", line, ("sql", "mql"))
    space = Folder.open(workspace)
    with space.warehouse() as warehouse:
        people = build_population(warehouse, space.agreement)
    with progress("Judging month by month") as told:
        answer = run_compare(
            people, space.agreement, line, progress=told, cache=Cache(space.cache / "backtest")
        )
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
    from smarketing.evaluation.comparison.model_comparison import compare as run_compare
    from smarketing.evaluation.monitoring.monthly_look import monitor as run_monitor
    from smarketing.scoring.cache import Cache
    from smarketing.scoring.population import build_population

    one_of("line", line, ("sql", "mql"))
    space = Folder.open(workspace)
    agreement = space.agreement_for(month) if month else space.agreement
    with space.warehouse() as warehouse:
        people = build_population(warehouse, agreement)
    kept = Cache(space.cache / "backtest")
    with progress("Judging month by month") as told:
        judged = run_compare(people, agreement, line, progress=told, cache=kept)
    answer = run_monitor(people, agreement, month, line, judged, kept)
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
