"""Every text that is looked up reaches the catalogues."""

import ast
from pathlib import Path

import pytest

from smarketing.language.update import PACKAGE, texts_in_code

PLACES = {"tr": [0], "mark": [0], "trn": [0], "trc": [1]}


def looked_up(file: Path):
    """Yield the texts that a file looks up, also those inside f-strings."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for place in PLACES.get(node.func.id, []):
                if place < len(node.args) and isinstance(node.args[place], ast.Constant):
                    yield node.args[place].value


@pytest.fixture(scope="module")
def extracted():
    texts = set()
    for message in texts_in_code():
        texts.add(message.id[0] if isinstance(message.id, tuple) else message.id)
    return texts


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: f.name)
def test_texts_inside_f_strings_are_not_found_so_none_stands_there(file, extracted):
    assert [text for text in looked_up(file) if text not in extracted] == []
