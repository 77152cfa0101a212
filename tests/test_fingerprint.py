"""Equal contents have one name, and any change another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from smarketing.fingerprint import digest, file_sha256, files_digest, rows_sql, sha256

STATE = {
    "features_": ["a", "b"],
    "numbers": np.arange(6.0).reshape(2, 3),
    "codes": {"x": 1, "y": 2},
    "part": slice(0, 2),
    "flags": {True, False},
    "texts": np.array(["p", None], dtype=object),
}
FRAME = pd.DataFrame(
    {
        "n": [1.0, np.nan, 3.0],
        "text": ["a", None, "b"],
        "day": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
        "flag": pd.array([True, None, False], dtype="boolean"),
    }
)


def test_the_seal_of_models_saved_before_is_still_the_same() -> None:
    sealed = digest([1, {"model": "card", "months": ["2026-01"]}, STATE])
    assert sealed == "160a7b952ee0204212a8d8a2bad607bc5b0dfaa188e667b2ecc05207d0e82089"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"x", "y", "z"}, {"z", "y", "x"}),
        (np.zeros((2, 3)), np.zeros((3, 2)).T.copy().reshape(2, 3)),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6.0).reshape(2, 3)),
        (FRAME, FRAME.copy()),
        (FRAME, FRAME.set_axis([7, 8, 9])),
    ],
)
def test_equal_contents_have_one_digest(one: object, other: object) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.rename(columns={"n": "m"}),
        lambda frame: frame[["text", "n", "day", "flag"]],
        lambda frame: frame.iloc[[1, 0, 2]],
        lambda frame: frame.iloc[:2],
        lambda frame: frame.assign(n=frame.n + 1e-12),
        lambda frame: frame.assign(n=frame.n.astype("float32")),
        lambda frame: frame.assign(n=frame.n.fillna(0)),
        lambda frame: frame.assign(text=["a", "None", "b"]),
        lambda frame: frame.assign(text=["a", None, "B"]),
        lambda frame: frame.assign(day=frame.day + pd.Timedelta(seconds=1)),
        lambda frame: frame.assign(flag=pd.array([True, False, False], dtype="boolean")),
    ],
)
def test_any_change_of_a_frame_gives_another_digest(change: object) -> None:
    assert digest(change(FRAME)) != digest(FRAME)
    assert digest([change(FRAME)]) != digest([FRAME])


@dataclass
class Node:
    """A thing that may hold itself."""

    name: str
    next: object = None


def test_objects_count_by_class_and_contents() -> None:
    assert digest(Node("a", Node("b"))) == digest(Node("a", Node("b")))
    assert digest(Node("a", Node("b"))) != digest(Node("a", Node("c")))
    assert digest(Node("a")) != digest({"name": "a", "next": None})


def test_what_holds_itself_has_a_digest() -> None:
    loop, other = Node("a"), Node("b")
    loop.next, other.next = loop, other
    assert digest(loop) == digest(loop)
    assert digest(loop) != digest(other)


def test_a_text_that_is_no_unicode_has_a_digest() -> None:
    broken = "name\udcff"
    frames = [pd.DataFrame({"a": [text]}, dtype=object) for text in (broken, "name")]
    assert digest(frames[0]) != digest(frames[1])
    assert len(sha256(broken)) == 64


def test_a_file_has_the_sum_that_other_programs_give(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(range(256)) * 5000)
    assert file_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file_sha256(path) == sha256(path.read_bytes())


def test_files_count_by_name_contents_and_order(tmp_path: Path) -> None:
    for name, text in {"a/x.yml": "1", "a/y.yml": "2", "b/x.yml": "1"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    ax, ay, bx = (tmp_path / name for name in ("a/x.yml", "a/y.yml", "b/x.yml"))
    assert files_digest([ax, ay]) != files_digest([ay, ax])
    assert files_digest([ax]) == files_digest([bx])
    assert files_digest([ax], tmp_path) != files_digest([bx], tmp_path)
    assert files_digest([ax, tmp_path / "absent.yml"]) == files_digest([ax])
    before = files_digest([ax, ay])
    ay.write_text("3")
    assert files_digest([ax, ay]) != before


def test_rows_of_a_table_count_whatever_their_order() -> None:
    con = duckdb.connect()

    def of(values: str) -> object:
        rows = f"(SELECT * FROM (VALUES {values}) AS v(a, b))"
        return con.execute(rows_sql(rows)).fetchone()

    assert of("(1, 'x'), (2, 'y')") == of("(2, 'y'), (1, 'x')")
    assert of("(1, 'x'), (2, 'y')") != of("(1, 'y'), (2, 'x')")
    assert of("(1, 'x'), (1, 'x')") != of("(1, 'x')")
    assert of("(1, 'x'), (1, 'x'), (2, 'y')") != of("(1, 'x'), (2, 'y'), (2, 'y')")
