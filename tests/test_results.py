"""The form of answers: a picture says what it shows, wherever it is shown."""

import dataclasses
from base64 import b64decode

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure

from smarketing.results import Picture

WORDS = "Leads by month: 12, 15, 9."


@pytest.fixture
def picture():
    figure = Figure(figsize=(3, 2))
    figure.subplots().bar(["Aug", "Sep", "Oct"], [12, 15, 9])
    return Picture(figure, WORDS)


@pytest.mark.parametrize("words", ["", " \n"])
def test_a_picture_without_words_is_refused(words):
    with pytest.raises(ValueError, match="cannot see it"):
        Picture(Figure(), words)


def test_the_words_of_a_picture_stay(picture):
    with pytest.raises(dataclasses.FrozenInstanceError):
        picture.alt_text = "something else"


def test_a_notebook_keeps_both_kinds_of_picture_each_with_its_words(picture):
    data, metadata = DisplayFormatter().format(picture)
    assert set(data) == {"image/png", "image/svg+xml", "text/plain"}
    assert b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "Sep" in data["image/svg+xml"]
    assert data["text/plain"] == WORDS
    assert {kind: one["alt"] for kind, one in metadata.items()} == {
        "image/png": WORDS,
        "image/svg+xml": WORDS,
    }


def test_a_picture_is_the_same_text_every_time(picture):
    assert picture.svg() == picture.svg()


def test_a_picture_goes_to_a_file(picture, tmp_path):
    picture.savefig(tmp_path / "leads.png", dpi=50)
    assert (tmp_path / "leads.png").read_bytes().startswith(b"\x89PNG")
