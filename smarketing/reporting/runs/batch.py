"""Many reports in one run: what was missed or changed, side by side, each for itself."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from smarketing.clock import check_month, months_between
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.periods import UNDATED
from smarketing.reporting.html.branding import brand_of
from smarketing.reporting.pages.index import write_index
from smarketing.reporting.runs.exclusive import one_run_at_a_time
from smarketing.reporting.runs.job import Job, own_language, period_of, plan_job
from smarketing.reporting.runs.log import log_run
from smarketing.reporting.runs.manifest import SUFFIX
from smarketing.reporting.runs.pdf import write_pdf
from smarketing.reporting.runs.render import Rendered, render

Done = Callable[[Job, Rendered | None], None]


def render_reports(
    workspace: str | Path,
    month: str = "",
    since: str = "",
    week: str = "",
    kind: str = "monthly",
    language: str | Sequence[str] = "",
    out: Path | None = None,
    *,
    notebook: Path | None = None,
    again: bool = False,
    pdf: bool = False,
    workers: int | None = None,
    done: Done | None = None,
    plan: Callable[[Sequence[Job]], None] | None = None,
) -> list[Rendered]:
    """Render one period, or several, oldest first; pages whose inputs did not change stay.

    Without a month: the latest, and every month since the last one published that was missed.
    With ``since``: all months from it on that changed. Several are rendered side by side. One
    that fails does not stop the others. Each leaves a line in ``runs.jsonl``, and the index of
    the folder is written anew.

    Parameters
    ----------
    workspace : str or Path
    month, since, week : str
        "YYYY-MM", "YYYY-MM", "YYYY-Www".
    kind : {"monthly", "weekly"}
    language : str or sequence of str
        One or several; empty is the agreement's own.
    out : Path, optional
        Folder for the reports; the workspace's own by default.
    notebook : Path, optional
        A notebook of one's own instead of the project's.
    again : bool
        Render what has not changed as well.
    pdf : bool
        Write each page as PDF as well.
    workers : int, optional
        How many at once; as many as there are processors by default.
    done : callable, optional
        Called with each job as it ends, and with what came of it (None: it failed).
    plan : callable, optional
        Called once with all jobs before the first begins.

    Raises
    ------
    UsageError
        For what does not exist or does not fit together; nothing is rendered.
    SmarketingError
        If one or more reports failed: every reason. The others are published.
    """
    _check_together(kind, month, since, week)
    languages = [language] if isinstance(language, str) else list(language) or [""]
    periods = _periods(workspace, month, since, week, kind, out)
    jobs = [
        plan_job(workspace, period or None, kind=kind, language=each, out=out, notebook=notebook)
        for period in periods
        for each in languages
    ]
    folder = jobs[0].folder
    brand = brand_of(jobs[0].place)  # what is wrong with it is told before anything is rendered
    with one_run_at_a_time(folder):
        if plan:
            plan(jobs)
        rendered, problems = _run_all(jobs, not again, workers or os.cpu_count() or 1, done)
        try:
            write_index(folder, own_language(jobs[0].place), brand)
            for each in rendered if pdf else ():
                write_pdf(each.html)
        except OSError as error:
            problems.append(_unwritten(error, folder))
    if problems:
        raise SmarketingError(problems)
    return rendered


def _run_all(
    jobs: Sequence[Job], changed_only: bool, workers: int, done: Done | None
) -> tuple[list[Rendered], list[Problem]]:
    came: dict[int, Rendered] = {}
    problems: dict[int, tuple[Problem, ...]] = {}
    for number, outcome, seconds in _outcomes(jobs, changed_only, workers):
        job = jobs[number]
        if isinstance(outcome, Rendered):
            came[number] = outcome
            _log(job, outcome.status, seconds)
        else:
            problems[number] = outcome.problems
            _log(job, "failed", seconds, str(outcome))
        if done:
            done(job, came.get(number))
    return (
        [came[number] for number in sorted(came)],
        [problem for number in sorted(problems) for problem in problems[number]],
    )


def _log(job: Job, status: str, seconds: float, error: str = "") -> None:
    about = {"workspace": job.place.name, "kind": job.kind, "period": job.period}
    page = job.html.name
    log_run(job.folder, {**about, "language": job.language}, status, seconds, page, error)


def _outcomes(
    jobs: Sequence[Job], changed_only: bool, workers: int
) -> Iterable[tuple[int, Rendered | SmarketingError, float]]:
    if len(jobs) == 1 or workers == 1:
        for number, job in enumerate(jobs):
            yield number, *_timed(job, changed_only)
        return
    # spawned, not forked: the caller may hold threads and open databases
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        waiting = {pool.submit(_timed, job, changed_only): n for n, job in enumerate(jobs)}
        for future in as_completed(waiting):
            number = waiting[future]
            try:
                yield number, *future.result()
            except (OSError, RuntimeError) as error:  # killed; BrokenProcessPool is the latter
                yield number, _died(jobs[number], error), 0.0


def _unwritten(error: OSError, folder: Path) -> Problem:
    return Problem(
        f"the index or a PDF cannot be written: {error.strerror or error}",
        str(folder),
        todo="The pages themselves are whole.",
    )


def _died(job: Job, error: Exception) -> SmarketingError:
    return SmarketingError(
        Problem(
            f"the report of {job.period} was not rendered: its process died "
            f"({type(error).__name__}), most often for lack of memory",
            todo="Run again with fewer at once.",
        )
    )


def _timed(job: Job, changed_only: bool) -> tuple[Rendered | SmarketingError, float]:
    start = time.monotonic()
    try:
        outcome: Rendered | SmarketingError = render(job, changed_only)
    except SmarketingError as error:
        outcome = SmarketingError(error.problems)  # plain, so that it can be handed over
    return outcome, time.monotonic() - start


def _periods(
    workspace: str | Path, month: str, since: str, week: str, kind: str, out: Path | None
) -> list[str]:
    """Return what is to be rendered: one period as asked, or the months that are missing."""
    if kind == "weekly" or month:
        return [week or month]
    place = Folder.open(workspace)
    latest = period_of(place, None, "monthly")
    if latest == UNDATED:
        if since:
            period_of(place, since, "monthly")
        return [latest]
    if since:
        months = months_between(check_month(since, "since"), latest)
        if not months:
            raise UsageError(
                Problem("the data ends before that month", found=since, allowed=f"up to {latest}")
            )
        return months
    published = _published(Path(out) if out else place.reports)
    earlier = [each for each in published if each < latest]
    if not earlier:
        return [latest]
    return months_between(earlier[-1], latest)[1:]


def _published(folder: Path) -> list[str]:
    names = (p.name for p in folder.glob(f"monthly-????-??{SUFFIX}"))
    return sorted(name.removeprefix("monthly-").removesuffix(SUFFIX) for name in names)


def _check_together(kind: str, month: str, since: str, week: str) -> None:
    if kind == "weekly" and (month or since):
        raise UsageError(Problem("a weekly page takes a week, not a month", allowed="week"))
    if kind != "weekly" and week:
        raise UsageError(Problem("a week is for weekly pages", allowed='kind="weekly"'))
    if month and since:
        raise UsageError(Problem("name a month, or since when, not both"))
