"""The draft of a CRM's deals: what each is worth, whether it was won, and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

from smarketing.warehouse.drafting import hints
from smarketing.warehouse.drafting.draft_lines import DraftLines, mapping, plain
from smarketing.warehouse.drafting.hints import says, words
from smarketing.warehouse.drafting.profile import ColumnLook, Look

_MARK = ";"
"""Between several ids in one cell."""


@dataclass(frozen=True)
class Deals:
    """The columns of a file of deals."""

    key: ColumnLook
    lead: ColumnLook
    state: ColumnLook
    closed: ColumnLook | None
    of_wins: bool
    """Whether the day of closing is that of wins alone."""

    @property
    def states(self) -> dict[str, str | None]:
        """What each state means: won, lost, or open."""
        return {value: hints.WON.get(value.lower()) for value in self.state.values}


def deals_in(look: Look, lead: ColumnLook) -> Deals | None:
    """Return the columns of deals; None if a file tells of no deal that was won."""
    keys = [c for c in look.columns if c is not lead and look.unique(c) and c.kind != "time"]
    keys = [c for c in keys if says(hints.DEAL_ID, c.label)]
    states = [
        column
        for column in look.columns
        if "true" in {hints.WON.get(value.lower()) for value in column.values}
    ]
    if not keys or not states:
        return None
    states.sort(key=lambda c: not {"true", "false"} <= {hints.WON.get(v.lower()) for v in c.values})
    won = next(
        (c for c in look.columns if c.kind == "time" and says(hints.WON_DATE, c.label)), None
    )
    any_end = (c for c in look.columns if c.kind == "time" and says(hints.CLOSED, c.label))
    closed = won or next(any_end, None)
    return Deals(keys[0], lead, states[0], closed, won is not None)


def draft_deals(look: Look, deals: Deals, lines: DraftLines) -> None:
    """Write the columns of deals, the file's own settings being written already."""
    lines.add(2, "columns:")
    lines.add(3, f"deal_id: {plain(deals.key.label)}", "every row has another")
    opened = _first(look, hints.CREATED, "time")
    if opened is not None:
        lines.add(3, f"opened_at: {plain(opened.label)}", "named like the created at")
    elif deals.closed is not None:
        reason = "no column says when a deal was opened"
        lines.ask(3, f"opened_at: {plain(deals.closed.label)}", reason)
    if deals.closed is not None:
        label = f"closed_at: {plain(deals.closed.label)}"
        if deals.of_wins:
            lines.ask(3, label, "the day of the win; where is the day of a loss?")
        else:
            lines.add(3, label, "of an open deal it is a plan, and known for one")
    lines.add(3, f"won: {plain(deals.state.label)}", "its cells say which deals were won")
    for name, form, kind in (("amount", hints.AMOUNT, "number"), ("currency", hints.CURRENCY, ""),
                             ("owner_id", hints.OWNER, "")):  # fmt: skip
        column = _first(look, form, kind)
        if column is not None:
            lines.add(3, f"{name}: {plain(column.label)}", f"named like the {words(name)}")
    lines.add(2, "values:")
    open_ones = [value for value, won in deals.states.items() if won is None]
    sure = all(value.lower() in hints.OPEN for value in open_ones)
    reason = "won, lost, and all others open"
    lines.add(3, f"won: {mapping(deals.states)}", reason if sure else f"{reason}?", sure)


def draft_people_of_deals(look: Look, deals: Deals, lines: DraftLines) -> None:
    """Write who stands behind a deal; one cell may list several."""
    label = plain(deals.lead.label)
    if any(cell and _MARK in cell for cell in look.cells(deals.lead.label)):
        lines.add(2, f'split: {{{label}: "{_MARK}"}}', "some cells list several ids")
    lines.add(2, f"columns: {{deal_id: {plain(deals.key.label)}, lead_id: {label}}}")


def _first(look: Look, form: str, kind: str) -> ColumnLook | None:
    fits = (c for c in look.columns if c.filled and says(form, c.label))
    return next((c for c in fits if not kind or c.kind == kind), None)
