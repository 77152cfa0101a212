"""A line for each report of each run, in runs.jsonl: what a watcher reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOG = "runs.jsonl"


def log_run(
    folder: Path, about: Mapping[str, str], status: str, seconds: float, page: str, error: str = ""
) -> None:
    """Append a line to the folder's log, in one write, so that no line is ever half there.

    Parameters
    ----------
    folder : Path
        The reports'.
    about : mapping of str to str
        ``workspace``, ``kind``, ``period``, ``language``.
    status : {"rendered", "unchanged", "failed"}
    seconds : float
    page : str
        The page's file name.
    error : str
        Why it failed, in words.
    """
    line = {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        **{key: about[key] for key in ("workspace", "kind", "period", "language")},
        "status": status,
        "seconds": round(seconds, 1),
        "page": page if status != "failed" else None,
        "error": error or None,
    }
    data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
    # a full disk must not turn a published report into a failed one
    with suppress(OSError):
        handle = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)


def last_runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the last line of each page of a folder, by ``kind-period-language``."""
    last: dict[str, dict[str, Any]] = {}
    with suppress(OSError):
        for text in (folder / LOG).read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                line = json.loads(text)
                last[f"{line['kind']}-{line['period']}-{line['language']}"] = line
    return last
