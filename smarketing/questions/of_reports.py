"""Questions that end in something to read or to do: funnel, reports, work lists, the tuner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smarketing.errors import CannotAnswer
from smarketing.opened import Opened

if TYPE_CHECKING:
    from smarketing.actions.work_lists import WorkLists
    from smarketing.evaluation.monitoring.crm_against_line import AgainstLine
    from smarketing.funnel.closed_loop import ClosedLoop
    from smarketing.planning.recommended import Recommendation
    from smarketing.reporting.pages.monthly import MonthlyPage
    from smarketing.reporting.pages.weekly import WeeklyPage
    from smarketing.reporting.runs.render import Job, Rendered
    from smarketing.scoring.population import Population


def latest_month(self: Opened) -> str:
    """Return the last whole month of the data, which reports are about by default.

    Returns
    -------
    str
        "YYYY-MM".

    Raises
    ------
    CannotAnswer
        If the tables have no dates.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.latest_month()
    '2026-10'
    """
    from smarketing.periods import latest_month as ask

    return ask(self.warehouse, self.agreement.timezone)


def funnel(
    self: Opened, month: str = "", *, engine: str = "duckdb://", grades: bool = False
) -> ClosedLoop:
    """Follow the leads from first touch to revenue: counts, rates, velocity, SLA, claims.

    Parameters
    ----------
    month : str
        "YYYY-MM"; the latest if empty.
    engine : str
        Where to ask: ``duckdb://`` is the warehouse itself; ``postgresql://…``, ``pyspark://…``.
    grades : bool
        Also by grade at the hand-over, which takes scores.

    Returns
    -------
    ClosedLoop
        What the tables cannot answer stands in ``cannot``; the rest is there.

    Raises
    ------
    UsageError
        If it is no month, or no address of an engine.
    CannotAnswer
        If the data says nothing of the month; or if the leads have neither dates nor outcome.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.funnel("2026-10").month
    '2026-10'
    """
    from smarketing.funnel.closed_loop import closed_loop
    from smarketing.scoring.engines.table_copy import on_engine
    from smarketing.scoring.population import grades_of

    agreement = self.agreement_in(month)
    of_leads = grades_of(self._population(agreement)) if grades else None
    with on_engine(engine, self.warehouse) as tables:
        return closed_loop(tables, agreement, month or None, of_leads)


def crm_against_line(self: Opened, month: str) -> AgainstLine:
    """Hold what the CRM handed over in a month against what the SQL threshold says: two by two.

    Parameters
    ----------
    month : str
        "YYYY-MM".

    Returns
    -------
    AgainstLine
        The two by two, and the leads on which the two differ.

    Raises
    ------
    CannotAnswer
        If no lead was scored in the month.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.crm_against_line("2026-10").month
    '2026-10'
    """
    from smarketing.evaluation.monitoring.crm_against_line import against_line

    agreement = self.agreement_in(month)
    return against_line(self.warehouse, agreement, month, self._population(agreement))


def monthly_report(self: Opened, month: str = "", language: str = "en") -> MonthlyPage:
    """Gather what the monthly report says; shown in a notebook, it is the first screen.

    Parameters
    ----------
    month : str
        "YYYY-MM"; the latest whole month if empty.
    language : str
        A language the pages speak, such as ``en`` or ``da``.

    Returns
    -------
    MonthlyPage
        Each section of the page is a method.

    Raises
    ------
    UsageError
        If it is no month, or the language is not spoken.
    CannotAnswer
        If the data says nothing of the month.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("data/demo").monthly_report("2026-10").title
    'Nordlys Software · Sales and marketing, October 2026'
    """
    from smarketing.reporting.pages.monthly import monthly_report as gather

    return gather(self.folder, month, language)


def weekly_report(self: Opened, week: str = "", language: str = "en") -> WeeklyPage:
    """Gather what the weekly meeting talks about; shown in a notebook, it is the page's head.

    Parameters
    ----------
    week : str
        "YYYY-Www"; the data's last if empty.
    language : str
        A language the pages speak, such as ``en`` or ``da``.

    Returns
    -------
    WeeklyPage
        Each section of the page is a method.

    Raises
    ------
    UsageError
        If it is no week, or the language is not spoken.
    CannotAnswer
        If the tables have no dates, or no lead had come by the end of the week.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("data/demo").weekly_report("2026-W43").week
    '2026-W43'
    """
    from smarketing.reporting.pages.weekly import weekly_report as gather

    return gather(self.folder, week, language)


def report(
    self: Opened,
    month: str = "",
    *,
    since: str = "",
    week: str = "",
    kind: str = "monthly",
    language: str | Sequence[str] = "",
    out: Path | None = None,
    again: bool = False,
    pdf: bool = False,
    workers: int | None = None,
    plan: Callable[[Sequence[Job]], None] | None = None,
    done: Callable[[Job, Rendered | None], None] | None = None,
) -> list[Rendered]:
    """Render reports as HTML files without code, with a manifest beside each.

    Without a month: the latest, and those missed since the last one published. Pages made from
    the same data, agreement and code are left as they are.

    Parameters
    ----------
    month, since, week : str
        "YYYY-MM"; all months from "YYYY-MM" on; "YYYY-Www", for weekly reports.
    kind : {"monthly", "weekly"}
    language : str or sequence of str
        One or several; the agreement's own if empty.
    out : pathlib.Path, optional
        Folder for the reports; ``reports/`` in the workspace if left out.
    again : bool
        Render also what has not changed.
    pdf : bool
        Write each page as PDF as well.
    workers : int, optional
        How many at once; as many as there are processors if left out.
    plan, done : callable, optional
        Told of all jobs before the first begins; of each as it ends (None: it failed).

    Returns
    -------
    list of Rendered
        One per page, with the paths of its files and whether it changed.

    Raises
    ------
    UsageError
        For what does not exist or does not fit together; nothing is rendered.
    SmarketingError
        If one or more reports failed: every reason. The others are published.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("data/demo").report("2026-10")[0].html.name  # doctest: +SKIP
    'monthly-2026-10.html'
    """
    from smarketing.questions.of_cards import one_of
    from smarketing.reporting.runs.batch import render_reports

    one_of("kind", kind, ("monthly", "weekly"))
    return render_reports(
        self.path,
        month=month,
        since=since,
        week=week,
        kind=kind,
        language=language,
        out=out,
        again=again,
        pdf=pdf,
        workers=workers,
        plan=plan,
        done=done,
    )


def worklist(self: Opened, week: str = "") -> WorkLists:
    """List for each rep the leads to work in a week, what is worth most first, up to capacity.

    Only what was known when the week began is used.

    Parameters
    ----------
    week : str
        "YYYY-Www"; the data's last if empty.

    Returns
    -------
    WorkLists
        ``.write(folder)`` makes one CSV file per rep.

    Raises
    ------
    UsageError
        If it is no week.
    CannotAnswer
        If the tables have no dates.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.worklist("2026-W44").week
    '2026-W44'
    """
    from smarketing.actions.work_lists import list_week

    return list_week(self.folder, week)


def tune_lines(
    self: Opened,
    recommendation: Recommendation,
    *,
    population: Population | None = None,
    as_of: str = "",
) -> Any:
    """Return sliders to try thresholds, capacities and terms by hand, for JupyterLab.

    Parameters
    ----------
    recommendation : Recommendation
        From :meth:`recommend`, of the same population and moment.
    population : Population, optional
        A part of the leads, from :meth:`population`.
    as_of : str
        As given to :meth:`recommend`.

    Returns
    -------
    ipywidgets.Widget
        The sliders with their figure and table.

    Raises
    ------
    CannotAnswer
        If no thresholds could be recommended: the sentence says why.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:  # doctest: +SKIP
    ...     ws.tune_lines(ws.recommend())
    """
    from smarketing.interactive.fits import judged_rows
    from smarketing.interactive.panel import line_tuner

    thresholds = recommendation.thresholds
    if thresholds is None:
        raise CannotAnswer(recommendation.cannot["thresholds"])
    people = self.population() if population is None else population
    at = self.moment(as_of)
    rows = judged_rows(self.warehouse, people, self.agreement, thresholds, at)
    return line_tuner(thresholds, self.path, rows, at or people.data_until)
