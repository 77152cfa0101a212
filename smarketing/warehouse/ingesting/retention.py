"""How long the agreement lets data of a silent lead be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from smarketing.yamlfile import check_yaml, read_yaml


class _Privacy(BaseModel):
    retention_months: Annotated[StrictInt, Field(ge=1)] | None = None


class _OnlyPrivacy(BaseModel):
    privacy: _Privacy | None = None


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
    privacy = check_yaml(read_yaml(path, path.name), _OnlyPrivacy, path.name).privacy
    return privacy.retention_months if privacy else None
