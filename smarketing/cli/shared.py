"""What all commands share: the app, how arguments are read and how answers are said."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from smarketing.errors import Problem, UsageError
from smarketing.language.numbers import column_texts
from smarketing.results import Result, plain

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
Engine = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        envvar="SMARKETING_ENGINE",
        help="Ask there: duckdb://FILE, postgresql://HOST/DATABASE, pyspark://; "
        "$NAME in it stands for the environment's.",
    ),
]
ReportsFolder = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the report; WORKSPACE/reports if left out."
    ),
]
Month = Annotated[str, typer.Option(metavar="YYYY-MM", help="The month; the latest if left out.")]


def say(as_json: bool, answer: Result | dict[str, Any], *parts: str | pd.DataFrame) -> None:
    """Print the answer: as JSON, or the parts in words and tables."""
    if as_json:
        data = answer.to_dict() if isinstance(answer, Result) else plain(answer)
        sys.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
        return
    for part in parts:
        if isinstance(part, pd.DataFrame):
            out.print(_table(part))
        elif part:
            # into a file or a pipe, a path or a sentence is one line
            out.print(part, soft_wrap=not out.is_terminal)


def meanwhile(what: str) -> None:
    """Say on stderr what takes a while, so that nobody thinks it hangs."""
    sys.stderr.write(f"{what}\n")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """Show how far a long run is, on stderr; nothing where nobody looks on."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of, now: bar.update(
            task, completed=done, total=of, description=f"{what}: {now}"
        )


def _table(frame: pd.DataFrame) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in frame.columns:
        right = pd.api.types.is_numeric_dtype(frame[column])
        table.add_column(str(column).replace("_", " "), justify="right" if right else "left")
    for row in zip(*(column_texts(column) for _, column in frame.items()), strict=True):
        table.add_row(*row)
    return table


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse an option's value that is none of those allowed."""
    if value not in allowed:
        raise UsageError(
            Problem(f"--{name} is not known", found=repr(value), allowed=", ".join(allowed))
        )
