"""What a person reads of a piece of a page."""

from __future__ import annotations

import html
import re

from smarketing.reporting.html.page import Html


def lines(part: Html) -> list[str]:
    """Return a line per row, cells set apart by a bar."""
    text = re.sub(r"\s*\n\s*", "", part.markup)
    text = re.sub(r"</t[dh]>", " | ", text)
    text = re.sub(r"</(tr|p|h[1-6]|caption|li|summary|svg)>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ")
    return [line.strip(" |") for line in text.split("\n") if line.strip(" |")]


def words(part: Html) -> str:
    """Return all text in one line, tags and line breaks gone."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part.markup)).replace("\u00a0", " ")
