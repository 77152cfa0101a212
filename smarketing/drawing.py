"""A figure with its words: what those hear who cannot see it."""

from __future__ import annotations

from matplotlib.figure import Figure


class Drawing(Figure):
    """A matplotlib figure that carries its alt text.

    Attributes
    ----------
    alt_text : str
        What the figure shows, in words; every page that shows the figure shows them too.

    Examples
    --------
    >>> drawing = Drawing(figsize=(4, 2), layout="constrained")
    >>> drawing.alt_text = "Leads by month: 12, 15, 9."
    """

    alt_text: str = ""
