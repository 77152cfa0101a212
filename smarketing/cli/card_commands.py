"""Commands on scorecards: explain, lint, what-if, learn, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from smarketing.cli.shared import AsJson, WorkspacePath, app, one_of, say
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.row_files import write_rows, write_text
from smarketing.workspace import Workspace

AGREED, LEARNED = "agreed", "card"
AsOf = Annotated[str, typer.Option(metavar="DATE", help="As known then.")]
Which = Annotated[str, typer.Option("--model", help="The agreed card, or card: a learned one.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE")]


@app.command()
def explain(
    workspace: WorkspacePath,
    lead: Annotated[str, typer.Option(metavar="ID", help="The lead_id.")] = "",
    as_of: AsOf = "",
    model: Which = AGREED,
    as_json: AsJson = False,
) -> None:
    """Show where one open lead's score comes from, rule by rule, and how it went.

    Example: smarketing explain data/demo --lead 10382
    """
    with Workspace(workspace) as ws:
        if not lead:
            raise UsageError(Problem("explain needs a lead", todo="Add --lead ID."))
        one_of("model", model, (AGREED, LEARNED))
        answer = ws.explain(lead, as_of, model)
    now = answer.score
    trend = answer.trend or {}
    slope = trend.get("points_per_month")
    say(
        as_json,
        answer,
        f"{lead}: {now['score']} points, grade {now['grade']} "
        f"(fit {now['fit']}, engagement {now['engagement']}).",
        answer.frame(),
        answer.history if len(answer.history) else "",
        f"Its trend: {trend['trend']}" + (f", {slope:+.1f} points a month." if slope else ".")
        if trend
        else "",
        *answer.notes,
    )


@app.command()
def lint(workspace: WorkspacePath, as_json: AsJson = False) -> None:
    """Hold the agreed card against history: rules that do nothing, or the opposite.

    Example: smarketing lint data/demo
    """
    with Workspace(workspace) as ws:
        answer = ws.lint()
    n = len(answer.findings)
    rules = answer.rules[["axis", "rule", "points", "share", "rate_with", "rate_without", "p"]]
    say(
        as_json,
        answer,
        rules,
        *(f"{row.code}: {row.says}" for row in answer.findings.itertuples()),
        f"{answer.moments:,} snapshots of leads, {n or 'nothing'} to look at.",
        *answer.notes,
    )


@app.command(name="what-if")
def what_if(
    workspace: WorkspacePath,
    rule: Annotated[str, typer.Option(metavar="NAME", help="A rule of the agreed card.")] = "",
    points: Annotated[
        int | None, typer.Option(metavar="N", help="Its points then; 0 leaves it out.")
    ] = None,
    as_of: AsOf = "",
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Tell which open leads would change score, grade or line if a rule gave other points.

    Example: smarketing what-if data/demo --rule "Demo request" --points 15
    """
    with Workspace(workspace) as ws:
        if not rule or points is None:
            what = "what-if needs a rule and the points it would give"
            raise UsageError(Problem(what, todo='Add --rule "NAME" --points N.'))
        answer = ws.what_if(rule, points, as_of)
    if output is not None:
        write_rows(answer.frame(), output)
    counts = answer.to_dict()
    moves = [("grade", *pair) for pair in counts["grades"].items()]
    moves += [("line", *pair) for pair in counts["lines"].items()]
    say(
        as_json,
        answer,
        f"Of {counts['leads']:,} open leads {counts['rescored']:,} would change score, "
        f"{counts['regraded']:,} grade.",
        pd.DataFrame(moves, columns=["changes", "from … to", "leads"]) if moves else "",
        f"Rows: {output}" if output else "Add -o FILE to write a row for each that changes.",
    )


@app.command()
def learn(
    workspace: WorkspacePath,
    max_lines: Annotated[int, typer.Option(help="At most so many lines.")] = 15,
    max_points: Annotated[int, typer.Option(help="At most so many points a line.")] = 20,
    as_of: AsOf = "",
    output: Output = None,
    model: Annotated[str, typer.Option(help="With --keep: card, logistic or boosted.")] = LEARNED,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the model in models/, for score --model kept.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Keep it though the one kept is not beaten.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Learn a scorecard from history; write it as it would stand in agreement.yml.

    It predicts the SQL line's target from what was known of each lead at the time. To adopt it,
    put its blocks in place of the agreement's, and draw the lines anew: its points are others.

    With --keep, learn a model and keep it: it scores until another is better, with an interval.

    Example: smarketing learn data/demo --max-lines 10 -o learned.yml

    Keep one: smarketing learn data/demo --model boosted --keep
    """
    with Workspace(workspace) as ws:
        if keep:
            _keep(ws, model, replace, as_json)
            return
        if model != LEARNED or replace:
            raise UsageError(Problem("only a card can be written as YAML", todo="Add --keep."))
        if output is not None and output.name in ("agreement.yml", "sources.yml"):
            raise UsageError(
                Problem("that would replace the workspace's own file", str(output),
                        todo="Name another file, and copy the blocks over.")
            )  # fmt: skip
        answer = ws.learn(max_lines, max_points, as_of)
    if output is not None:
        write_text(answer.yaml(), output)
    if output is None and not as_json:
        sys.stdout.write(answer.yaml())
        return
    say(as_json, answer, answer.frame(), *answer.notes, f"Written: {output}")


def _keep(ws: Workspace, model: str, replace: bool, as_json: bool) -> None:
    """Learn a model and put it in use, if there is none or the one in use is beaten."""
    before = ws.champion()
    judged = ws.challenge(model)
    if before and not (judged.won or replace):
        raise SmarketingError(
            Problem(
                f"the {before.model} model stays",
                "models/champion",
                found=judged.choice.reason,
                todo="Add --replace to keep the other all the same.",
            )
        )
    card = ws.keep_model(model, judged.metrics)
    say(
        as_json,
        {"kept": card, "replaced": before.model if before else None, "challenge": judged},
        card.frame(),
        judged.choice.reason,
        "It scores with: score --model kept. The agreed card stays what both sides signed.",
    )


@app.command()
def export(
    workspace: WorkspacePath,
    dialect: Annotated[
        str, typer.Option(help="SQL for duckdb, postgres, snowflake, bigquery or spark.")
    ] = "duckdb",
    form: Annotated[
        str, typer.Option("--format", help="sql, yaml, or table (to type into a CRM).")
    ] = "sql",
    model: Which = AGREED,
    as_json: AsJson = False,
) -> None:
    """Write a scorecard as SQL, as YAML, or as a table to type into a CRM.

    Example: smarketing export data/demo --dialect postgres
    """
    one_of("format", form, ("sql", "yaml", "table"))
    one_of("model", model, (AGREED, LEARNED))
    with Workspace(workspace) as ws:
        text = ws.export(form, dialect, model)
    if as_json:
        say(True, {"format": form, "dialect": dialect if form == "sql" else None, "text": text})
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")
