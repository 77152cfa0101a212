"""A made-up language of wide letters (ｌｉｋｅ ｔｈｅｓｅ): plain ones were not translated.

Numbers, months and lists are Greek, so that Babel's words have no plain letters either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from gettext import NullTranslations
from html.parser import HTMLParser
from unittest.mock import patch

import smarketing.language.catalogue
import smarketing.language.plurals
import smarketing.language.speaker
from smarketing.language.speaker import LANGUAGES, speaking
from smarketing.language.update import texts_in_code

LANGUAGE = "el"
_WIDE = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(128)) if c.isalpha()}
_READ_ALOUD = {"alt", "aria-label", "placeholder", "title", "summary"}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")


@cache
def _known() -> set[str]:
    """Return the texts that catalogues are made from; a code that nobody marked is not there."""
    return {
        text
        for message in texts_in_code()
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    }


class Pseudo(NullTranslations):
    """Widens every letter of a text of the catalogues but for those of its places."""

    def gettext(self, message):
        if message not in _known():
            return message
        parts = re.split(r"(\{[^}]*\})", message)
        return "".join(p if p.startswith("{") else p.translate(_WIDE) for p in parts)

    def ngettext(self, one, many, n):
        return self.gettext(one if n == 1 else many)

    def pgettext(self, _context, message):
        return self.gettext(message)


@contextmanager
def speaking_pseudo() -> Iterator[None]:
    """Write everything in the made-up language; reports of ``LANGUAGE`` too."""
    with ExitStack() as stack:
        stack.enter_context(
            patch.object(smarketing.language.speaker, "LANGUAGES", (*LANGUAGES, LANGUAGE))
        )
        for module in (smarketing.language.catalogue, smarketing.language.plurals):
            stack.enter_context(patch.object(module, "catalogue", lambda _: Pseudo()))
        stack.enter_context(speaking(LANGUAGE))
        yield


def untranslated(html: str, data: Iterable[str] = ()) -> list[str]:
    """Return the words of a page in plain letters, those of the data left out."""
    page = _Words()
    page.feed(html)
    text = "\n".join(page.said)
    for each in sorted({d for d in data if d}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", "·", text)
    return sorted(set(_PLAIN.findall(text)))


class _Words(HTMLParser):
    """Gathers what a page shows or reads aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attrs):
        self._silent += tag in {"style", "script"}
        self.said += [value or "" for name, value in attrs if name in _READ_ALOUD]

    def handle_endtag(self, tag):
        self._silent -= tag in {"style", "script"}

    def handle_data(self, data):
        if not self._silent:
            self.said.append(data)
