"""The face of a workspace: every question that can be asked of a company's folder."""

from __future__ import annotations

from pathlib import Path

from smarketing.folder import Folder
from smarketing.opened import Opened
from smarketing.questions import of_agreement, of_cards, of_data, of_reports, of_scores


class Workspace(Opened):
    """One company's folder, opened; each method answers one question.

    It holds warehouse, agreement, population and cache by itself, as a context manager or without
    one. Two can be open on the same folder at once.

    Parameters
    ----------
    folder : Folder or str or pathlib.Path
        The folder that holds sources.yml, agreement.yml and the exports in raw/.
    agreement : Agreement, optional
        Instead of the one in agreement.yml; see :meth:`varied`.

    Raises
    ------
    UsageError
        If the folder is no workspace.

    Examples
    --------
    >>> import smarketing
    >>> with smarketing.open("data/demo") as ws:
    ...     ws.latest_month()
    '2026-10'
    """

    # Each verb lives in the file of its subject and becomes a method by one assignment.
    ingest = of_data.ingest
    counts = of_data.counts
    audit = of_data.audit
    losses = of_data.losses
    odd_cases = of_data.odd_cases
    forget = of_data.forget

    score = of_scores.score
    crm_import = of_scores.crm_import
    explain = of_scores.explain
    compare = of_scores.compare
    monitor = of_scores.monitor
    card_history = of_scores.card_history

    lint = of_cards.lint
    what_if = of_cards.what_if
    learn = of_cards.learn
    challenge = of_cards.challenge
    champion = of_cards.champion
    keep_model = of_cards.keep_model
    export = of_cards.export

    recommend = of_agreement.recommend
    next_agreement = of_agreement.next_agreement
    propose = of_agreement.propose
    pending_changes = of_agreement.pending_changes
    accept = of_agreement.accept
    roll_back = of_agreement.roll_back
    note_review = of_agreement.note_review
    agreement_history = of_agreement.agreement_history
    overdue_review = of_agreement.overdue_review
    sales_half = of_agreement.sales_half

    latest_month = of_reports.latest_month
    funnel = of_reports.funnel
    crm_against_line = of_reports.crm_against_line
    monthly_report = of_reports.monthly_report
    weekly_report = of_reports.weekly_report
    report = of_reports.report
    worklist = of_reports.worklist
    tune_lines = of_reports.tune_lines


def open_workspace(path: str | Path) -> Workspace:
    """Open a workspace: the folder with sources.yml, agreement.yml and the exports in raw/.

    A relative path is looked for in this folder and in those above it: papermill runs a notebook
    in its caller's folder, JupyterLab in the notebook's own, and ``data/demo`` is found from both.

    Parameters
    ----------
    path : str or pathlib.Path
        The folder.

    Returns
    -------
    Workspace
        Open; its files are read when first asked for.

    Raises
    ------
    UsageError
        If there is no such folder, or it holds no sources.yml.

    Examples
    --------
    >>> import smarketing
    >>> smarketing.open("data/demo").name
    'demo'
    """
    wanted = Path(path).expanduser()
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / wanted / "sources.yml").is_file():
            return Workspace(Folder.open(folder / wanted))
    return Workspace(Folder.open(wanted))
