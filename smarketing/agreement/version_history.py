"""Every version of the agreement with its reason, and the reviews that left it as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML, YAMLError

from smarketing.agreement.accept import HISTORY
from smarketing.agreement.versions import agreement_versions
from smarketing.errors import SmarketingError
from smarketing.results import Result


@dataclass(frozen=True)
class AgreementHistory(Result):
    """What was agreed when and why.

    Attributes
    ----------
    versions : pandas.DataFrame
        One row a version, oldest first: ``version``, ``valid_from``, ``reason`` and ``changes``
        (a list, in words) against the one before; both None or empty where nobody noted them.
    reviews : pandas.DataFrame
        ``reviewed`` (a day), ``version``, ``note``: looked at and left as it is.
    """

    versions: pd.DataFrame
    reviews: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return one row a version."""
        return self.versions.copy()

    def last_review(self, by: date) -> date | None:
        """Return the last review noted up to a day; None if there was none."""
        days = [day for day in self.reviews["reviewed"] if day <= by]
        return max(days, default=None)


def agreement_history(folder: Path) -> AgreementHistory:
    """Read the versions of a workspace's agreement, and ``agreements/history.yml``.

    Raises
    ------
    SmarketingError
        If a version or the history has mistakes.

    Examples
    --------
    >>> agreement_history(Path("data/demo")).versions["version"].tolist()  # doctest: +SKIP
    [1, 2, 3]
    """
    entries = _entries(folder)
    noted = {entry.get("version"): entry for entry in entries if "changes" in entry}
    rows = []
    for version in agreement_versions(folder):
        entry = noted.get(version.version, {})
        rows.append(
            {
                "version": version.version,
                "valid_from": version.valid_from,
                "reason": entry.get("reason"),
                "changes": [str(words) for words in entry.get("changes") or []],
            }
        )
    reviews = [
        {key: entry.get(key) for key in ("reviewed", "version", "note")}
        for entry in entries
        if isinstance(entry.get("reviewed"), date)
    ]
    return AgreementHistory(
        pd.DataFrame(rows, columns=["version", "valid_from", "reason", "changes"], dtype=object),
        pd.DataFrame(reviews, columns=["reviewed", "version", "note"], dtype=object),
    )


def _entries(folder: Path) -> list[dict[str, Any]]:
    path = folder / HISTORY
    if not path.is_file():
        return []
    try:
        entries = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or []
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SmarketingError(
            "this is no YAML", HISTORY, None if mark is None else mark.line + 1
        ) from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SmarketingError("a list of entries is needed", HISTORY)
    return entries
