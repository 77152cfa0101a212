"""The tuner's choice as a proposal for the next agreement, with its reason and its effects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.agreement.accept import NextVersion, pending_changes
from smarketing.agreement.load import load_agreement
from smarketing.agreement.model import Agreement
from smarketing.agreement.proposal import make_proposal, write_proposal
from smarketing.errors import Problem, SmarketingError, UsageError
from smarketing.fingerprint import file_sha256
from smarketing.language.numbers import about, money, number, percent
from smarketing.planning.lines.whatif import Answer

CURRENT = "agreement.yml"
NAMES = {
    "lines.mql.score": "MQL line",
    "lines.sql.score": "SQL line",
    "lines.mql.fit_at_least": "least fit of the MQL line",
    "lines.sql.fit_at_least": "least fit of the SQL line",
    "sla.confidence": "confidence",
}
ASSUMED = {
    "qualification": "qualification can work {} leads a month",
    "closing": "closing can work {} leads a month",
    "customer_value": "a customer is worth {}",
    "cost_qualified": "qualifying a lead costs {}",
    "cost_worked": "working a lead costs {}",
}
"""Terms a choice may rest on that the proposal does not change."""


@dataclass(frozen=True)
class Base:
    """The agreement a choice is made against, as it stood when the tuner was opened.

    Parameters
    ----------
    folder : Path
        The workspace.
    agreement : Agreement
    sha256 : str
        Of the file's bytes.
    data_until : pandas.Timestamp or None
        Naive UTC: the next version is in force from the first of the month after.
    """

    folder: Path
    agreement: Agreement
    sha256: str
    data_until: pd.Timestamp | None = None

    @classmethod
    def read(cls, folder: Path, data_until: pd.Timestamp | None = None) -> Base:
        """Read the workspace's agreement.yml."""
        path = folder / CURRENT
        agreement = load_agreement(path)
        return cls(folder, agreement, file_sha256(path), data_until)

    @property
    def valid_from(self) -> date:
        """The first day a next version is in force."""
        if self.data_until is None:
            return self.agreement.valid_from
        after = (pd.Period(self.data_until, "M") + 1).start_time.date()
        return max(self.agreement.valid_from, after)

    def value(self, path: str) -> float | None:
        """Return what stands in the agreement at a dotted path; None where nothing does."""
        value: Any = self.agreement
        for part in path.split("."):
            value = getattr(value, part, None)
        return value

    def changed(self, chosen: dict[str, float]) -> dict[str, float]:
        """Return those of the chosen values that differ from the agreement's."""
        return {path: value for path, value in chosen.items() if value != self.value(path)}

    def in_words(self, chosen: dict[str, float]) -> str:
        """Return what a choice would change, in words; empty where nothing changes."""
        return "; ".join(
            f"{NAMES.get(path, path)} {number(self.value(path) or 0, 2)} → {number(value, 2)}"
            for path, value in self.changed(chosen).items()
        )


def save_choice(
    base: Base, chosen: dict[str, float], reason: str, effects: tuple[str, ...] = ()
) -> NextVersion:
    """Write proposal.yml into the workspace; return what it would change, in words.

    Parameters
    ----------
    base : Base
    chosen : dict of str to float
        Dotted path in the agreement -> value; those that stand there already are left out.
    reason : str
        Why; kept as the first of the effects, for those who decide.
    effects : tuple of str
        What the choice is expected to do.

    Raises
    ------
    UsageError
        Without a reason, or where nothing would change.
    SmarketingError
        If agreement.yml changed since it was read, or would have mistakes, or the file cannot be
        written.
    """
    if not reason.strip():
        raise UsageError(Problem("a proposal needs a reason", todo="Say why, for both sides."))
    differing = base.changed(chosen)
    if not differing:
        raise UsageError(Problem("nothing would change: these are the agreed values"))
    effects = (f"Why: {' '.join(reason.split())}", *effects)
    proposal = make_proposal(base.folder, differing, base.valid_from, effects)
    if proposal.base_sha256 != base.sha256:
        raise SmarketingError(
            Problem(
                "the file was changed since this notebook read it",
                CURRENT,
                todo="Run the notebook again.",
            )
        )
    changes = pending_changes(base.folder, proposal)
    try:
        write_proposal(base.folder, proposal)
    except OSError as error:
        raise SmarketingError(
            Problem("the proposal cannot be written", "proposal.yml", found=error.strerror)
        ) from None
    return changes


def effects_of_choice(
    answer: Answer, today: Answer, changed: dict[str, float], currency: str
) -> tuple[str, ...]:
    """Return what a choice does to each side against today's lines, a sentence each.

    Parameters
    ----------
    answer, today : Answer
    changed : dict of str to float
        Terms asked about that differ from the agreed ones: the choice rests on them.
    currency : str
    """

    def counted(name: str, noun: str) -> str:
        low, high = answer[f"{name}_low"], answer[f"{name}_high"]
        span = "" if low is None else f" ({low:,} to {high:,})"
        return f"{about(answer[name])} {noun}{span} instead of {about(today[name])}"

    marketing = [counted("sales_ready", "sales-ready leads")]
    if answer["mqls"] is not None:
        marketing.insert(0, counted("mqls", "MQLs"))
    out = [f"Marketing: {' and '.join(marketing)} a month."]
    sales = [
        f"{about(answer['customers'])} customers a month instead of {about(today['customers'])}"
    ]
    if answer["margin"] is not None:
        sales.append(
            f"a margin of {money(answer['margin'], currency)} instead of "
            f"{money(today['margin'], currency)}"
        )
    if answer["overflow_closing"] is not None:
        sales.append(
            f"closing too full in {percent(answer['overflow_closing'])} of months instead of "
            f"{percent(today['overflow_closing'])}"
        )
    out.append(f"Sales: {', '.join(sales)}.")
    assumed = [
        text.format(number(changed[name]) if "leads" in text else money(changed[name], currency))
        for name, text in ASSUMED.items()
        if name in changed
    ]
    if assumed:
        out.append(f"Reckoned as if {' and '.join(assumed)}: the agreement says otherwise.")
    return tuple(out)
