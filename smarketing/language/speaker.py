"""Which language is spoken, and which ones can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from smarketing.errors import Problem, UsageError


class Speaks(Protocol):
    """What is written in a language of its own."""

    @property
    def language(self) -> str:
        """One of :data:`LANGUAGES`."""


P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Speaks)

FOLDER = Path(__file__).parent
LANGUAGES = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
"""Languages that pages are written in: English, and one for each catalogue in this folder."""

_LOCALES = {"en": "en_GB"}  # days before months, as Europe writes English
_SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")


def spoken() -> str:
    """Return the language in which texts are written now."""
    return _SPOKEN.get()


def locale() -> str:
    """Return how Babel calls the language that is spoken: for numbers, dates and lists."""
    return _LOCALES.get(spoken(), spoken())


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write texts, numbers and dates in a language inside a ``with`` block.

    Raises
    ------
    UsageError
        If there is no catalogue of it.

    Examples
    --------
    >>> with speaking("da"):
    ...     locale()
    'da'
    """
    token = _SPOKEN.set(check_language(language))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def in_its_language(write: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Make a function write in the ``language`` of its first argument, a report."""

    @wraps(write)
    def wrapped(report: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with speaking(report.language):
            return write(report, *args, **kwargs)

    return wrapped


def check_language(language: str) -> str:
    """Return the language unchanged if pages are written in it.

    Raises
    ------
    UsageError
        Otherwise.

    Examples
    --------
    >>> check_language("en")
    'en'
    """
    if language not in LANGUAGES:
        raise UsageError(
            Problem(
                "reports are not written in that language",
                found=repr(language),
                allowed=", ".join(LANGUAGES),
            )
        )
    return language
