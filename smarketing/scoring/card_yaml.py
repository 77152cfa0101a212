"""A scorecard as it stands in agreement.yml."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from smarketing.agreement.model import Grades
from smarketing.agreement.scorecard import Scorecard


def card_yaml(card: Scorecard, grades: Grades | None = None) -> str:
    """Return a card as ``scorecard:`` stands in ``agreement.yml``, with ``grades:`` if given.

    Examples
    --------
    >>> print(card_yaml(model.card_, model.grades_))  # doctest: +SKIP
    """
    out, writer = io.StringIO(), YAML()
    writer.width = 100
    writer.indent(mapping=2, sequence=4, offset=2)
    blocks = {"scorecard": card.to_dict()}
    if grades is not None:
        blocks["grades"] = grades.model_dump()
    writer.dump(_plain(blocks), out)
    return out.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
