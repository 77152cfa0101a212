"""House style of figures (IBCS: actual dark, earlier light, plan outlined, forecast hatched)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import matplotlib as mpl
import seaborn as sns
from cycler import cycler

from smarketing.fingerprint import sha256
from smarketing.results import Picture

INK = "#1d2b36"
"""Actual values, text and axes."""
EARLIER = "#8f9ba5"
"""Earlier periods."""
FAINT = "#d5dadf"
"""Grid lines."""
GOOD = "#2f7d4f"
BAD = "#b3352b"
ACCENT = "#2a6f97"
PAPER = "#fdfdfc"

_VARIABLES = {
    INK: f"var(--ink,var(--jp-ui-font-color1,{INK}))",
    EARLIER: f"var(--earlier,{EARLIER})",
    FAINT: f"var(--faint,var(--jp-border-color2,{FAINT}))",
    GOOD: f"var(--good,{GOOD})",
    BAD: f"var(--bad,{BAD})",
    ACCENT: f"var(--accent,{ACCENT})",
    PAPER: f"var(--paper,var(--jp-layout-color0,{PAPER}))",
}
"""House colours become the page's own variables: figures follow it into the dark.

In a notebook there is no such page: JupyterLab's own colours, or the house's, take their place.
"""

_STYLE = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=[INK, ACCENT, EARLIER, "#c98a2b", "#6b5b95"]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 100,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "grid.color": FAINT,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "patch.edgecolor": PAPER,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",  # letters stay letters: searchable, a third of the size
    "svg.hashsalt": "smarketing",  # the same figure is the same file
    "text.color": INK,
    "text.parse_math": False,  # a campaign called "$x$" is a name, not a formula
    "xtick.color": INK,
    "ytick.color": INK,
}


def use_house_style() -> None:
    """Set seaborn's theme and the house colours for all figures that follow.

    Examples
    --------
    >>> use_house_style()
    >>> mpl.rcParams["svg.hashsalt"]
    'smarketing'
    """
    sns.set_theme(style="ticks", rc=_STYLE)


@contextmanager
def house_style() -> Iterator[None]:
    """Use the house style inside a ``with`` block only."""
    with mpl.rc_context():
        use_house_style()
        yield


def inline_svg(picture: Picture) -> str:
    """Return a figure as SVG to stand inside a page, told to screen readers in words.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    str
        One ``<svg>`` element without dates or chance in it: the same figure, the same text.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> svg = inline_svg(Picture(Figure(), "Nothing <yet>"))
    >>> 'role="img"' in svg and "Nothing &lt;yet&gt;" in svg
    True
    """
    svg = picture.svg()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = in_page_colours(svg)
    # ids are unique within a figure only; several figures share one page
    mark = "f" + sha256(picture.alt_text + svg)[:8]
    svg = re.sub(r'\bid="', f'id="{mark}-', svg)
    svg = re.sub(r"url\(#", f"url(#{mark}-", svg)
    svg = re.sub(r'href="#', f'href="#{mark}-', svg)
    words = escape(picture.alt_text)
    return re.sub(
        r"<svg([^>]*)>",
        lambda m: f'<svg role="img" aria-label="{words}"{m[1]}><title>{words}</title>',
        svg,
        count=1,
    )


def in_page_colours(svg: str) -> str:
    """Return an SVG text in the page's own letters and colour variables.

    Examples
    --------
    >>> in_page_colours('<path style="stroke: #2a6f97"/>')
    '<path style="stroke: var(--accent,#2a6f97)"/>'
    """
    svg = re.sub(r'font: ([^;"]*?)(?:\'[^"]*?|DejaVu[^;"]*)(?=[;"])', r"font: \1sans-serif", svg)
    # the grey of earlier bars is too light to read as letters
    svg = re.sub(rf"(<text[^>]*fill: ){EARLIER}", r"\1var(--soft,#51606c)", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    return svg
