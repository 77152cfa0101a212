"""Where the company is: the zone in which a day without a time is that day."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel

from smarketing.yamlfile import check_yaml, read_yaml


class _OnlyZone(BaseModel):
    timezone: Any = None


def agreed_zone(folder: Path) -> str | None:
    """Return the time zone of the workspace's agreement; None without one.

    Only this one key is read: the rest of the agreement, and a zone that nobody knows, is
    checked where the agreement is used.
    """
    path = folder / "agreement.yml"
    if not path.is_file():
        return None
    zone = check_yaml(read_yaml(path, path.name), _OnlyZone, path.name).timezone
    return zone if isinstance(zone, str) and zone in available_timezones() else None
