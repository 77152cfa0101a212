"""How long the agreement lets data of a silent lead be kept."""

from __future__ import annotations

from pathlib import Path

from smarketing.errors import SmarketingError
from smarketing.yamlfile import mark_of, read_yaml


def retention_months(folder: Path) -> int | None:
    """Return ``privacy: retention_months`` of the workspace's agreement; None to keep all.

    Only this one number is read: the rest of the agreement is checked where it is used.

    Raises
    ------
    SmarketingError
        If it is no whole number of months from 1.
    """
    path = folder / "agreement.yml"
    if not path.is_file():
        return None
    data = read_yaml(path, path.name)
    privacy = data.get("privacy")
    months = privacy.get("retention_months") if isinstance(privacy, dict) else None
    if months is None:
        return None
    if not isinstance(months, int) or isinstance(months, bool) or months < 1:
        raise SmarketingError(
            "retention_months is no number of months",
            path.name,
            *mark_of(data, ("privacy", "retention_months")),
            found=repr(months),
            allowed="a whole number from 1, such as 24",
        )
    return int(months)
