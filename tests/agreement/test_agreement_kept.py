"""What is kept beside the agreement: its history, old versions, proposals and reviews."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from smarketing.agreement.accept import accept, roll_back
from smarketing.agreement.load import load_agreement
from smarketing.agreement.proposal import (
    PROPOSAL,
    Proposal,
    make_proposal,
    read_proposal,
    write_proposal,
)
from smarketing.agreement.reviews import next_review, note_review
from smarketing.agreement.version_history import agreement_history
from smarketing.agreement.versions import agreement_valid_at, agreement_versions
from smarketing.errors import SmarketingError, UsageError
from tests.agreements import EXAMPLE, example_agreement

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "agreement.yml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def accept_score(folder, score, day):
    return accept(folder, f"score {score}", make_proposal(folder, {"lines.sql.score": score}, day))


def write_history(folder, text):
    (folder / "agreements").mkdir(exist_ok=True)
    (folder / "agreements" / "history.yml").write_text(text, encoding="utf-8")


def test_a_workspace_without_a_history_has_one_version_without_a_reason(folder):
    history = agreement_history(folder)
    assert history.frame().to_dict("records") == [
        {"version": 3, "valid_from": date(2026, 10, 1), "reason": None, "changes": []}
    ]
    assert history.last_review(date(2030, 1, 1)) is None


def test_the_history_tells_each_version_with_its_reason_and_changes(folder):
    accept_score(folder, 68, NOVEMBER)
    accept_score(folder, 70, DECEMBER)
    versions = agreement_history(folder).versions
    assert versions.version.tolist() == [3, 4, 5]
    assert versions.reason.tolist() == [None, "score 68", "score 70"]
    assert versions.changes.tolist() == [
        [],
        ["SQL line: score from 65 to 68"],
        ["SQL line: score from 68 to 70"],
    ]


def test_a_kept_version_that_nobody_noted_stands_in_the_history_without_a_reason(folder):
    accept_score(folder, 68, NOVEMBER)
    (folder / "agreements" / "history.yml").unlink()
    assert agreement_history(folder).versions.reason.tolist() == [None, None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- version: 4\n  reason: [open\n", r"history\.yml, line 3"),
        ("version: 4\n", "a list of entries is needed"),
        ("- four\n", "a list of entries is needed"),
    ],
)
def test_a_history_that_was_spoilt_by_hand_is_told(folder, text, message):
    write_history(folder, text)
    with pytest.raises(SmarketingError, match=message):
        agreement_history(folder)


def test_an_entry_goes_behind_a_last_line_without_an_end(folder):
    write_history(folder, "- {version: 3, reviewed: 2026-10-05, note: as it is}")
    note_review(folder, date(2026, 10, 6), "Still as it is.")
    reviews = agreement_history(folder).reviews
    assert reviews.note.tolist() == ["as it is", "Still as it is."]


def test_the_last_review_is_the_last_one_up_to_a_day(folder):
    for day in (date(2026, 10, 5), date(2027, 1, 7)):
        note_review(folder, day, "Left as it is.")
    history = agreement_history(folder)
    assert history.last_review(date(2026, 12, 31)) == date(2026, 10, 5)
    assert history.last_review(date(2027, 1, 7)) == date(2027, 1, 7)
    assert history.last_review(date(2026, 10, 4)) is None


@pytest.mark.parametrize(
    ("valid_from", "reviewed", "due"),
    [
        (date(2026, 1, 31), None, date(2026, 2, 28)),  # a month has a last day
        (date(2028, 1, 31), None, date(2028, 2, 29)),
        (date(2026, 10, 1), date(2026, 9, 1), date(2026, 11, 1)),  # before it came into force
        (date(2026, 10, 1), date(2026, 10, 15), date(2026, 11, 15)),
    ],
)
def test_the_next_review_is_so_many_months_after_the_last(valid_from, reviewed, due):
    agreement = example_agreement(valid_from=valid_from, review={"agreement_every_months": 1})
    assert next_review(agreement, reviewed) == due


def test_before_the_first_version_the_oldest_one_counts(folder):
    accept_score(folder, 68, NOVEMBER)
    assert agreement_valid_at(folder, date(2020, 1, 1)).version == 3
    assert agreement_valid_at(folder, date(2026, 10, 31)).version == 3
    assert agreement_valid_at(folder, NOVEMBER).version == 4


def test_of_two_versions_from_one_day_the_later_one_counts(folder):
    accept_score(folder, 68, NOVEMBER)
    accept_score(folder, 70, NOVEMBER)
    assert agreement_valid_at(folder, NOVEMBER).lines.sql.score == 70


def test_files_of_other_names_are_no_versions(folder):
    accept_score(folder, 68, NOVEMBER)
    (folder / "agreements" / "vision.yml").write_text("not an agreement")
    assert [each.version for each in agreement_versions(folder)] == [3, 4]


def test_a_mistake_in_a_kept_version_names_its_file(folder):
    accept_score(folder, 68, NOVEMBER)
    kept = folder / "agreements" / "v3.yml"
    kept.write_text(EXAMPLE.replace("currency: DKK", "currency: KDK"))
    with pytest.raises(SmarketingError, match=r"agreements/v3\.yml, line \d+.*currency"):
        agreement_versions(folder)


def test_going_back_to_a_version_that_is_not_kept_names_those_that_are(folder):
    accept_score(folder, 68, NOVEMBER)
    with pytest.raises(UsageError, match="version 4 is in force; allowed: 3") as caught:
        roll_back(folder, 2, "as it was", DECEMBER)
    assert caught.value.exit_status == 2


def test_going_back_brings_the_terms_and_says_so(folder):
    accept_score(folder, 68, NOVEMBER)
    back = roll_back(folder, 3, " it was too high ", DECEMBER)
    assert (back.version, back.valid_from, back.reason) == (5, DECEMBER, "it was too high")
    assert back.effects == ("The terms of version 3 are in force again.",)
    assert back.frame().words.tolist() == ["SQL line: score from 68 to 65"]
    assert load_agreement(folder / "agreement.yml").lines.sql.score == 65


def test_a_version_with_a_byte_order_mark_can_be_gone_back_to(folder):
    (folder / "agreement.yml").write_bytes(b"\xef\xbb\xbf" + EXAMPLE.encode())
    accept_score(folder, 68, NOVEMBER)
    roll_back(folder, 3, "as it was", DECEMBER)
    assert (folder / "agreement.yml").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_proposal_is_read_as_it_was_written(folder):
    changes = {"lines.sql.score": np.int64(68), "sla.confidence": np.float64(0.9)}
    proposal = make_proposal(folder, changes, NOVEMBER, ["fewer – and better – leads"])
    assert {type(value) for value in proposal.changes.values()} == {int, float}
    write_proposal(folder, proposal)
    assert read_proposal(folder) == proposal


def test_a_proposal_that_changes_nothing_is_refused_by_nobody_and_empty(folder):
    proposal = make_proposal(folder, {"lines.sql.score": 65}, NOVEMBER)
    assert accept(folder, "a new day", proposal).changes == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("base_version:", "base_versoin:", "did you mean base_version?"),
        ("valid_from: 2026-11-01", "valid_from: soon", "a date is needed"),
        ("base_version: 3", "base_version: 0", "the number is too small; found 0; allowed: at"),
    ],
)
def test_a_proposal_edited_by_hand_is_checked_like_any_file(folder, old, new, message):
    path = write_proposal(folder, make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER))
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SmarketingError) as caught:
        read_proposal(folder)
    assert f"{PROPOSAL}, line" in str(caught.value)
    assert message in str(caught.value)


def test_a_proposal_cannot_be_changed_once_it_is_made(folder):
    proposal = make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER)
    with pytest.raises(ValueError, match="frozen"):
        proposal.base_version = 9
    assert isinstance(proposal, Proposal)
