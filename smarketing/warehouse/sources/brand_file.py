"""How pages show whose they are: the company's name, logo and colour, from sources.yml."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from smarketing.errors import Problem
from smarketing.yamlfile import check_yaml, mark_of, read_yaml

MOST_BYTES = 100_000
"""A logo is a line and a half high: more than this is a photograph."""

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Branding(BaseModel):
    """The block ``branding`` of sources.yml.

    Examples
    --------
    >>> Branding(name="Nordlys", colour="#0a5").colour
    '#0a5'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text | None = None
    """What pages call the company; ``company`` by default."""
    logo: Text | None = None
    """An SVG, PNG or JPEG file of the workspace."""
    colour: str | None = None
    """Such as "#0a5" or "#00aa55"."""

    @field_validator("colour", mode="before")
    @classmethod
    def _hexadecimal(cls, value: Any) -> Any:
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise ValueError('a colour is "#rgb" or "#rrggbb", in quotes: # begins a comment')
        return value.lower()


class _OnlyBranding(BaseModel):
    branding: Branding = Field(default_factory=Branding)


def load_branding(folder: Path) -> Branding:
    """Read the branding of a workspace; the rest of its sources.yml is ingest's to judge.

    Raises
    ------
    SmarketingError
        With every mistake of it at once, each with its line.

    Examples
    --------
    >>> load_branding(Path("data/demo")).colour  # doctest: +SKIP
    """
    path = folder / "sources.yml"
    if not path.is_file():
        return Branding()
    data = read_yaml(path, path.name)
    problems = logo_problems(data, folder, path.name)
    return check_yaml(data, _OnlyBranding, path.name, problems).branding


def logo_problems(data: Mapping[str, Any], folder: Path, shown: str) -> list[Problem]:
    """Return what is wrong with the logo that a read sources.yml names."""
    block = data.get("branding")
    name = block.get("logo") if isinstance(block, Mapping) else None
    if not isinstance(name, str) or not name.strip():
        return []  # left to the type
    try:
        read_logo(folder, name)
    except ValueError as error:
        line, column = mark_of(data, ("branding", "logo"))
        return [Problem(f"branding.logo: {error}", shown, line, column, repr(name))]
    return []


def read_logo(folder: Path, name: str) -> str:
    """Return a logo as a ``data:`` address, to stand in an ``<img>``.

    There an SVG is a picture: browsers run no script in it and fetch nothing for it.

    Raises
    ------
    ValueError
        If it is not in the workspace, too large, or no picture.
    """
    try:
        path = (folder / name.strip()).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError("the file is not in the workspace")
        if not path.is_file():
            raise ValueError("there is no such file in the workspace")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"the file is larger than {MOST_BYTES // 1000} kB")
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror or error}") from None
    kind = _kind_of(content)
    if kind is None:
        raise ValueError("the file is no SVG, PNG or JPEG")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _kind_of(content: bytes) -> str | None:
    """Return the kind of picture by what is in it: a name can be wrong."""
    if content.startswith(_PNG):
        return "png"
    if content.startswith(_JPEG):
        return "jpeg"
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return "svg+xml" if start.startswith(b"<") and b"<svg" in start else None
