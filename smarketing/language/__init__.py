"""The language of pages: texts from catalogues, numbers and dates as each language writes them.

English stands in the code, every other language in one file of this folder: copy ``da.po``, name
it for the language, translate. Nothing else is to be done.
"""

from smarketing.language.catalogue import mark, tr, trc
from smarketing.language.plurals import trn
from smarketing.language.speaker import (
    LANGUAGES,
    check_language,
    in_its_language,
    speaking,
    spoken,
)

__all__ = [
    "LANGUAGES",
    "check_language",
    "in_its_language",
    "mark",
    "speaking",
    "spoken",
    "tr",
    "trc",
    "trn",
]
