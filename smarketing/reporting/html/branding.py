"""The company's name, logo and colour on its pages: readable in every light."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache

from matplotlib.colors import to_hex, to_rgb

from smarketing.fingerprint import sha256
from smarketing.folder import Folder
from smarketing.reporting.html.page import Html, fill
from smarketing.warehouse.sources.brand_file import load_branding, read_logo

PAPER, DARK_PAPER = "#fdfdfc", "#14191d"
"""What text stands on, in the light and in the dark; as in page.css."""
LEAST_CONTRAST = 4.5
"""What WCAG 2.2 (1.4.3, AA) asks of text."""


@dataclass(frozen=True)
class Brand:
    """How a company's pages look; empty where its workspace does not say.

    Parameters
    ----------
    name : str
    logo : str
        A ``data:`` address.
    colour : str
        "#rgb" or "#rrggbb".
    """

    name: str = ""
    logo: str = ""
    colour: str = ""

    @property
    def css(self) -> str:
        """What is to follow the page's own style sheet."""
        if not self.colour:
            return ""
        light, dark = readable(self.colour, PAPER), readable(self.colour, DARK_PAPER)
        return (
            f"\n:root {{ --brand: {light}; }}\n"
            f"@media (prefers-color-scheme: dark) {{ :root {{ --brand: {dark}; }} }}\n"
            f"@media print {{ :root {{ --brand: {light}; }} }}\n"
        )

    @property
    def fingerprint(self) -> str:
        """What differs as soon as anything of it does."""
        return sha256(repr(self))


NO_BRAND = Brand()


def brand_of(place: Folder) -> Brand:
    """Return the branding of a workspace.

    Raises
    ------
    SmarketingError
        If sources.yml says it wrongly.
    """
    branding = load_branding(place.path)
    return Brand(
        name=branding.name or "",
        logo=read_logo(place.path, branding.logo) if branding.logo else "",
        colour=branding.colour or "",
    )


def page_head(title: str, about: str, brand: Brand, company: str) -> Html:
    """Return the first line of a page: logo, title, and what it rests on."""
    return fill("page_head.html.j2", title=title, about=about, logo=brand.logo, company=company)


@lru_cache
def readable(colour: str, paper: str) -> str:
    """Return a colour as "#rrggbb", so far from the paper's that text in it can be read.

    Hue and saturation (HLS) stay. Lightness moves by steps of 1/255, darker on a light paper and
    lighter on a dark one, until the contrast is at least 4.5 to 1; black or white ends every way.

    Examples
    --------
    >>> readable("#0a5", "#fdfdfc"), readable("#1f5f86", "#fdfdfc")
    ('#008643', '#1f5f86')
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    step = -1 / 255 if luminance(paper) > 0.18 else 1 / 255
    shade = to_hex(colour)
    while contrast(shade, paper) < LEAST_CONTRAST and 0 <= lightness <= 1:
        lightness += step
        shade = to_hex(colorsys.hls_to_rgb(hue, min(max(lightness, 0), 1), saturation))
    return shade


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2), from 1 to 21.

    Examples
    --------
    >>> contrast("#000", "#fff")
    21.0
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2), from 0 to 1."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
