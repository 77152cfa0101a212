"""Every text of the code stands in every catalogue, translated, with the same places to fill."""

import string

import pytest

from smarketing.language.speaker import FOLDER
from smarketing.language.update import read_catalogue, texts_in_code

CATALOGUES = sorted(FOLDER.glob("*.po"))


def key(message):
    return (message.context, message.id)


def forms(texts):
    return (texts,) if isinstance(texts, str) else texts


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(path):
    code, catalogue = (
        {key(m) for m in texts if m.id} for texts in (texts_in_code(), read_catalogue(path))
    )
    assert code == catalogue, "bring it up to date: python -m smarketing.language.update"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_text_is_translated_in_every_form(path):
    missing = [
        message.id
        for message in read_catalogue(path)
        if message.id and (message.fuzzy or not all(forms(message.string) or ("",)))
    ]
    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_fills_the_same_places(path):
    wrong = [
        (message.id, text)
        for message in read_catalogue(path)
        if message.id
        for text in forms(message.string)
        if not places(forms(message.id)[0]) - {"n"}
        <= places(text)
        <= places(forms(message.id)[0]) | places(forms(message.id)[-1])
    ]
    assert wrong == []
