"""Files that people write are told of by their place, and files of ours appear whole."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, model_validator
from ruamel.yaml import YAML

from smarketing.errors import SmarketingError
from smarketing.row_files import whole_file
from smarketing.yamlfile import check_yaml, mark_of, parse_yaml


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: str


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = 1
    known: Literal["now", "later"] | Inner = "now"
    secret: str = ""

    @model_validator(mode="after")
    def _never(self):
        if self.secret:
            raise ValueError("a secret does not belong here")
        return self


def problems(text):
    with pytest.raises(SmarketingError) as caught:
        check_yaml(parse_yaml(text, "x.yml"), Whole, "x.yml")
    return [str(problem) for problem in caught.value.problems]


def test_every_mistake_is_told_in_the_order_of_the_file():
    first, second, third = problems("sise: 2\nsecret: 5\nsize: big\n")
    assert first.startswith("x.yml, line 1, column 1: sise: this key is not known; did you mean ")
    assert second.startswith("x.yml, line 2, column 1: secret: a text is needed")
    assert third.startswith("x.yml, line 3, column 1: size: a whole number is needed")


def test_a_branch_of_a_union_is_no_part_of_the_place():
    places = [line.split(": ")[1] for line in problems("known: {att: noon}\n")]
    assert set(places) == {"known", "known.at", "known.att"}


def test_what_is_wrong_with_a_part_as_a_whole_repeats_none_of_its_cells():
    [told] = problems("secret: hunter2\n")
    assert "a secret does not belong here" in told
    assert "hunter2" not in told


def test_a_part_that_contains_itself_is_told():
    with pytest.raises(SmarketingError, match="contains itself"):
        check_yaml(parse_yaml("&r\nknown: *r\n", "x.yml"), Whole, "x.yml")


def test_what_comes_by_a_merge_key_has_the_mark_of_what_holds_it():
    data = YAML().load("base: &b {x: 1}\nmine:\n  <<: *b\n  y: 2\n")
    assert mark_of(data, ("mine", "y")) == (4, 3)
    assert mark_of(data, ("mine", "x")) == (2, 1)
    assert mark_of(data, ("nowhere",)) == (None, None)


def test_a_file_half_written_never_stands_in_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    path.chmod(0o600)
    with pytest.raises(LookupError), whole_file(path) as unfinished:
        unfinished.write_text("half of", encoding="no such encoding")
    assert path.read_text() == "old"
    with whole_file(path) as unfinished:
        unfinished.write_text("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["kept.txt"]
