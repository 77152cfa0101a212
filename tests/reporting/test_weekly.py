"""The weekly page, checked line by line on the company of the work lists; and what is carried."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from smarketing.errors import SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.reporting.pages.weekly import WeeklyPage, weekly_report
from smarketing.reporting.pages.weekly_sections.short_lists import MOST
from tests.page_texts import lines
from tests.worlds.worklist_company import AGREED, WEEK, write_company

HEADS = (
    "Side | Promise | Promised, by the week | By the season | This week | Month so far | Verdict"
)
CANNOT = (
    "Whether hand-overs came with phone_known, need cannot be said: the leads have no such column."
)

MEETINGS = {
    "2026-01-05.yml": """\
date: 2026-01-05
actions:
  - {what: Call u, owner: Ida, due: 2026-01-10}
  - {what: Mend the form, owner: Bo, due: 2026-01-09, done: true}
  - {what: <b>Raise the line</b>, owner: Ida}
  - {what: Ask the fair, owner: Bo, due: 2026-01-30}
""",
    "2026-01-12.yml": """\
date: 2026-01-12
claims: [sales_is_slow]
actions:
  - {what: call u, owner: Ida, due: 2026-01-16, done: false}
  - {what: Ask the fair, owner: Bo, done: true}
""",
    "2026-01-20.yml": "date: 2026-01-20\nactions: [{what: Later, owner: Ida}]\n",
}


def workspace(folder: Path) -> Folder:
    place = Folder(folder)
    vars(place)["agreement"] = AGREED  # what it would read from agreement.yml
    return place


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("weekly")
    write_company(folder / "warehouse.duckdb")
    (folder / "meetings").mkdir()
    for name, text in MEETINGS.items():
        (folder / "meetings" / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def report(folder) -> WeeklyPage:
    return weekly_report(workspace(folder), WEEK)


def test_the_week_against_the_promises(report):
    # 20 sales-ready leads promised in 31 days are 4.5 in a week: i and j came. By the 18th 11.6,
    # so 11 whole ones, are due, and nine came: a, b, c, d, e, h, i, j and u. The first contact is
    # due after 48 business hours: of a, c, d, h and u it fell due in this week, and a alone was
    # called; the follow-up of u fell due. There are deals, none of them won: no customer yet.
    assert lines(report.head()) == [
        "Made up · Sales and marketing, week 2026-W03",
        "12 Jan 2026 to 18 Jan 2026 · agreement 3 · as known then",
        "Marketing kept 0 of 1 promise, sales kept 0 of 3 promises; 3 hand-overs past a promise.",
        "What each side promised, and what fell due this week",
        HEADS,
        "Marketing | Sales-ready leads | 4.5 | – | 2 | 9, 11 due | behind ▼",
        "Marketing | Accepted by sales | 60 % | – | – | – | nothing fell due",
        "Sales | Customers | 1.1 | – | 0 | 0, 2 due | behind ▼",
        "Sales | First contact in time | 95 % | – | 1 of 5 (20 %) | – | broken ▼",
        "Sales | Followed up as promised | 90 % | – | 0 of 1 (0 %) | – | broken ▼",
        "Sales | Final verdict in time | 100 % | – | – | – | nothing fell due",
    ]
    assert lines(report.promises_broken()) == [
        "First contact in time, not so: u, h, c, d",
        "Followed up as promised, not so: u",
    ]


def test_the_lists_line_by_line(report):
    assert lines(report.stages()) == ["Records support every stage"]
    assert lines(report.given_back()) == [
        "1 lead rejected this week",
        "Rejected 1: wrong fit 1.",
        "Rejected this week",
        "Lead | Reason | Source | Persona",
        "j | wrong fit | – | (no persona)",
    ]
    todo = "make the first contact, or give the lead back"
    assert lines(report.late_list()) == [
        "3 hand-overs of Nov 2025 – Jan 2026 past a promise",
        "They go to: Head of sales.",
        "Lead | Rep | Handed over | Days ago | Attempts | State | Worth, DKK | What to do",
        f"u | – | 2026-01-03 00:00 | 16 | 0 | never contacted | 4,378 | {todo}",
        f"d | R-1 | 2026-01-09 00:00 | 10 | 0 | never contacted | 4,378 | {todo}",
        f"c | R-1 | 2026-01-09 00:00 | 10 | 0 | never contacted | 264 | {todo}",
    ]
    assert lines(report.lacking_list()) == [
        "2 hand-overs nobody was made responsible for",
        "i, j: name a rep today.",
        "1 hand-over without a required field",
        "Lead | Lacks",
        "i | company",
        CANNOT,
    ]
    assert lines(report.stuck_list()) == [
        "5 leads held longer than agreed",
        "By stage: Sales-ready leads 5.",
        "Lead | Stage | Held by | Days | Agreed | Worth, DKK",
        "a | Sales-ready leads | sales | 14 | 2 | 23,000",
        "b | Sales-ready leads | sales | 8 | 2 | 12,000",
        "u | Sales-ready leads | sales | 16 | 2 | 4,378",
        "d | Sales-ready leads | sales | 10 | 2 | 4,378",
        "i | Sales-ready leads | sales | 6 | 2 | 4,378",
    ]


def test_examples_of_good_and_bad_fit_with_their_reasons(report):
    fits = "IT decision maker +20; Mid-sized company +15"
    assert lines(report.examples()) == [
        "What sales hears",
        "The best fit among recent hand-overs",
        "Lead | Grade | Handed over | Speaks for it | Speaks against it",
        f"i | A3 | 2026-01-13 | {fits} | –",
        f"e | A2 | 2026-01-10 | Demo request +30; {fits} | –",
        f"d | A3 | 2026-01-09 | {fits} | –",
        "The least fit among recent hand-overs",
        "Lead | Grade | Handed over | Speaks for it | Speaks against it",
        "c | C3 | 2026-01-09 | Mid-sized company +15 | Student -10",
        "b | B2 | 2026-01-11 | Demo request +30; IT decision maker +20 | –",
        f"u | A3 | 2026-01-03 | {fits} | –",
    ]


def test_what_was_decided_and_not_done_is_carried_over(report):
    told = lines(report.decisions())
    assert told[:4] == [
        "2 actions carried over, 1 of them late",
        "What | Who | Due | Days late | Decided",
        "call u | Ida | 16 Jan 2026 | 2 | 5 Jan 2026",
        "<b>Raise the line</b> | Ida | – | 0 | 5 Jan 2026",
    ]
    assert "&lt;b&gt;Raise" in report.decisions().markup


def test_what_was_claimed_in_a_meeting_stands_first(report):
    told = lines(report.claims())
    claim = next(line for line in told if line.startswith("Sales is slow"))
    assert claim.startswith("Sales is slow | marketing, raised 12 Jan 2026 | ")
    first = told.index("Claim | Made by | Verdict | Evidence | Leads needed to tell") + 1
    assert told[first] == claim
    assert "raised" not in told[first + 1]
    assert report.to_dict()["raised"] == {"sales_is_slow": "2026-01-12"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ["Every hand-over came with company", CANNOT]),
        ({"checked": ("company", "need"), "cannot": {}}, ["Every hand-over came complete"]),
        ({"checked": ()}, ["Whether hand-overs came complete cannot be told", CANNOT]),
        ({"checked": (), "cannot": {}}, []),  # nothing is required
        ({"handed_over": 0}, ["No lead was handed over this week"]),
    ],
)
def test_hand_overs_are_called_complete_only_where_fields_were_looked_at(report, changes, says):
    parts = {"lacking": report.meeting.lacking[:0], "unassigned": (), **changes}
    cannot = parts.pop("cannot", report.cannot)
    met = replace(report.meeting, **parts)
    assert lines(replace(report, meeting=met, cannot=cannot).lacking_list()) == says


def test_a_heading_names_what_came_back(report):
    back = report.meeting.given_back
    kinds = ["rejected", "recycled", "recycled", "disqualified", "lost", "lost"]
    rows = pd.concat([back] * len(kinds), ignore_index=True).assign(kind=kinds)
    told = lines(replace(report, meeting=replace(report.meeting, given_back=rows)).given_back())
    assert told[0] == (
        "1 lead rejected, 2 leads recycled, 1 lead disqualified and 2 deals lost this week"
    )
    none = replace(report.meeting, given_back=back[:0])
    assert lines(replace(report, meeting=none).given_back()) == [
        "No lead was given back and no deal lost this week"
    ]


def test_key_figures_are_plain_and_lists_are_cut_after_eight(report):
    figures = report.to_dict()
    json.dumps(figures, allow_nan=False)
    assert figures["late"] == ["u", "d", "c"]
    assert figures["counts"] == {"late": 3, "stuck": 5, "evidence": 0}
    many = replace(report, late=report.late.sample(11, replace=True))
    shown = lines(many.late_list())
    assert shown[0] == "11 hand-overs of Nov 2025 – Jan 2026 past a promise"
    assert shown[-1] == "and 3 more."
    assert len(shown) == 3 + MOST + 1
    assert len(many.to_dict()["late"]) == MOST


def test_a_workspace_without_meetings_has_nothing_to_carry(folder, tmp_path):
    (tmp_path / "warehouse.duckdb").symlink_to(folder / "warehouse.duckdb")
    assert weekly_report(workspace(tmp_path), WEEK).actions.empty


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date: 2026-01-05\nactions:\n  - {what: Call u, owner: Ida, dew: 2026-01-10}\n",
         r"meetings/bad\.yml.*3.*dew: this key is not known; did you mean due"),
        (
            "date: 2026-01-05\nactions:\n  - {what: Call u}\n",
            r"bad\.yml.*owner: this key is missing",
        ),
        ("date: next week\n", r"bad\.yml.*1.*date"),
        ("actions: []\n", r"bad\.yml.*date: this key is missing"),
        ("date: [\n", r"bad\.yml.*not valid YAML"),
        ("", r"bad\.yml.*must hold keys and values"),
    ],
)  # fmt: skip
def test_a_malformed_meeting_is_told_with_its_file(folder, tmp_path, text, told):
    (tmp_path / "warehouse.duckdb").symlink_to(folder / "warehouse.duckdb")
    (tmp_path / "meetings").mkdir()
    (tmp_path / "meetings" / "bad.yml").write_text(text)
    with pytest.raises(SmarketingError, match=told):
        weekly_report(workspace(tmp_path), WEEK)


def test_another_language_is_refused(folder):
    with pytest.raises(UsageError, match="language"):
        weekly_report(workspace(folder), WEEK, "xx")
