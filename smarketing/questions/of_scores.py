"""Questions about scores: of every open lead, of models against each other, month by month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from smarketing.opened import Opened
from smarketing.questions.of_cards import AGREED, card_and_grades, one_of

if TYPE_CHECKING:
    from smarketing.actions.crm_import import CrmImport
    from smarketing.evaluation.comparison.card_history import CardHistory
    from smarketing.evaluation.comparison.result import Comparison
    from smarketing.evaluation.monitoring.monthly_look import Monitor
    from smarketing.scoring.lead import LeadScore
    from smarketing.scoring.population import Population
    from smarketing.scoring.scores import Scores

Progress = Callable[[int, int, str], None]
LINES = ("sql", "mql")


def score(
    self: Opened, as_of: str = "", model: str = AGREED, *, engine: str = "duckdb://"
) -> Scores:
    """Score the open leads: points, grade, probability and reasons for each.

    Parameters
    ----------
    as_of : str
        As known at the end of this local day, or at this time; the data's end if empty.
    model : str
        ``agreed``, ``card``, ``logistic``, ``boosted``, ``status_quo``, or ``kept``.
    engine : str
        Where to ask: ``duckdb://`` is the warehouse itself; ``postgresql://…``, ``pyspark://…``.

    Returns
    -------
    Scores
        One row per open lead, best first.

    Raises
    ------
    UsageError
        If it is no day, model or address.
    CannotAnswer
        If nothing was known yet to learn a model from.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.score(as_of="2026-09-30").frame().grade.max()
    'C3'
    """
    from smarketing.scoring.engines.table_copy import on_engine
    from smarketing.scoring.scores import score_leads

    at = self.moment(as_of)
    with on_engine(engine, self.warehouse) as tables:
        return score_leads(
            self.warehouse, self.agreement, as_of=at, model=model, on=tables, folder=self.path
        )


def crm_import(self: Opened, scores: Scores, crm: str) -> CrmImport:
    """Turn scores into the file that a CRM imports.

    Parameters
    ----------
    scores : Scores
        From :meth:`score`.
    crm : {"hubspot", "salesforce"}
        Whose import it is for.

    Returns
    -------
    CrmImport
        Its ``.frame()`` is the file, its notes say what the CRM does with it.

    Raises
    ------
    UsageError
        If the CRM is not known.
    CannotAnswer
        If the leads carry no id that the CRM knows.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.crm_import(ws.score(), "hubspot").frame().columns[0]
    'Record ID'
    """
    from smarketing.actions.crm_import import CRMS
    from smarketing.actions.crm_import import crm_import as make

    one_of("crm", crm, tuple(CRMS))
    return make(self.folder, scores, crm)


def explain(self: Opened, lead: str, as_of: str = "", model: str = AGREED) -> LeadScore:
    """Show where one open lead's score comes from, rule by rule, and how it went.

    Parameters
    ----------
    lead : str
        Its id in the CRM.
    as_of : str
        As in :meth:`score`.
    model : {"agreed", "card"}
        The agreed scorecard, or one learned from history.

    Returns
    -------
    LeadScore
        The score, the rules that made it, and its history.

    Raises
    ------
    UsageError
        If no lead has this id.
    CannotAnswer
        If the lead is not open at that moment.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     lead = ws.score().frame().lead_id.iloc[0]
    ...     answer = ws.explain(lead)
    ...     bool(answer.frame().points.sum() >= answer.score["score"])
    True
    """
    from smarketing.scoring.lead import explain_lead

    at = self.moment(as_of)
    card, grades = card_and_grades(self, model, at)
    return explain_lead(self.warehouse, self.agreement, lead, at, card, grades)


def compare(
    self: Opened,
    models: Sequence[str] | None = None,
    line: str = "sql",
    *,
    population: Population | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Judge the agreed scorecard and the learned models on the same later leads.

    Parameters
    ----------
    models : sequence of str, optional
        By default ``agreed``, ``card``, ``logistic`` and ``boosted``.
    line : {"sql", "mql"}
        Whose target is predicted.
    population : Population, optional
        A part of the leads, from :meth:`population`.
    progress : callable, optional
        Told how far it is: done, of how many, what is being done.

    Returns
    -------
    Comparison
        One row per model, differences with their intervals, and a verdict.

    Raises
    ------
    UsageError
        If there is no such model or threshold.
    CannotAnswer
        If too few outcomes are known.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.compare(["agreed", "logistic"]).frame().name.tolist()
    ['agreed', 'logistic']
    """
    from smarketing.evaluation.comparison.model_comparison import compare as judge

    one_of("line", line, LINES)
    people = self.population() if population is None else population
    return judge(people, self.agreement, line, models, progress=progress, cache=self.cache)


def monitor(
    self: Opened,
    month: str = "",
    line: str = "sql",
    *,
    population: Population | None = None,
    comparison: Comparison | None = None,
    progress: Progress | None = None,
) -> Monitor:
    """Say what moved since the month before, whether the threshold still holds, what to propose.

    Parameters
    ----------
    month : str
        "YYYY-MM"; the latest if empty.
    line : {"sql", "mql"}
        Which threshold is watched.
    population : Population, optional
        A part of the leads, from :meth:`population`.
    comparison : Comparison, optional
        From :meth:`compare`; made if left out.
    progress : callable, optional
        As in :meth:`compare`.

    Returns
    -------
    Monitor
        What moved, the state of the threshold, proposals in sentences.

    Raises
    ------
    UsageError
        If it is no month or threshold.
    CannotAnswer
        Without dates, or if there is no earlier month to hold the month against.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.monitor("2026-10", comparison=ws.compare(["agreed", "logistic"])).before
    '2026-09'
    """
    from smarketing.evaluation.monitoring.monthly_look import monitor as look

    one_of("line", line, LINES)
    agreement = self.agreement_in(month)
    people = self._population(agreement) if population is None else population
    if comparison is None:
        from smarketing.evaluation.comparison.model_comparison import compare as judge

        comparison = judge(people, agreement, line, progress=progress, cache=self.cache)
    return look(people, agreement, month, line, comparison, self.cache)


def card_history(self: Opened, population: Population | None = None) -> CardHistory:
    """Tell how leads of each score, grade and rule of the agreed scorecard went on to do.

    Parameters
    ----------
    population : Population, optional
        A part of the leads, from :meth:`population`.

    Returns
    -------
    CardHistory
        Conversion by score, by grade and by rule.

    Raises
    ------
    CannotAnswer
        If no lead is old enough to know how it ended.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.card_history().by_grade.columns.tolist()
    ['grade', 'leads', 'won', 'rate', 'low', 'high']
    """
    from smarketing.evaluation.comparison.card_history import card_history as look

    people = self.population() if population is None else population
    return look(people, self.warehouse, self.agreement)
