"""Scores as a file that HubSpot or Salesforce imports: an id each CRM knows, and its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from smarketing.errors import CannotAnswer, Problem, UsageError
from smarketing.folder import Folder
from smarketing.results import Result
from smarketing.scoring.scores import Scores
from smarketing.warehouse.crm_ids import crm_ids

CRMS = {
    "hubspot": {
        "id": "Record ID",
        "score": "Smarketing score",
        "grade": "Smarketing grade",
        "for": "Smarketing reasons for",
        "against": "Smarketing reasons against",
    },
    "salesforce": {
        "id": "Id",
        "score": "Smarketing_Score__c",
        "grade": "Smarketing_Grade__c",
        "for": "Smarketing_Reasons_For__c",
        "against": "Smarketing_Reasons_Against__c",
    },
}
"""The header of each CRM's file: HubSpot maps properties by name, Salesforce by API name."""

LONGEST = 255
"""Letters that a Salesforce text field holds; one letter more fails the row."""


@dataclass(frozen=True)
class CrmImport(Result):
    """An import file.

    Attributes
    ----------
    crm : str
    rows : pandas.DataFrame
        A row per record, under the CRM's own headers.
    left_out : dict of str to int
        Reason -> leads scored that are not in the file.
    """

    crm: str
    rows: pd.DataFrame
    left_out: dict[str, int]

    def frame(self) -> pd.DataFrame:
        """Return a row per record, as it is written."""
        return self.rows.copy()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is in the file and what is not, in sentences."""
        kind = "contacts" if self.crm == "hubspot" else "leads"
        fields = ", ".join(list(self.rows)[1:])
        sentences = [f"{len(self.rows):,} {kind} to import; create {fields} first, as {_KINDS}."]
        sentences += [f"{n:,} left out: {reason}." for reason, n in self.left_out.items()]
        return tuple(sentences)

    def to_dict(self) -> dict[str, Any]:
        """Return ``crm``, ``n``, ``left_out``, ``columns``."""
        return {
            "crm": self.crm,
            "n": len(self.rows),
            "left_out": dict(self.left_out),
            "columns": list(self.rows),
        }


_KINDS = "a number and texts"


def crm_import(space: Folder, scores: Scores, crm: str) -> CrmImport:
    """Return scores under the ids and headers of a CRM's import.

    A lead may stand behind several records; each gets the score. A lead with several open
    spells counts by the best. Texts are cut to 255 letters at the end of a reason.

    Parameters
    ----------
    space : Folder
        Its ``sources.yml`` tells which records the leads are.
    scores : Scores
    crm : str
        "hubspot" or "salesforce".

    Raises
    ------
    UsageError
        If there is no such CRM.
    CannotAnswer
        If no scored lead is a record of that CRM.

    Examples
    --------
    >>> crm_import(space, score_leads(warehouse, space.agreement), "hubspot")  # doctest: +SKIP
    """
    if crm not in CRMS:
        raise UsageError(Problem("there is no such CRM", found=repr(crm), allowed=", ".join(CRMS)))
    with space.warehouse() as warehouse:
        ids = crm_ids(space.path, space.sources, crm, warehouse)
    leads = scores.frame().drop_duplicates("lead_id")  # the best first
    known = leads.merge(ids, on="lead_id")
    usable = known[~(known.deleted | known.converted)]
    if usable.empty and len(leads):
        raise CannotAnswer(
            Problem(
                f"none of the {len(leads):,} leads is known as a record of {crm}",
                todo="The file needs leads from its exports, or a look-up (`via: lead_id`) from "
                "its record id in sources.yml.",
            )
        )
    never = ~leads.lead_id.isin(known.lead_id)
    gone = known[~known.lead_id.isin(usable.lead_id)].drop_duplicates("lead_id")
    reasons = {
        f"no record of {crm} is known for them": int(never.sum()),
        f"deleted in {crm}": int(gone.deleted.sum()),
        f"converted in {crm}, which freezes the lead": int((~gone.deleted & gone.converted).sum()),
    }
    header = CRMS[crm]
    rows = pd.DataFrame(
        {
            header["id"]: usable.record_id,
            header["score"]: usable.score,
            header["grade"]: usable.grade,
            header["for"]: usable.reasons_for.map(_short),
            header["against"]: usable.reasons_against.map(_short),
        }
    )
    return CrmImport(
        crm,
        rows.sort_values(header["id"], ignore_index=True),
        {reason: n for reason, n in reasons.items() if n},
    )


def _short(text: str) -> str:
    """Cut a list of reasons at the last that fits, with room for an apostrophe before it."""
    while len(text) >= LONGEST:
        head, cut, _ = text.rpartition("; ")
        text = head if cut else text[: LONGEST - 1]
    return text
