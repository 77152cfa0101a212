"""What a page was made from: kept beside it, so that only what changed is rendered again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from smarketing.fingerprint import file_sha256, files_digest, sha256
from smarketing.folder import Folder
from smarketing.reporting.html.branding import brand_of

SUFFIX = ".manifest.json"
_PACKAGE = Path(__file__).parents[2]
_CODE = {".py", ".j2", ".js", ".css", ".json", ".txt", ".po"}
_LIBRARIES = (
    "smarketing",
    "pandas",
    "numpy",
    "scikit-learn",
    "statsmodels",
    "duckdb",
    "ibis-framework",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
)


def inputs_of(place: Folder, notebook: Path) -> dict[str, Any]:
    """Return fingerprints of all that a report's numbers and looks come from.

    Parameters
    ----------
    place : Folder
        Its data, its agreements of all times, what meetings carried over, and its branding.
    notebook : Path
        The report's; the package's own code counts too.
    """
    with place.warehouse() as warehouse:
        fingerprint = warehouse.fingerprint
    path = place.path
    agreements = [path / "agreement.yml", *sorted((path / "agreements").glob("*.yml"))]
    return {
        "data_fingerprint": fingerprint,
        "agreement_sha256": files_digest(agreements),
        "meetings_sha256": files_digest(sorted((path / "meetings").glob("*"))),
        "branding_sha256": brand_of(place).fingerprint,
        "notebook_sha256": files_digest([notebook]),
        "code_sha256": _code(),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that numbers and pages come from."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def manifest_of(
    about: Mapping[str, Any],
    figures: Mapping[str, Any],
    restated: list[dict[str, Any]],
    book: NotebookNode,
    html: str,
) -> dict[str, Any]:
    """Return a report's manifest; what differs from run to run stands under ``run``.

    Parameters
    ----------
    about : mapping
        kind, period, language, workspace, inputs, parameters: known before the run.
    figures : mapping
        Key figures the notebook handed over.
    restated : list of dict
        As :func:`smarketing.reporting.runs.restated.restated`.
    book : NotebookNode
        Executed.
    html : str
        The page.
    """
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    inputs = {**about["inputs"], "agreement_version": figures.get("agreement_version")}
    return {
        **about,
        "inputs": inputs,
        "versions": versions(),
        "key_figures": figures,
        "restated": restated,
        "html_sha256": sha256(html),
        "run": {
            "started_at": book.metadata.papermill.start_time,
            "seconds": round(book.metadata.papermill.duration, 2),
            "cells": [round(c.metadata.papermill.get("duration", 0), 2) for c in cells],
        },
    }


def text_of(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as it is kept."""
    return json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def read_manifest(page: Path) -> dict[str, Any] | None:
    """Return the manifest of a published page, or None if it is not there or not whole."""
    try:
        return json.loads(page.with_name(page.stem + SUFFIX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_current(page: Path, about: Mapping[str, Any]) -> bool:
    """Return whether a published page is whole, and made from just this."""
    kept = read_manifest(page)
    if kept is None or not page.is_file():
        return False
    inputs = {k: v for k, v in kept.get("inputs", {}).items() if k != "agreement_version"}
    return (
        inputs == about["inputs"]
        and kept.get("parameters") == about["parameters"]
        and kept.get("versions") == versions()
        and kept.get("html_sha256") == file_sha256(page)
    )


@cache
def _code() -> str:
    return files_digest(sorted(p for p in _PACKAGE.rglob("*") if p.suffix in _CODE), _PACKAGE)
