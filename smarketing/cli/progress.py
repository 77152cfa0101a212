"""How far a long run has come: a bar on a terminal, nothing where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from smarketing.reporting.runs.job import Job
    from smarketing.reporting.runs.render import Rendered


class Watched:
    """Shows reports as they are rendered.

    Parameters
    ----------
    progress : rich.progress.Progress
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Rendering", total=None)

    def plan(self, jobs: Sequence[Job]) -> None:
        """Begin with as many reports as there are."""
        what = jobs[0].period if len(jobs) == 1 else f"{len(jobs)} reports"
        self._progress.update(self._task, total=len(jobs), description=f"Rendering {what}")

    def done(self, job: Job, rendered: Rendered | None) -> None:
        """Count a report that ended."""
        how = "failed" if rendered is None else rendered.status
        self._progress.update(self._task, advance=1, description=f"{job.period} {how}")


@contextmanager
def watched() -> Iterator[Watched]:
    """Show progress on stderr while reports are rendered, if somebody sits before it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield Watched(bar)
