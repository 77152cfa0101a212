"""The weekly page and the index in other languages: nothing of theirs stays English."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pandas as pd
import pytest
from pseudo import LANGUAGE, speaking_pseudo, untranslated

from smarketing.folder import Folder
from smarketing.language.numbers import SPACE
from smarketing.reporting.pages.weekly import WeeklyPage, weekly_report
from tests.conftest import ONE_WORKER

pytestmark = ONE_WORKER
WEEK = "2026-W44"
PARTS = (
    "head", "promises_broken", "stages", "given_back", "late_list", "lacking_list", "stuck_list",
    "examples", "claims", "decisions", "not_answered",
)  # fmt: skip


@pytest.fixture(scope="module")
def made_up_language(demo) -> WeeklyPage:
    with speaking_pseudo():
        return weekly_report(Folder.open(demo), WEEK, LANGUAGE)


@pytest.fixture(scope="module")
def danish(demo) -> WeeklyPage:
    return weekly_report(Folder.open(demo), WEEK, "da")


@pytest.fixture(scope="module")
def campaigns(demo) -> list[str]:
    with Folder.open(demo).warehouse() as warehouse:
        return warehouse.table("campaigns").execute().name.tolist()


def words_of_data(report: WeeklyPage, campaigns: list[str]) -> set[str]:
    """Return what the page shows of the data and of the agreement's own texts."""
    met, agreement = report.meeting, report.agreement
    back = met.given_back
    known = [*campaigns, report.company, agreement.currency, agreement.handover.escalate_to]
    columns = [back.reason, back.source, back.persona, report.late.owner_id, report.stuck.owner,
               met.campaigns.campaign_id, met.lacking.lacks.str.split(", ").explode()]  # fmt: skip
    reasons = [rows[c] for rows in (report.strong, report.weak)
               for c in ("reasons_for", "reasons_against")]  # fmt: skip
    rules = pd.concat(reasons).str.split("; ").explode().str.replace(r" [×+−-].*", "", regex=True)
    cells = chain.from_iterable(column.dropna() for column in (*columns, rules))
    return {str(word).replace("_", " ") for word in (*known, *cells) if word}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_translated(made_up_language, campaigns, part):
    with speaking_pseudo():
        shown = getattr(made_up_language, part)().markup
        assert untranslated(shown, words_of_data(made_up_language, campaigns)) == []


def test_its_message_and_title_are_translated(made_up_language):
    with speaking_pseudo():
        said = f"<p>{made_up_language.title} {made_up_language.message}</p>"
        assert untranslated(said, [made_up_language.company]) == []


def test_parts_that_have_nothing_to_say_are_translated(made_up_language, campaigns):
    report = made_up_language
    met = report.meeting
    empty = {name: getattr(met, name)[:0] for name in ("lacking", "given_back")}
    lists = ("late", "stuck", "evidence", "strong", "weak")
    quiet = replace(
        report,
        meeting=replace(met, **empty, unassigned=("17",)),
        **{name: getattr(report, name)[:0] for name in lists},
    )
    with speaking_pseudo():
        shown = "".join(getattr(quiet, part)().markup for part in PARTS)
        assert untranslated(shown, words_of_data(report, campaigns)) == []


def test_a_danish_week_reads_as_danes_write(danish):
    assert danish.message.replace(SPACE, " ") == (
        "Marketing holdt 3 af 3 løfter, salg holdt 2 af 4 løfter; "
        "8 overdragelser har overskredet et løfte."
    )
    head = danish.head().markup.replace(SPACE, " ")
    assert "26. okt. 2026 til 31. okt. 2026 · aftale 3 · som kendt dengang" in head
    assert ">4,5<" in head
    assert ">bagud ▼<" in head
    assert "2 leads afvist, 12 leads genoptaget, 28 leads diskvalificeret og 1 handel tabt i" in (
        danish.given_back().markup
    )


def test_key_figures_keep_their_codes_in_every_language(danish):
    figures = danish.to_dict()
    assert {p["verdict"] for p in figures["promises"]} == {"kept", "broken"}
    assert "rejected" in figures["given_back"]
