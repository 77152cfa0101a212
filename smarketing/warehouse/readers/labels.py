"""The label of a column under any of its names: HubSpot's and Salesforce's labels vary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML


def position(labels: Iterable[str], label: str, system: str | None = None) -> int | None:
    """Return where a label stands in a header, None if it does not.

    Parameters
    ----------
    labels : iterable of str
        The header.
    label : str
        The label asked for.
    system : str or None
        hubspot or salesforce: then case, blanks and punctuation do not matter, and the other
        names of the property do too – an exact match wins, and of two other names neither does.

    Examples
    --------
    >>> position(["Contact ID", "Number of Visits"], "Number of Sessions", "hubspot")
    1
    >>> position(["ID", "CREATEDDATE"], "Created Date", "salesforce")
    1
    >>> position(["id", "property_createdate"], "Create Date", "hubspot")
    1
    >>> position(["id"], "Id") is None
    True
    """
    labels = list(labels)
    if label in labels:
        return labels.index(label)
    if system is None:
        return None
    keys = [bare_label(one) for one in labels]
    if (own := bare_label(label)) in keys:
        return keys.index(own)
    others = [n for n, key in enumerate(keys) if key in _names(system).get(own, frozenset())]
    return others[0] if len(others) == 1 else None


def other_names(label: str, system: str | None) -> frozenset[str]:
    """Return the keys of all names that a property may have in a CRM.

    Examples
    --------
    >>> sorted(other_names("Job function", "hubspot"))
    ['jobfunction']
    >>> "numemployees" in other_names("Number of Employees", "hubspot")
    True
    """
    if system is None:
        return frozenset()
    own = bare_label(label)
    api = {f"{own}c"} if system == "salesforce" and not label.endswith("__c") else set()
    return frozenset({own, *api}) | _names(system).get(own, frozenset())


def bare_label(label: str) -> str:
    """Return a label without what differs between an export, the API and a warehouse's copy."""
    return re.sub(r"[\W_]+", "", label.strip().lower().removeprefix("property_"))


@cache
def _names(system: str) -> dict[str, frozenset[str]]:
    """Return, for each name, all names of the properties it may mean."""
    text = Path(__file__).with_name("labels.yml").read_text(encoding="utf-8")
    groups = [[bare_label(name) for name in group] for group in YAML(typ="safe").load(text)[system]]
    synonyms: dict[str, set[str]] = {}
    for group in groups:
        for name in group:
            synonyms.setdefault(name, set()).update(group)
    return {name: frozenset(names) for name, names in synonyms.items()}
