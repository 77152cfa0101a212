"""Reading agreement.yml: every mistake at once, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from smarketing.agreement.consistency import consistency_faults
from smarketing.agreement.model import Agreement
from smarketing.errors import SmarketingError
from smarketing.faults import Fault, faults_of
from smarketing.yamlfile import content_of, problems_at, read_yaml


def load_agreement(path: Path, shown_as: str = "agreement.yml") -> Agreement:
    """Read and check an agreement.

    Parameters
    ----------
    path : Path
        The file.
    shown_as : str
        How messages call the file.

    Raises
    ------
    SmarketingError
        With one problem a mistake: line, what is wrong, what was found, what is allowed.
    """
    if path.is_file():
        with suppress(OSError):  # which reading it tells of, in words
            return _checked(path, path.read_bytes(), shown_as)
    return check_agreement(read_yaml(path, shown_as), shown_as)


@lru_cache(maxsize=8)
def _checked(path: Path, _content: bytes, shown_as: str) -> Agreement:
    """Read each content of a file once: a report asks for the agreement in several places."""
    return check_agreement(read_yaml(path, shown_as), shown_as)


def check_agreement(data: Mapping[str, Any], shown_as: str | None = None) -> Agreement:
    """Turn the content of an agreement, read with or without line marks, into the model.

    Raises
    ------
    SmarketingError
        With one problem a mistake.
    """
    content = content_of(data, shown_as)
    faults: list[Fault] = []
    agreement = None
    try:
        agreement = Agreement.model_validate(content, context={"lists": _lists(content)})
    except ValidationError as error:
        faults += faults_of(error, Agreement)
    # pydantic checks a model as a whole only once all its fields are right: a pass of our own
    # reports what does not go together in the same breath
    wrong = {fault.loc for fault in faults}
    faults += [fault for fault in consistency_faults(content) if fault.loc not in wrong]
    if faults or agreement is None:
        raise SmarketingError(problems_at(data, faults, shown_as))
    return agreement


def _lists(content: Any) -> dict[str, Any]:
    lists = content.get("lists")
    if not isinstance(lists, Mapping):
        return {}
    # a list with a mistake of its own is known all the same: one mistake, one problem
    return {
        str(name): value if isinstance(value, list) and value else ["?"]
        for name, value in lists.items()
    }
