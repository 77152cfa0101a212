"""Ten versions of an agreement: accepted, told apart, gone back to, two at once, reviewed."""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from smarketing.agreement.accept import accept, roll_back
from smarketing.agreement.diff import diff
from smarketing.agreement.load import load_agreement
from smarketing.agreement.proposal import make_proposal, write_proposal
from smarketing.agreement.reviews import next_review, note_review, review_reminder
from smarketing.agreement.version_history import agreement_history
from smarketing.agreement.versions import LOCK, agreement_versions, one_at_a_time
from smarketing.errors import SmarketingError, UsageError
from smarketing.folder import Folder
from smarketing.funnel.closed_loop import closed_loop
from tests.agreements import EXAMPLE, example_agreement
from tests.builders import write_warehouse

BY_HAND = EXAMPLE.replace(
    "lines:\n", "# two lines –  agreed after a long evening\n\nlines:   # æøå\n"
).replace("  confidence: 0.8\n", "  confidence:   0.8    # each promise by itself\n")

STEPS = [  # path, value, and the change in words
    ("lines.sql.score", 66, "SQL line: score from 65 to 66"),
    ("lines.mql.score", 42, "MQL line: score from 40 to 42"),
    ("sla.confidence", 0.85, "SLA: confidence from 0.8 to 0.85"),
    ("capacity.closing.people", 5, "Closing capacity: people from 4 to 5"),
    ("lines.sql.score", 70, "SQL line: score from 66 to 70"),
    (
        "sla.marketing.sales_ready_per_month",
        24,
        "Marketing promises: sales ready per month from 20 to 24",
    ),
    (
        "sla.sales.customers_per_month",
        6,
        "Sales promises: customers per month from 5 to 6",
    ),
    (
        "scorecard.engagement.rules.Demo request.points",
        35,
        "Engagement rule “Demo request”: points from 30 to 35",
    ),
    ("recycle.cool_down_days", 90, "Recycle: cool down days from 60 to 90"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agreement.yml").write_text(BY_HAND, encoding="utf-8")
    return tmp_path


def day(n: int) -> date:
    return (pd.Timestamp("2026-11-01") + pd.DateOffset(months=n)).date()


def contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != LOCK)
    return {path: path.read_bytes() for path in files}


def take(folder: Path, n: int) -> None:
    path, value, _ = STEPS[n]
    accept(folder, f"step {n}", make_proposal(folder, {path: value}, day(n)))


def ten_versions(folder: Path) -> list[bytes]:
    """Accept nine proposals one after the other; return the ten files' bytes."""
    files = [(folder / "agreement.yml").read_bytes()]
    for n in range(len(STEPS)):
        take(folder, n)
        files.append((folder / "agreement.yml").read_bytes())
    return files


def without_marks(raw: bytes) -> str:
    """Return a file without its version and day, which differ in every version."""
    text = raw.decode()
    return re.sub(r"^(version|valid_from): .*$", r"\1", text, flags=re.MULTILINE)


def history(folder: Path) -> list[dict]:
    return YAML(typ="safe").load((folder / "agreements" / "history.yml").read_text())


def test_each_of_ten_versions_differs_from_the_last_by_what_was_accepted(folder):
    files = ten_versions(folder)
    versions = agreement_versions(folder)
    assert [v.version for v in versions] == list(range(3, 13))
    for n, (_, _, words) in enumerate(STEPS):
        assert [c.words for c in diff(versions[n], versions[n + 1])] == [words]
        kept = (folder / "agreements" / f"v{3 + n}.yml").read_bytes()
        assert kept == files[n]
        before, after = (without_marks(raw).splitlines() for raw in files[n : n + 2])
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert [entry["reason"] for entry in history(folder)] == [f"step {n}" for n in range(9)]
    # Between the first and the last: the SQL line, changed twice, is one change.
    assert [c.words for c in diff(versions[0], versions[-1])][-1] == (
        "Sales promises: customers per month from 5 to 6"
    )
    assert "SQL line: score from 65 to 70" in [c.words for c in diff(versions[0], versions[-1])]
    assert "# two lines –  agreed after a long evening" in files[-1].decode()


@pytest.mark.parametrize("back_to", [3, 7, 11])
def test_going_back_brings_an_old_file_in_force_again_and_erases_nothing(folder, back_to):
    files = ten_versions(folder)
    found = roll_back(folder, back_to, "it starved closing", day(12))
    now = (folder / "agreement.yml").read_bytes()
    assert without_marks(now) == without_marks(files[back_to - 3])
    agreement = load_agreement(folder / "agreement.yml")
    assert (agreement.version, agreement.valid_from, found.version) == (13, day(12), 13)
    assert [v.version for v in agreement_versions(folder)] == list(range(3, 14))
    assert (folder / "agreements" / "v12.yml").read_bytes() == files[-1]
    assert history(folder)[-1]["reason"] == "it starved closing"
    assert history(folder)[-1]["effects"] == [f"The terms of version {back_to} are in force again."]
    with one_at_a_time(folder, patience=0.05):
        assert (folder / LOCK).read_bytes() == b""
    # And forth again.
    roll_back(folder, 12, "it did not after all", day(12))
    assert without_marks((folder / "agreement.yml").read_bytes()) == without_marks(files[-1])


@pytest.mark.parametrize(
    ("version", "reason", "on", "error", "said"),
    [
        (3, "", day(3), UsageError, "takes a reason"),
        (4, "because", day(3), UsageError, "there is no version 4 to go back to"),
        (9, "because", day(3), UsageError, "there is no version 9 to go back to"),
        (3, "because", date(2026, 10, 5), SmarketingError, "before this one"),
    ],
)
def test_what_cannot_be_gone_back_to_is_said_and_nothing_is_written(
    folder, version, reason, on, error, said
):
    take(folder, 0)
    before = contents(folder)
    with pytest.raises(error, match=said):
        roll_back(folder, version, reason, on)
    assert contents(folder) == before


def attempt(folder: Path, score: int) -> str:
    try:
        accept(folder, f"to {score}")
    except SmarketingError as error:
        return str(error)
    return "accepted"


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_of_two_accepts_at_once_one_wins_and_the_other_is_told(folder, pool):
    write_proposal(folder, make_proposal(folder, {"lines.sql.score": 68}, day(0)))
    with pool(2) as runners:
        outcomes = list(runners.map(attempt, [folder] * 2, [1, 2]))
    assert outcomes.count("accepted") == 1
    (loser,) = (outcome for outcome in outcomes if outcome != "accepted")
    # it looked before or after the winner took its proposal away
    assert re.search("changed after the proposal|there is no proposal", loser)
    assert [entry["version"] for entry in history(folder)] == [4]
    assert sorted(p.name for p in (folder / "agreements").iterdir()) == ["history.yml", "v3.yml"]
    assert (folder / "agreements" / "v3.yml").read_text(encoding="utf-8") == BY_HAND
    assert load_agreement(folder / "agreement.yml").version == 4


def test_of_different_proposals_on_one_version_the_second_is_told_to_begin_anew(folder):
    one = make_proposal(folder, {"lines.sql.score": 68}, day(0))
    other = make_proposal(folder, {"sla.confidence": 0.9}, day(0))
    accept(folder, "first", one)
    with pytest.raises(SmarketingError, match="changed after the proposal was made"):
        accept(folder, "second", other)
    assert load_agreement(folder / "agreement.yml").sla.confidence == 0.8


def test_a_held_lock_is_told_and_a_file_left_by_a_killed_program_is_not_in_the_way(folder):
    (folder / LOCK).touch()
    with (
        one_at_a_time(folder, patience=0.05),
        pytest.raises(SmarketingError, match="right now"),
        one_at_a_time(folder, patience=0.05),
    ):
        pytest.fail("two at once")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: accept(folder, "because"),
        lambda folder: roll_back(folder, 2, "because", day(1)),
        lambda folder: note_review(folder, day(1), "left as it is"),
    ],
    ids=["accept", "roll_back", "note_review"],
)
def test_nothing_is_changed_while_another_holds_the_agreement(folder, change, monkeypatch):
    write_proposal(folder, make_proposal(folder, {"lines.sql.score": 68}, day(0)))
    (folder / "agreements").mkdir()
    (folder / "agreements" / "v2.yml").write_text(BY_HAND.replace("version: 3", "version: 2"))
    for room in ("accept", "reviews"):
        short = partial(one_at_a_time, patience=0.05)
        monkeypatch.setattr(f"smarketing.agreement.{room}.one_at_a_time", short)
    with one_at_a_time(folder):
        before = contents(folder)
        with pytest.raises(SmarketingError, match="right now"):
            change(folder)
        assert contents(folder) == before
    change(folder)
    assert contents(folder) != before


@pytest.mark.parametrize(
    ("today", "reviewed", "said"),
    [
        (date(2026, 12, 31), None, ""),
        (date(2027, 1, 1), None, ""),
        (
            date(2027, 1, 2),
            None,
            "The agreement was to be reviewed by 2027-01-01: 1 day overdue.",
        ),
        (
            date(2027, 3, 1),
            None,
            "The agreement was to be reviewed by 2027-01-01: 59 days overdue.",
        ),
        (date(2027, 3, 1), date(2027, 1, 10), ""),
        (
            date(2027, 5, 1),
            date(2027, 1, 31),
            "The agreement was to be reviewed by 2027-04-30: 1 day overdue.",
        ),
        (
            date(2027, 1, 2),
            date(2025, 1, 1),
            "The agreement was to be reviewed by 2027-01-01: 1 day overdue.",
        ),
    ],
)
def test_an_overdue_review_is_reminded_of(today, reviewed, said):
    assert review_reminder(example_agreement(), today, reviewed) == said


def test_without_an_agreed_review_nobody_is_reminded():
    assert next_review(example_agreement(review={"meeting": "weekly"})) is None
    assert review_reminder(example_agreement(review=None), date(2036, 1, 1)) == ""


def last_review(folder: Path) -> date | None:
    return agreement_history(folder).last_review(date(2036, 1, 1))


def test_a_review_that_changed_nothing_is_noted_and_stops_the_reminder(folder):
    assert last_review(folder) is None
    take(folder, 0)
    assert last_review(folder) is None
    note_review(folder, date(2027, 2, 2), "Lines deliver what was promised: left as they are.")
    note_review(folder, date(2027, 1, 2), "Looked at in January too.")
    assert last_review(folder) == date(2027, 2, 2)
    assert [e["version"] for e in history(folder)] == [4, 4, 4]
    agreement = load_agreement(folder / "agreement.yml")
    assert review_reminder(agreement, date(2027, 4, 1), last_review(folder)) == ""
    with pytest.raises(UsageError, match="takes a note"):
        note_review(folder, date(2027, 2, 2), " ")
    with pytest.raises(SmarketingError, match="before the version"):
        note_review(folder, date(2026, 10, 2), "too early")


def handed_over() -> dict[str, pd.DataFrame]:
    """Return six hand-overs in October, four in November, five in December, all accepted."""
    rows = []
    for month, n in (("2026-10", 6), ("2026-11", 4), ("2026-12", 5)):
        for i in range(n):
            lead, at = f"L{month[-2:]}{i}", pd.Timestamp(f"{month}-10 10:00")
            for k, stage in enumerate(("lead", "mql", "sales_ready", "accepted")):
                rows.append((lead, 1, stage, at + pd.Timedelta(hours=k), None, None))
    stages = pd.DataFrame(
        rows, columns=["lead_id", "spell", "stage", "entered_at", "reason", "actor"]
    )
    first = stages[stages["stage"] == "lead"]
    leads = pd.DataFrame(
        {"lead_id": first["lead_id"], "created_at": first["entered_at"], "source": "organic"}
    )
    return {"leads": leads.reset_index(drop=True), "stages": stages}


# Promised sales-ready leads: 5 from October, 6 from November, 4 from 15 December on. A month goes
# by the version of its first day, so December is still judged by November's 6.
#   October  6 of 5: kept       November 4 of 6: broken      December 5 of 6: broken
# January, with nothing handed over, stands under the third version.
def test_a_month_is_reported_under_the_version_valid_then(tmp_path):
    (tmp_path / "sources.yml").write_text("company: Made up\n")
    text = EXAMPLE.replace("sales_ready_per_month: 20", "sales_ready_per_month: 5")
    (tmp_path / "agreement.yml").write_text(text, encoding="utf-8")
    for promise, since in ((6, date(2026, 11, 1)), (4, date(2026, 12, 15))):
        changes = {"sla.marketing.sales_ready_per_month": promise}
        accept(tmp_path, "as delivered", make_proposal(tmp_path, changes, since))
    write_warehouse(
        tmp_path / "warehouse.duckdb",
        handed_over(),
        timezone="Europe/Copenhagen",
        data_until="2027-01-31T22:59:00",
    )
    workspace = Folder.open(tmp_path)
    found = {}
    with workspace.warehouse() as warehouse:
        for month in ("2026-10", "2026-11", "2026-12"):
            loop = closed_loop(warehouse, workspace.agreement_for(month), month)
            promise = next(p for p in loop.sla.promises if p.name == "sales_ready")
            found[month] = (promise.promised, promise.delivered, promise.verdict)
        # Under each of the three versions November's four: 5, 6 and 4 were promised.
        verdicts = []
        for version in agreement_versions(tmp_path):
            loop = closed_loop(warehouse, version, "2026-11")
            verdicts += [p.verdict for p in loop.sla.promises if p.name == "sales_ready"]
    assert found == {
        "2026-10": (5, 6, "kept"),
        "2026-11": (6, 4, "broken"),
        "2026-12": (6, 5, "broken"),
    }
    assert verdicts == ["broken", "broken", "kept"]
    assert workspace.agreement_for("2027-01").version == 5
