"""One thin command per question; each answers in words, or as one JSON object with ``--json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.results import Result, plain
from smarketing.workspace import Workspace

# The rooms above the ground are imported inside the commands: `smarketing --help` should not
# wait two seconds for scikit-learn.

app = typer.Typer(
    name="smarketing",
    help="A workbench for the agreement between sales and marketing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False, markup=False)

WorkspacePath = Annotated[
    Path, typer.Argument(metavar="WORKSPACE", help="Folder with sources.yml and agreement.yml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")]
Month = Annotated[str, typer.Option(metavar="YYYY-MM", help="The month; the latest if left out.")]


def _say(as_json: bool, answer: Result | dict[str, Any], *parts: str | pd.DataFrame) -> None:
    """Print the answer: as JSON, or the parts in words and tables."""
    if as_json:
        data = answer.to_dict() if isinstance(answer, Result) else plain(answer)
        sys.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
        return
    for part in parts:
        if isinstance(part, pd.DataFrame):
            out.print(_table(part))
        elif part:
            out.print(part)


def _meanwhile(what: str) -> None:
    """Say on stderr what takes a while, so that nobody thinks it hangs."""
    sys.stderr.write(f"{what}\n")


def _table(frame: pd.DataFrame) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in frame.columns:
        right = pd.api.types.is_numeric_dtype(frame[column])
        table.add_column(str(column).replace("_", " "), justify="right" if right else "left")
    for row in frame.itertuples(index=False, name=None):
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    value = plain(value)
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("smarketing-demo"),
    as_json: AsJson = False,
) -> None:
    """Make the demo company's workspace and render its latest month.

    An existing workspace in DIR is kept as it is.

    Example: smarketing demo my-demo
    """
    from smarketing.reporting import render_report
    from smarketing.warehouse import ingest as run_ingest
    from smarketing.warehouse.demo import make_demo

    if not (folder / "sources.yml").exists():
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(
                Problem(
                    "the folder holds other files, and no workspace",
                    str(folder),
                    todo="Name a new or empty folder.",
                )
            )
        make_demo(folder)
    _meanwhile(f"Reading the exports in {folder} …")
    run_ingest(folder)
    _meanwhile("Rendering the latest month: about a minute …")
    done = render_report(folder)
    _say(as_json, {"report": str(done.html), "month": done.month}, str(done.html))


@app.command()
def ingest(workspace: WorkspacePath, as_json: AsJson = False) -> None:
    """Build the warehouse from the raw exports: all or nothing.

    Example: smarketing ingest data/demo
    """
    from smarketing.warehouse import ingest as run_ingest

    report = run_ingest(workspace)
    _say(as_json, report, report.frame(), *report.notes)


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
    from smarketing.evaluation import audit as run_audit

    space = Workspace.open(workspace)
    with space.warehouse() as warehouse:
        answer = run_audit(warehouse, space.agreement)
    if draft and not as_json:
        sys.stdout.write(answer.draft())
        return
    _say(
        as_json,
        answer,
        answer.frame(),
        f"{answer.open:,} leads are still open; {answer.immature:,} rows are too young to judge.",
        *answer.notes,
    )


@app.command()
def score(
    workspace: WorkspacePath,
    as_of: Annotated[str, typer.Option(metavar="DATE", help="Score as known then.")] = "",
    model: Annotated[str, typer.Option(help="agreed, logistic, boosted or status_quo.")] = "agreed",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Rows, as .csv or .parquet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score the open leads: points, grade, probability and reasons for each.

    Example: smarketing score data/demo --as-of 2026-10-31 --model boosted -o scores.csv
    """
    from smarketing.reporting import write_rows
    from smarketing.scoring import score_leads

    space = Workspace.open(workspace)
    with space.warehouse() as warehouse:
        answer = score_leads(
            warehouse, space.agreement, as_of=_moment(as_of, space.agreement.timezone), model=model
        )
    if output is not None:
        write_rows(answer.frame(), output)
    data = answer.to_dict()
    _say(
        as_json,
        answer,
        f"{data['n']:,} leads scored by the {model} model.",
        pd.DataFrame(sorted(data["grades"].items()), columns=["grade", "leads"]),
        f"Rows: {output}" if output else "Add -o FILE to write a row for each lead.",
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
    from smarketing.evaluation import compare as run_compare
    from smarketing.scoring import build_population

    _one_of("line", line, ("sql", "mql"))
    space = Workspace.open(workspace)
    with space.warehouse() as warehouse:
        answer = run_compare(build_population(warehouse, space.agreement), space.agreement, line)
    shown = ["name", "auc", "auc_low", "auc_high", "logloss", "ece", "close_rate_at_capacity", "n"]
    _say(
        as_json,
        answer,
        answer.frame()[shown],  # all of them are in --json; a terminal is narrow
        answer.verdict,
        answer.split_note,
        f"{answer.immature:,} rows are left out: their window is not over."
        if answer.immature
        else "",
        *answer.notes,
    )


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
    _say(
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
    _say(
        as_json,
        changes,
        f"Version {changes.version} is agreed."
        if accept
        else f"Proposed version {changes.version}:",
        *(f"  {change.words}" for change in changes.changes),
        *changes.effects,
    )


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
    _say(as_json, answer, answer.frame(), *answer.cannot.values())


@app.command()
def export(
    workspace: WorkspacePath,
    dialect: Annotated[
        str, typer.Option(help="SQL for duckdb, postgres, snowflake, bigquery or spark.")
    ] = "duckdb",
    form: Annotated[
        str, typer.Option("--format", help="sql, yaml, or table (to type into a CRM).")
    ] = "sql",
    as_json: AsJson = False,
) -> None:
    """Write the agreed scorecard as SQL, as YAML, or as a table to type into a CRM.

    Example: smarketing export data/demo --dialect postgres
    """
    from smarketing.scoring import export_scorecard

    _one_of("format", form, ("sql", "yaml", "table"))
    space = Workspace.open(workspace)
    with space.warehouse() as warehouse:
        text = export_scorecard(warehouse, space.agreement, form=form, dialect=dialect)
    if as_json:
        _say(True, {"format": form, "dialect": dialect if form == "sql" else None, "text": text})
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")


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

    _one_of("kind", kind, ("monthly", "weekly"))
    done = render_reports(
        workspace, month=month, since=since, week=week, kind=kind, language=language
    )
    _say(as_json, {"reports": [each.to_dict() for each in done]}, *(str(d.html) for d in done))


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
    _say(
        as_json,
        {**answer.to_dict(), "files": files},
        answer.summary() if answer.lists else "No open lead is to be worked.",
        *answer.notes,
        *map(str, files),
    )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            Problem(f"--{name} is not known", found=repr(value), allowed=", ".join(allowed))
        )


def _moment(text: str, timezone: str) -> pd.Timestamp | None:
    """Turn a local date into the UTC moment at its end, a local time into its moment."""
    if not text:
        return None
    try:
        moment = pd.Timestamp(text)
    except ValueError:
        moment = pd.NaT
    if moment is pd.NaT:
        raise UsageError(
            Problem("--as-of is not a date", found=repr(text), allowed="2026-10-31, or with a time")
        )
    if len(text.strip()) <= len("2026-10-31"):
        moment += pd.Timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.tz_localize(timezone, ambiguous=True, nonexistent="shift_forward")
    return moment.tz_convert("UTC").tz_localize(None)


def main() -> None:
    """Run the command line; problems are told in words, with exit status 1 or 2."""
    try:
        app()
    except SmarketingError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        sys.exit(error.exit_status)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
