"""A proposal of sources.yml for exports nobody has described: every line with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.errors import SmarketingError, UsageError
from smarketing.results import Result
from smarketing.warehouse.drafting import hints
from smarketing.warehouse.drafting.draft_lines import DraftLine, DraftLines, plain
from smarketing.warehouse.drafting.leads import canonical, draft_leads, key_of, outcome_of
from smarketing.warehouse.drafting.others import draft_others, is_opportunities, options_of
from smarketing.warehouse.drafting.profile import Look, look_at
from smarketing.warehouse.tables import TABLES

_LEAD_WORDS = ("lead", "contact", "mql", "prospect", "person")
_LEAST_COLUMNS = 2


@dataclass(frozen=True)
class Draft(Result):
    """A proposed sources.yml.

    Parameters
    ----------
    lines : tuple of DraftLine
        Its lines, each with its reason and whether it is sure.
    """

    lines: tuple[DraftLine, ...]

    @property
    def text(self) -> str:
        """The file."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def unsure(self) -> int:
        """How many lines a person must decide on."""
        return sum(not line.sure for line in self.lines)

    def frame(self) -> pd.DataFrame:
        """Return one row a line: ``line``, ``text``, ``reason``, ``sure``."""
        rows = [(n, line.text, line.reason, line.sure) for n, line in enumerate(self.lines, 1)]
        return pd.DataFrame(rows, columns=["line", "text", "reason", "sure"])

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        unsure = [n for n, line in enumerate(self.lines, 1) if not line.sure]
        return {"sources": self.text, "unsure_lines": unsure}


def draft_sources(files: Sequence[Path]) -> Draft:
    """Propose a sources.yml for exports: tables, types, keys, dates, missing markers, stages.

    A draft to decide on: lines marked ``# ?`` are guesses. It can be ingested as it is, once
    the files are in the workspace's raw/.

    Parameters
    ----------
    files : sequence of Path
        The exports.

    Raises
    ------
    UsageError
        If no file is named.
    SmarketingError
        If a file cannot be read, or none holds anything that leads could be made of.

    Examples
    --------
    >>> draft_sources([Path("raw/Leads.csv")]).text  # doctest: +SKIP
    """
    if not files:
        raise UsageError("no file is named", todo="Name the exports to look at.")
    looks = [look_at(Path(path)) for path in files]
    leads = _leads_of(looks)
    lines = DraftLines()
    lines.add(0, "# A draft: every line has its reason; a line marked `# ?` wants your decision.")
    lines.ask(0, f"company: {plain('Our company')}", "the name reports show")
    systems = {look.options.labels_of for look in looks}
    zone = "UTC"
    lines.ask(0, f"timezone: {zone}", _zone_reason(looks, systems))
    _missing(looks, lines)
    lines.ask(0, "public_hash_key: draft", "remove it, and set SMARKETING_HASH_KEY: a secret")
    _cannot(looks, leads, lines)
    lines.add(0, "tables:")
    _leads(leads, lines)
    draft_others(looks, leads, lines)
    return Draft(tuple(lines.all))


def _zone_reason(looks: list[Look], systems: set[str | None]) -> str:
    if "hubspot" in systems:
        return "HubSpot writes local times and does not say of where: the portal's zone"
    times = any(column.kind == "time" for look in looks for column in look.columns)
    return "of times that name no zone" if times else "no column holds a time; any will do"


def _missing(looks: list[Look], lines: DraftLines) -> None:
    sure, perhaps = [], []
    for look in looks:
        for column in look.columns:
            for value in column.values if column.kind == "text" else ():
                if value.lower() in hints.NO_ANSWER_SURE:
                    sure.append(value)
                elif value.lower() in hints.NO_ANSWER_PERHAPS:
                    perhaps.append(value)
    no_answers = list(dict.fromkeys(sure))
    nothing = list(dict.fromkeys(mark for look in looks for mark in look.nothing))
    if no_answers or nothing:
        times = len(sure)
        markers = ", ".join(['""', *map(plain, [*no_answers, *nothing])])
        where = "a column" if times == 1 else f"{times} columns"
        reason = f"a form's first entry, left as it was, in {where}"
        lines.add(0, f"missing: [{markers}]", reason if no_answers else "stands for no date")
    if perhaps:
        some = ", ".join(plain(v) for v in dict.fromkeys(perhaps))
        lines.ask(0, f"# missing may be: {some}", "comes in some columns; does it mean no value?")


def _cannot(looks: list[Look], leads: Look, lines: DraftLines) -> None:
    if len(looks) == 1 and outcome_of(leads) and not _dated(leads):
        lines.add(0, "cannot:")
        lines.add(1, "stages: the export gives the outcome of each lead and no dates", "no dates")
        lines.add(1, "events: the export gives totals, not what happened when", "no dates")


def _dated(look: Look) -> bool:
    return any(column.kind == "time" for column in look.columns)


def _leads_of(looks: list[Look]) -> Look:
    def rank(look: Look) -> tuple[int, ...]:
        name = look.path.name.lower() + " " + " ".join(look.labels[:3]).lower()
        return (
            look.options.reader in ("hubspot", "salesforce") and not is_opportunities(look),
            sum(word in name for word in _LEAD_WORDS),
            outcome_of(look) is not None,
            "created_at" in canonical(look),
            -looks.index(look),
        )

    keyed = [look for look in looks if key_of(look) is not None]
    real = [look for look in keyed if not is_opportunities(look)] or keyed
    if not real:
        wide = [look for look in looks if len(look.columns) >= _LEAST_COLUMNS and look.rows]
        emails = [look for look in wide if any(c.personal == "e-mail" and look.unique(c)
                  for c in look.columns)]  # fmt: skip
        if emails:
            return emails[0]
        raise SmarketingError(
            "no file has a column that tells its rows apart, so that leads could be made of it",
            looks[0].path.name,
            found=", ".join(looks[0].labels[:8]),
            allowed="an id per row, such as Lead ID, Id or an e-mail address",
            todo="Export again with the record's id.",
        )
    return max(real, key=rank)


def _leads(look: Look, lines: DraftLines) -> None:
    opportunities = is_opportunities(look)
    why = "no file of leads is named: every deal stands for one lead" if opportunities else ""
    lines.add(1, "leads:", why, not opportunities)
    options_of(look, lines)
    key = key_of(look) or next(c for c in look.columns if c.personal == "e-mail" and look.unique(c))
    columns = canonical(look)
    lines.add(2, "columns:")
    reason = "an address: kept as a hash" if key.personal else "every row has another"
    lines.add(3, f"lead_id: {plain(key.label)}", reason)
    used = {key.label}
    for name, (column, sure) in columns.items():
        if column.label in used:
            continue
        used.add(column.label)
        what = TABLES["leads"].column(name).name.replace("_", " ")
        lines.add(3, f"{name}: {plain(column.label)}", f"named like the {what}", sure)
    if opportunities:
        return
    draft_leads(look, lines, used)
