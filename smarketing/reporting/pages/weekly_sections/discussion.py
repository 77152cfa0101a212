"""What the week's meeting talks about: examples, claims, decisions, questions left open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from smarketing.funnel.claims.check import Claims
from smarketing.language.catalogue import tr
from smarketing.language.numbers import count, day
from smarketing.language.plurals import trn
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.claim_tables import claims_table, claims_title
from smarketing.reporting.pages.weekly_sections.short_lists import short_list
from smarketing.reporting.pages.wording import some_of


def examples(strong: pd.DataFrame, weak: pd.DataFrame, campaigns: pd.DataFrame, why: str) -> Html:
    """Return hand-overs that fit well and badly, with their reasons, and campaigns that changed."""
    pieces = [heading(tr("What sales hears"))]
    if why:
        pieces.append(unanswered(why))
    elif strong.empty:
        few = tr("Fewer than two hand-overs of the last four weeks are open.")
        pieces.append(paragraph(few))
    labels = {
        "lead_id": tr("Lead"),
        "grade": tr("Grade"),
        "handed_at": tr("Handed over"),
        "reasons_for": tr("Speaks for it"),
        "reasons_against": tr("Speaks against it"),
    }
    for rows, title in (
        (strong, tr("The best fit among recent hand-overs")),
        (weak, tr("The least fit among recent hand-overs")),
    ):
        if len(rows):
            dated = rows.assign(handed_at=[f"{at:%Y-%m-%d}" for at in rows.handed_at])
            pieces.append(table(dated, labels, caption=title))
    for change, own in campaigns.groupby("change"):
        names = some_of(own.campaign_id)
        if change == "started":
            text = tr("Campaigns that started: {campaigns}.", campaigns=names)
        else:
            text = tr("Campaigns that stopped: {campaigns}.", campaigns=names)
        pieces.append(paragraph(text))
    return joined(*pieces)


def claims(tested: Claims | None, raised: Mapping[str, date]) -> Html:
    """Return what the teams say about each other, tested: what was raised in a meeting first."""
    if tested is None or not tested.claims:
        return Html("")
    when = {name: tr("raised {day}", day=day(on)) for name, on in raised.items()}
    first = sorted(tested.claims, key=lambda claim: claim.name not in raised)
    note = tr(
        "Tested together; each sentence names its months. Write what is said in this meeting under "
        "claims: in its file, and it stands first here."
    )
    return joined(heading(claims_title(first)), claims_table(first, when), paragraph(note, "note"))


def decisions(actions: pd.DataFrame) -> Html:
    """Return what earlier meetings decided and is not done, and where to write what is decided."""
    how = paragraph(
        tr(
            "Write what this meeting decides into meetings/YYYY-MM-DD.yml of the workspace: the "
            "date, and actions with what, owner, due and done."
        ),
        "note",
    )
    if actions.empty:
        return heading(tr("Nothing is carried over")) + how
    title = trn(
        "{n} action carried over, {late} of them late",
        "{n} actions carried over, {late} of them late",
        len(actions),
        late=count((actions.overdue_days > 0).sum()),
    )
    dated = actions.assign(due=actions.due.map(day), since=actions.since.map(day))
    labels = {
        "what": tr("What"),
        "owner": tr("Who"),
        "due": tr("Due"),
        "overdue_days": tr("Days late"),
        "since": tr("Decided"),
    }
    return joined(heading(title), short_list(dated, labels), how)


def not_answered(cannot: Mapping[str, str]) -> Html:
    """Return what the tables could not answer, one sentence each."""
    if not cannot:
        return Html("")
    return heading(tr("What could not be answered")) + bullets(cannot.values())
