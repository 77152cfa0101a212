"""Texts in the language that is spoken: English in the code, each other one in one file here."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from smarketing.language.speaker import FOLDER, spoken


def mark(text: str) -> str:
    """Return a text of a table of words unchanged: it is translated where it is used, by ``tr``."""
    return text


def tr(text: str, /, **values: Any) -> str:
    """Return a text in the language that is spoken, its ``{places}`` filled.

    A text is a whole sentence or label, so that another language may order it otherwise; numbers
    among the values are written by :mod:`smarketing.language.numbers` before.

    Examples
    --------
    >>> tr("{part} of {whole}", part="3", whole="20")
    '3 of 20'
    """
    return catalogue(spoken()).gettext(text).format(**values) if text else ""


def trc(context: str, text: str, /, **values: Any) -> str:
    """Return a text that means different things in different places, as :func:`tr` does.

    Examples
    --------
    >>> trc("a promise not yet due", "open")
    'open'
    """
    return catalogue(spoken()).pgettext(context, text).format(**values)


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the texts of a language, read once."""
    if language == "en":
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        texts = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return GNUTranslations(compiled)
