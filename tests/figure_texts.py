"""All that a figure says: titles, labels, ticks, notes, legends, and what is read aloud."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text


def texts_of(figure: Figure) -> list[str]:
    """Return the texts of a figure, once drawn, and its alt text."""
    figure.canvas.draw()
    shown = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
    return [*filter(None, shown), figure.alt_text]
