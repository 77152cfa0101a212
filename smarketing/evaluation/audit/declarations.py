"""Lines for ``sources.yml`` that say when each column becomes known, with the reasons."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from textwrap import wrap

import pandas as pd

WIDTH = 100


def draft_known(
    columns: pd.DataFrame,
    numbers: Mapping[str, bool] | None = None,
    overwritten: Collection[str] = (),
) -> str:
    """Return the ``attributes:`` lines for the columns that ``sources.yml`` does not declare.

    What looks clean is drafted as known at creation, what is only overwritten as known by its
    history. What leaks, and what is only suspect, is
    drafted as written after the outcome: the safe side, until a person who knows who fills it
    in, and when, decides otherwise. Declared columns with evidence against their declaration
    are listed as comments.

    Parameters
    ----------
    columns : pandas.DataFrame
        ``column``, ``verdict``, ``reason``, ``known``, as in
        :class:`smarketing.evaluation.audit.data_audit.Audit`.
    numbers : mapping of str to bool, optional
        Whether a column holds numbers.
    overwritten : collection of str
        Columns that nothing but their history speaks against: with it they may be features.

    Returns
    -------
    str
        YAML that stands under ``tables: leads:``; only a comment if nothing is undeclared.

    Examples
    --------
    >>> print(draft_known(pd.DataFrame({"column": ["Job Title"], "verdict": ["fine"],
    ...     "reason": ["No sign that it was written after the fact."],
    ...     "known": ["undeclared"]})))
    attributes:
      # fine: No sign that it was written after the fact.
      job_title: {column: "Job Title", known: at_creation}
    <BLANKLINE>
    """
    undeclared = columns[columns.known == "undeclared"]
    doubtful = columns[(columns.known == "at_creation") & (columns.verdict != "fine")]
    lines = ["attributes:"] if len(undeclared) else ["# Every column of the leads is declared."]
    taken = set(columns.column[columns.known != "undeclared"])
    for row in undeclared.itertuples():
        name = _name(row.column, taken)
        taken.add(name)
        known = "at_creation" if row.verdict == "fine" else "after_outcome"
        known = "history" if row.column in overwritten else known
        kind = ", type: number" if (numbers or {}).get(row.column) else ""
        label = json.dumps(row.column, ensure_ascii=False)
        lines += _comment(f"{row.verdict}: {row.reason}")
        lines.append(f"  {name}: {{column: {label}{kind}, known: {known}}}")
    if len(doubtful):
        lines += _comment("Declared as known at creation, against the evidence:")
    for row in doubtful.itertuples():
        lines += _comment(f"{row.column} ({row.verdict}): {row.reason}")
    return "\n".join(lines) + "\n"


def _name(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"\W+", "_", plain).strip("_") or "column"
    if name[0].isdigit():
        name = f"column_{name}"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _comment(text: str) -> list[str]:
    plain = " ".join(text.split())  # a number and its unit may part: YAML is read with plain spaces
    lines = wrap(plain, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return [f"  # {line}" for line in lines]
