"""Questions about the data: what was read, what it lacks, whom it forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarketing.opened import Opened

if TYPE_CHECKING:
    import pandas as pd

    from smarketing.evaluation.audit.data_audit import Audit
    from smarketing.funnel.flow.loss_audit import LossAudit
    from smarketing.warehouse.forgetting import Forgetting
    from smarketing.warehouse.ingesting.report import IngestReport


def ingest(self: Opened, *, accept_loss: bool = False) -> IngestReport:
    """Build the warehouse from the raw exports: all or nothing.

    The workspace answers from the new warehouse afterwards. Others that were opened on it before
    refuse their next question, and say so.

    Parameters
    ----------
    accept_loss : bool
        Whether it may keep fewer than half of the leads that the last one kept.

    Returns
    -------
    IngestReport
        Rows accepted, rejected and merged per table, with notes.

    Raises
    ------
    SmarketingError
        With every mistake of sources.yml and the exports at once, or if few leads would be left;
        the old warehouse stands.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open(my_company).ingest().frame().columns.tolist()[:2]
    ['table_name', 'accepted']
    """
    from smarketing.warehouse.ingesting.run import ingest as build

    self.close()
    return build(self.path, accept_loss=accept_loss)


def counts(self: Opened) -> pd.DataFrame:
    """Return the rows read per table.

    Returns
    -------
    pandas.DataFrame
        ``table_name``, ``accepted``, ``rejected``, ``excluded``, ``merged``.

    Raises
    ------
    SmarketingError
        If there is no warehouse yet.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     list(ws.counts().columns)
    ['table_name', 'accepted', 'rejected', 'excluded', 'merged']
    """
    return self.warehouse.counts()


def audit(self: Opened) -> Audit:
    """Say what the tables lack, which columns leak the outcome, and what is too young to judge.

    Returns
    -------
    Audit
        Columns with their verdicts, what is too young, notes.

    Raises
    ------
    SmarketingError
        If there is no warehouse yet.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     "recent_deal_amount" in {leak["column"] for leak in ws.audit().leaks}
    True
    """
    from smarketing.evaluation.audit.data_audit import audit as ask

    return ask(self.warehouse, self.agreement)


def losses(self: Opened) -> LossAudit:
    """Tell what gets lost between the systems: rows on one side of a join and not on the other.

    Returns
    -------
    LossAudit
        One row per join and side, with examples.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     "examples" in ws.losses().frame()
    True
    """
    from smarketing.funnel.flow.loss_audit import loss_audit

    return loss_audit(self.warehouse)


def odd_cases(self: Opened) -> pd.DataFrame:
    """Tell what does not happen by the book, each kind with its count and its defined answer.

    Returns
    -------
    pandas.DataFrame
        One row per kind; ``examples`` holds ids of leads.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     len(ws.odd_cases()) > 0
    True
    """
    from smarketing.funnel.flow.oddities import odd_cases as ask

    return ask(self.warehouse, self.agreement)


def forget(self: Opened, lead: str) -> Forgetting:
    """Remove a person for good: from warehouse, history and what models learn from.

    Parameters
    ----------
    lead : str
        The lead's id in the CRM.

    Returns
    -------
    Forgetting
        What was removed, and which files made earlier name the id.

    Raises
    ------
    UsageError
        If no lead has this id.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open(my_company) as ws:
    ...     lead = ws.score().frame().lead_id.iloc[0]
    ...     rows = ws.forget(lead).frame()
    ...     bool(ws.score().frame().lead_id.eq(lead).any())
    False
    """
    from smarketing.warehouse.forgetting import forget as remove

    self.close()
    return remove(self.path, lead, [self.reports])
