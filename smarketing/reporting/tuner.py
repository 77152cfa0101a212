"""Two sliders to try lines by hand; without a notebook's front end, a table says the same."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smarketing.planning import Thresholds
from smarketing.planning.lines.margin import judge
from smarketing.planning.lines.search import describe
from smarketing.reporting.page import Html
from smarketing.reporting.sections.plan import policy_table


def line_rows(found: Thresholds, pairs: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Return what pairs of lines would give in a month.

    Parameters
    ----------
    found : Thresholds
        Its tables hold every pair of lines, precomputed.
    pairs : dict of str to (float, float)
        Name -> MQL line, SQL line.

    Returns
    -------
    pandas.DataFrame
        As ``found.policies``.
    """
    tables = found.table.tables()
    money = judge(tables, found.terms)
    return pd.DataFrame(
        [
            describe(
                name,
                (found.table.position(mql), found.table.position(max(mql, sql))),
                found.table,
                tables,
                money,
                found.terms,
            )
            for name, (mql, sql) in pairs.items()
        ]
    )


def line_tuner(found: Thresholds, currency: str) -> Any:
    """Return sliders for both lines over what they give; shown by a notebook's front end.

    Parameters
    ----------
    found : Thresholds
    currency : str
        Of the margin.

    Returns
    -------
    ipywidgets.Widget
    """
    import ipywidgets as widgets

    grid = [float(line) for line in found.table.grid[:-1]]
    options = [(f"{line:g}", line) for line in grid]

    def slider(name: str, line: float) -> Any:
        value = min(grid, key=lambda each: abs(each - line))
        return widgets.SelectionSlider(
            options=options, value=value, description=name, continuous_update=False
        )

    mql, sql = slider("MQL line", found.mql), slider("SQL line", found.sql)
    answer = widgets.HTML()

    def show(_: Any = None) -> None:
        asked = (sql.value if found.terms.one_line else mql.value, sql.value)
        rows = line_rows(found, {"as drawn here": asked})
        answer.value = policy_table(pd.concat([rows, found.policies]), currency).markup

    for each in (mql, sql):
        each.observe(show, names="value")
    show()
    return widgets.VBox([answer, sql] if found.terms.one_line else [answer, mql, sql])


def line_steps(found: Thresholds, currency: str) -> Html:
    """Return the recommended lines moved a few points, as a table for pages without sliders."""
    rows = pd.concat([found.policies.head(1), found.nearby], ignore_index=True)
    return policy_table(rows, currency, "The recommended lines, moved a few points")
