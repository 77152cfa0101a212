"""All that a figure says: titles, labels, ticks, notes, legends, and what is read aloud."""

from __future__ import annotations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from smarketing.results import Picture


def texts_of(picture: Picture) -> list[str]:
    """Return the texts of a figure, once drawn, and its alt text."""
    FigureCanvasAgg(picture.figure).draw()
    shown = [text.get_text() for text in picture.figure.findobj(Text) if text.get_visible()]
    return [*filter(None, shown), picture.alt_text]
