"""From one version to the next: differences in words, proposals, acceptance."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from ruamel.yaml import YAML

from smarketing.agreement.accept import accept, pending_changes
from smarketing.agreement.diff import diff
from smarketing.agreement.edit import change_scalars
from smarketing.agreement.load import load_agreement
from smarketing.agreement.proposal import make_proposal, read_proposal, write_proposal
from smarketing.agreement.versions import LOCK, agreement_valid_at
from smarketing.errors import SmarketingError, UsageError
from tests.agreements import EXAMPLE, example_agreement

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "agreement.yml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def words(**overrides):
    return [change.words for change in diff(example_agreement(), example_agreement(**overrides))]


def rules(**changes):
    card = example_agreement().scorecard.to_dict()["fit"]
    card["rules"][0].update(changes)
    return card


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, []),
        ({"version": 4, "valid_from": NOVEMBER}, []),
        ({"snapshots": {"every_days": 7}}, []),
        ({"lines__sql__score": 68}, ["SQL line: score from 65 to 68"]),
        ({"lines__mql__fit_at_least": None}, ["MQL line: fit at least from 15 to 0"]),
        ({"capacity__closing__people": 5}, ["Closing capacity: people from 4 to 5"]),
        ({"sla__confidence": 0.9}, ["SLA: confidence from 0.8 to 0.9"]),
        ({"grades__fit": {"A": 36, "B": 20}}, ["Grade A: least fit from 35 to 36"]),
        (
            {"sla__sales__first_contact__within_hours": 24},
            ["Sales promises first contact: within hours from 48 to 24"],
        ),
        ({"stages__mql__max_days": 4}, ["Stage mql: max days from 5 to 4"]),
        ({"recycle": None}, ["Recycle taken out (was cool down days 60)"]),
        (
            {"scorecard__fit": rules(points=25)},
            ["Fit rule “IT decision maker”: points from 20 to 25"],
        ),
        (
            {"scorecard__fit": rules(name="Decision maker")},
            [
                "Fit rule “IT decision maker” taken out (was 20 points)",
                "Fit rule “Decision maker” 20 points added",
            ],
        ),
    ],
)
def test_changes_are_said_in_words(overrides, expected):
    assert words(**overrides) == expected


def test_the_order_of_personas_is_a_change_because_the_first_match_counts():
    one, two = ({"when": {"field": "x", "is": n}} for n in (1, 2))
    before = example_agreement(personas={"a": one, "b": two})
    after = example_agreement(personas={"b": two, "a": one})
    assert [change.words for change in diff(before, after)] == ["Personas: order from a, b to b, a"]


def test_an_accepted_proposal_changes_its_values_and_no_other_byte(folder):
    proposal = make_proposal(
        folder, {"lines.sql.score": np.int64(68), "sla.confidence": 0.85}, NOVEMBER, ["more – æ"]
    )
    write_proposal(folder, proposal)
    assert read_proposal(folder) == proposal
    accepted = accept(folder, "October's leads were weaker")
    assert accepted.version == 4
    assert list(accepted.frame().words) == [
        "SQL line: score from 65 to 68",
        "SLA: confidence from 0.8 to 0.85",
    ]
    assert (folder / "agreement.yml").read_text() == EXAMPLE.replace(
        "version: 3\nvalid_from: 2026-10-01", "version: 4\nvalid_from: 2026-11-01"
    ).replace("sql: {score: 65,", "sql: {score: 68,").replace(
        "confidence: 0.8\n", "confidence: 0.85\n"
    )
    assert (folder / "agreements" / "v3.yml").read_text() == EXAMPLE
    assert not (folder / "proposal.yml").exists()
    history = YAML(typ="safe").load((folder / "agreements" / "history.yml").read_text())
    assert [(entry["version"], entry["reason"]) for entry in history] == [
        (4, "October's leads were weaker")
    ]
    assert sorted(path.name for path in folder.rglob("*")) == [
        LOCK,
        "agreement.yml",
        "agreements",
        "history.yml",
        "v3.yml",
    ]


def test_history_grows_and_each_day_has_its_version(folder):
    for score, day in ((66, NOVEMBER), (67, date(2026, 12, 1))):
        accept(folder, "because", make_proposal(folder, {"lines.sql.score": score}, day))
    history = YAML(typ="safe").load((folder / "agreements" / "history.yml").read_text())
    assert [entry["version"] for entry in history] == [4, 5]
    for day, version in [
        (date(2020, 1, 1), 3),
        (date(2026, 10, 31), 3),
        (NOVEMBER, 4),
        (date(2026, 12, 24), 5),
    ]:
        assert agreement_valid_at(folder, day).version == version


def test_looking_at_a_proposal_writes_nothing(folder):
    write_proposal(folder, make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER, ["more"]))
    pending = pending_changes(folder)
    assert (pending.version, pending.effects, pending.reason) == (4, ("more",), None)
    assert pending.to_dict()["changes"] == [
        {
            "path": "lines.sql.score",
            "old": 65,
            "new": 68,
            "words": "SQL line: score from 65 to 68",
        }
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["agreement.yml", "proposal.yml"]
    assert (folder / "agreement.yml").read_text() == EXAMPLE


def test_a_file_changed_meanwhile_is_not_overwritten(folder):
    proposal = make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER)
    edited = EXAMPLE + "# one more word\n"
    (folder / "agreement.yml").write_text(edited)
    with pytest.raises(SmarketingError, match="changed after the proposal"):
        accept(folder, "because", proposal)
    assert sorted(path.name for path in folder.iterdir()) == [LOCK, "agreement.yml"]
    assert (folder / "agreement.yml").read_text() == edited


@pytest.mark.parametrize(
    ("changes", "day", "message"),
    [
        ({"lines.sql.score": 30}, NOVEMBER, "below the MQL line"),
        ({"lines.sql.score": "high"}, NOVEMBER, "a whole number is needed"),
        ({"lines.sql.score": float("nan")}, NOVEMBER, "a whole number is needed"),
        ({"lines.sql.scor": 68}, NOVEMBER, "did you mean score?"),
        ({"snapshots.every_days": 14}, NOVEMBER, "there is no snapshots in the file"),
        ({"lines.sql": 68}, NOVEMBER, "not a single value"),
        ({"lines.sql.score.x": 68}, NOVEMBER, "there is no lines.sql.score.x"),
        ({"version": 9}, NOVEMBER, "version cannot be proposed"),
        ({"lines.sql.score": 68}, date(2026, 9, 1), "before this one"),
    ],
)
def test_a_proposal_that_cannot_stand_is_refused(folder, changes, day, message):
    with pytest.raises(SmarketingError) as caught:
        make_proposal(folder, changes, day)
    assert message in str(caught.value)


def test_a_value_that_others_share_by_an_alias_is_not_changed(folder):
    shared = EXAMPLE.replace("window_days: 45", "window_days: &w 45").replace(
        "window_days: 90", "window_days: *w"
    )
    (folder / "agreement.yml").write_text(shared)
    with pytest.raises(SmarketingError):
        make_proposal(folder, {"lines.mql.window_days": 30}, NOVEMBER)


def test_accepting_takes_a_reason_and_keeps_what_is_kept(folder):
    proposal = make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER)
    with pytest.raises(UsageError, match="takes a reason"):
        accept(folder, "  ", proposal)
    (folder / "agreements").mkdir()
    (folder / "agreements" / "v3.yml").write_text(EXAMPLE + "# another\n")
    with pytest.raises(SmarketingError, match="another version 3 is kept"):
        accept(folder, "because", proposal)
    assert (folder / "agreement.yml").read_text() == EXAMPLE


def test_without_a_proposal_the_way_to_one_is_told(folder):
    with pytest.raises(SmarketingError, match="smarketing recommend makes one"):
        read_proposal(folder)


def test_a_proposal_with_a_mistake_tells_its_line(folder):
    write_proposal(folder, make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER))
    path = folder / "proposal.yml"
    path.write_text(path.read_text().replace("score: 68", "score: [68]"))
    with pytest.raises(SmarketingError) as caught:
        read_proposal(folder)
    assert [problem.line for problem in caught.value.problems] == [6]


TEXTS = [
    ("a: {b: 1 , c: 2} # x\n", {"a.b": 3}, "a: {b: 3 , c: 2} # x\n"),
    ("a:\r\n  b: 1   # one\r\n", {"a.b": 22}, "a:\r\n  b: 22   # one\r\n"),
    ("a: 'one' # é\nb: 2\n", {"a": "two", "b": True}, 'a: "two" # é\nb: true\n'),
    ("l:\n- {name: A x, p: -5}\n", {"l.A x.p": 4}, "l:\n- {name: A x, p: 4}\n"),
    ("l: [1, 2]\n", {"l.1": 0.5}, "l: [1, 0.5]\n"),
    ("a:\n  # on b\n  b: 1\n", {"a.c": None}, "a:\n  # on b\n  c: null\n  b: 1\n"),
    ("a: {b: 1}\n", {"a.c": "x, y"}, 'a: {c: "x, y", b: 1}\n'),
    ("a: one\n", {"a": "no: 1"}, 'a: "no: 1"\n'),
    ("a: one\n", {"a": "null"}, 'a: "null"\n'),
    ("g: {1: 35}\n", {"g.1": 36}, "g: {1: 36}\n"),
    ("\ufeffa: 1\n", {"a": 2}, "\ufeffa: 2\n"),
]


@pytest.mark.parametrize(("text", "changes", "expected"), TEXTS)
def test_single_values_change_in_place(text, changes, expected):
    assert change_scalars(text, changes, "x.yml") == expected


def test_windows_line_ends_and_a_byte_order_mark_stay(folder):
    raw = b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode()
    (folder / "agreement.yml").write_bytes(raw)
    accept(folder, "because", make_proposal(folder, {"lines.sql.score": 68}, NOVEMBER))
    changed = (folder / "agreement.yml").read_bytes()
    assert (
        changed.replace(b"score: 68", b"score: 65")
        .replace(b"version: 4", b"version: 3")
        .replace(b"2026-11-01", b"2026-10-01")
        == raw
    )
    assert load_agreement(folder / "agreement.yml").lines.sql.score == 68
