"""Commands on scorecards: explain, lint, what-if, learn, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from smarketing.cli.shared import AsJson, WorkspacePath, app, moment, one_of, say
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.folder import Folder

if TYPE_CHECKING:
    from smarketing.agreement.model import Agreement, Grades
    from smarketing.agreement.scorecard import Scorecard
    from smarketing.warehouse.warehouse import Warehouse

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
    from smarketing.scoring.lead import explain_lead

    space = Folder.open(workspace)
    if not lead:
        raise UsageError(Problem("explain needs a lead", todo="Add --lead ID."))
    at = moment(as_of, space.agreement.timezone)
    with space.warehouse() as warehouse:
        card, grades = _card(warehouse, space.agreement, model, at)
        answer = explain_lead(warehouse, space.agreement, lead, at, card, grades)
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
    from smarketing.scoring.lint import lint_card

    space = Folder.open(workspace)
    with space.warehouse() as warehouse:
        answer = lint_card(warehouse, space.agreement)
    found = len(answer.findings)
    rules = answer.rules[["axis", "rule", "points", "share", "rate_with", "rate_without", "p"]]
    say(
        as_json,
        answer,
        rules,
        *(f"{row.code}: {row.says}" for row in answer.findings.itertuples()),
        f"{answer.moments:,} snapshots of leads, {found or 'nothing'} to look at.",
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
    from smarketing.row_files import write_rows
    from smarketing.scoring.card_trials import change_rule
    from smarketing.scoring.card_trials import what_if as run_what_if

    space = Folder.open(workspace)
    if not rule or points is None:
        what = "what-if needs a rule and the points it would give"
        raise UsageError(Problem(what, todo='Add --rule "NAME" --points N.'))
    other = change_rule(space.agreement.scorecard, rule, points=points)
    with space.warehouse() as warehouse:
        at = moment(as_of, space.agreement.timezone)
        answer = run_what_if(warehouse, space.agreement, other, at)
    if output is not None:
        write_rows(answer.frame(), output)
    told = answer.to_dict()
    moves = [("grade", *pair) for pair in told["grades"].items()]
    moves += [("line", *pair) for pair in told["lines"].items()]
    say(
        as_json,
        answer,
        f"Of {told['leads']:,} open leads {told['rescored']:,} would change score, "
        f"{told['regraded']:,} grade.",
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
    from smarketing.scoring.learning import learn_scorecard as run_learn
    from smarketing.scoring.population import build_population

    space = Folder.open(workspace)
    if keep:
        _keep(space, model, replace, as_json)
        return
    if model != LEARNED or replace:
        raise UsageError(Problem("only a card can be written as YAML", todo="Add --keep."))
    if output is not None and output.name in ("agreement.yml", "sources.yml"):
        raise UsageError(
            Problem("that would replace the workspace's own file", str(output),
                    todo="Name another file, and copy the blocks over.")
        )  # fmt: skip
    with space.warehouse() as warehouse:
        population = build_population(warehouse, space.agreement)
        at = moment(as_of, space.agreement.timezone) or population.data_until
        answer = run_learn(population, space.agreement, at, max_lines, max_points)
    if output is not None:
        output.write_text(answer.yaml(), encoding="utf-8")
    if output is None and not as_json:
        sys.stdout.write(answer.yaml())
        return
    say(as_json, answer, answer.frame(), *answer.notes, f"Written: {output}")


def _keep(space: Folder, model: str, replace: bool, as_json: bool) -> None:
    """Learn a model and keep it, if none is kept or the one kept is beaten."""
    from smarketing.evaluation.monitoring.challenge import challenge
    from smarketing.scoring.cache import Cache
    from smarketing.scoring.champion import keep_model, kept_card
    from smarketing.scoring.models.registry import MODELS
    from smarketing.scoring.population import build_population

    one_of("model", model, tuple(MODELS))
    before = kept_card(space.path)
    with space.warehouse() as warehouse:
        population = build_population(warehouse, space.agreement)
        judged = challenge(
            population,
            space.agreement,
            before.model if before else AGREED,
            model,
            before.known_until if before else "",
            Cache(space.cache / "backtest"),
        )
        if before and not (judged.won or replace):
            raise SmarketingError(
                Problem(
                    f"the {before.model} model stays",
                    "models/champion",
                    found=judged.choice.reason,
                    todo="Add --replace to keep the other all the same.",
                )
            )
        card = keep_model(
            space.path, population, space.agreement, model, warehouse.fingerprint, judged.metrics
        )
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
    from smarketing.scoring.card_export import export_scorecard

    one_of("format", form, ("sql", "yaml", "table"))
    space = Folder.open(workspace)
    with space.warehouse() as warehouse:
        card, grades = _card(warehouse, space.agreement, model, None)
        text = export_scorecard(
            warehouse, space.agreement, card=card, form=form, dialect=dialect, grades=grades
        )
    if as_json:
        say(True, {"format": form, "dialect": dialect if form == "sql" else None, "text": text})
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")


def _card(
    warehouse: Warehouse, agreement: Agreement, model: str, at: pd.Timestamp | None
) -> tuple[Scorecard | None, Grades | None]:
    """Return the card asked for with its grades; None for the agreement's own."""
    from smarketing.scoring.learning import learn_scorecard
    from smarketing.scoring.population import build_population

    one_of("model", model, (AGREED, LEARNED))
    if model == AGREED:
        return None, None
    population = build_population(warehouse, agreement)
    learned = learn_scorecard(population, agreement, at or population.data_until)
    return learned.card, learned.grades
