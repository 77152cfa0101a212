"""Bring the catalogues up to date with the code: ``python -m smarketing.language.update``.

Texts new in the code are added, untranslated; texts that are gone are dropped.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from smarketing.language.speaker import FOLDER

PACKAGE = Path(__file__).parents[1]
WIDTH = 99

_METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
_KEYWORDS = {"tr": None, "mark": None, "trn": (1, 2), "trc": ((1, "c"), 2)}


def texts_in_code() -> Catalog:
    """Return every text that the package writes in the language of a page.

    Examples
    --------
    >>> "{share} accepted" in texts_in_code()
    True
    """
    texts = Catalog()
    for file, _, text, _, context in extract_from_dir(
        PACKAGE, _METHODS, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        texts.add(text, locations=[(file, 0)], context=context)
    return texts


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue of a language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def update(path: Path) -> None:
    """Add to a catalogue what the code says by now, and drop what it no longer says."""
    catalogue = read_catalogue(path)
    catalogue.update(texts_in_code(), no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=WIDTH, sort_output=True, omit_header=False, ignore_obsolete=True
        )


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.po")):
        update(each)
