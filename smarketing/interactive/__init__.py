"""Lines tried by hand: sliders in a notebook; on a page without a kernel a table says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from smarketing.interactive.fits import judged_rows
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.reporting.html.page import Html
from smarketing.reporting.pages.sections.plan import policy_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["judged_rows", "line_steps", "line_tuner"]


def line_tuner(
    found: Thresholds,
    folder: Path,
    rows: pd.DataFrame | None = None,
    data_until: pd.Timestamp | None = None,
) -> Any:
    """Return the tuner (:func:`smarketing.interactive.panel.line_tuner`).

    ipywidgets is imported here only: a report rendered by a scheduler needs no sliders.
    """
    from smarketing.interactive import panel

    return panel.line_tuner(found, folder, rows, data_until)


def line_steps(found: Thresholds, currency: str) -> Html:
    """Return the recommended lines moved a few points, as a table for pages without sliders."""
    rows = pd.concat([found.policies.head(1), found.nearby], ignore_index=True)
    return policy_table(rows, currency, "The recommended lines, moved a few points")
