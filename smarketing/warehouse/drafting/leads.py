"""The draft of the table of leads: their key, what is canonical, and when the rest is known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smarketing.warehouse.drafting import hints
from smarketing.warehouse.drafting.draft_lines import DraftLines, mapping, plain
from smarketing.warehouse.drafting.hints import says, words
from smarketing.warehouse.drafting.profile import ColumnLook, Look

_TELLS = 0.7
_FEW, _MANY_VALUES = 2, 40
_SALESFORCE = {
    "created_at": "CreatedDate", "source": "LeadSource", "owner_id": "OwnerId",
    "campaign_id": "CampaignId", "account_id": "AccountId",
}  # fmt: skip
_HUBSPOT = {
    "created_at": "Create Date", "source": "Original Source",
    "campaign_id": "Original Source Drill-Down 1", "account_id": "Associated Company ID",
    "owner_id": "Contact owner",
}  # fmt: skip
_GENERIC = {
    "created_at": hints.CREATED, "source": hints.SOURCE, "owner_id": hints.OWNER,
    "campaign_id": hints.CAMPAIGN, "account_id": hints.ACCOUNT,
}  # fmt: skip


def key_of(look: Look) -> ColumnLook | None:
    """Return the column that tells rows apart, None if there is none."""
    for label in {"salesforce": ["Id"], "hubspot": ["Record ID"]}.get(look.options.reader, []):
        column = look.column(label)
        if column is not None and look.unique(column):
            return column
    keys = [c for c in look.columns if look.unique(c) and says(hints.LEAD_ID, c.label)]
    keys = [c for c in keys if look.labels.count(c.label) == 1]
    keys.sort(key=lambda c: (c.personal is not None, "number" in words(c.label), c.kind != "text"))
    return keys[0] if keys else None


def canonical(look: Look) -> dict[str, tuple[ColumnLook, bool]]:
    """Return which columns are canonical ones of leads, and whether that is sure."""
    columns: dict[str, tuple[ColumnLook, bool]] = {}
    known = {"salesforce": _SALESFORCE, "hubspot": _HUBSPOT}.get(look.options.reader, {})
    for name, label in known.items():
        column = look.column(label)
        if column is not None and column.filled:
            columns[name] = (column, name != "campaign_id")
    for name, form in (*_GENERIC.items(), ("source", hints.CHANNEL)):
        for column in look.columns:
            fits = column.kind == "time" if name == "created_at" else column.filled > 0
            if name not in columns and fits and says(form, column.label):
                columns[name] = (column, True)
    return columns


def outcome_of(look: Look) -> tuple[ColumnLook, str, str] | None:
    """Return the column of the outcome, with the cells that mean won and lost."""
    for column in look.columns:
        if (
            column.kind == "boolean"
            and column.distinct == _FEW
            and says(hints.OUTCOME, column.label)
        ):
            yes = next((v for v in column.values if v.lower() in ("1", "true", "yes", "y")), None)
            if yes is not None:
                return column, yes, next(v for v in column.values if v != yes)
    return None


def draft_leads(look: Look, lines: DraftLines, used: set[str], depth: int = 2) -> None:
    """Write columns, values, outcome and attributes of leads; `used` are canonical labels."""
    outcome = outcome_of(look) if not look.options.labels_of else None
    if outcome:
        column, yes, no = outcome
        used.add(column.label)
        text = f'outcome: {{column: {plain(column.label)}, won: "{yes}", lost: "{no}"}}'
        share = column.values[yes] / column.filled
        lines.add(depth, text, f"two values, named like an outcome; {share:.1%} are won")
        scores = [
            c for c in look.columns if c.kind == "number" and words(c.label).endswith("score")
        ]
        if scores:
            labels = ", ".join(plain(c.label) for c in scores)
            reason = "named score: the one in use today? Several are added up"
            lines.ask(depth, f"score_today: [{labels}]", reason)
    _values(look, lines, depth)
    _attributes(look, lines, used, outcome, depth)


def _values(look: Look, lines: DraftLines, depth: int) -> None:
    source = canonical(look).get("source")
    pairs = _variants(source[0].values) if source else {}
    if pairs:
        lines.add(depth, "values:")
        reason = "the same word in another case, mapped to the commoner one"
        lines.add(depth + 1, f"source: {mapping(pairs)}", reason)


def _variants(values: dict[str, int]) -> dict[str, str]:
    """Return values that differ from a commoner one in case only."""
    first: dict[str, str] = {}
    return {v: first[v.lower()] for v in values if first.setdefault(v.lower(), v) != v}


def _attributes(
    look: Look,
    lines: DraftLines,
    used: set[str],
    outcome: tuple[ColumnLook, str, str] | None,
    depth: int,
) -> None:
    proposals = list(_proposals(look, used, outcome))
    if not proposals:
        return
    if any(not text.startswith("#") for text, _, _ in proposals):
        lines.add(depth, "attributes:")
    for text, reason, sure in proposals:
        lines.add(depth + 1, text, reason, sure)


def _proposals(
    look: Look, used: set[str], outcome: tuple[ColumnLook, str, str] | None
) -> Iterator[tuple[str, str, bool]]:
    names: set[str] = set()
    twice = {label for label in look.labels if look.labels.count(label) > 1}
    for label in sorted(twice - used):
        reason = f"the header has it {look.labels.count(label)} times: rename them in the export"
        yield f"# {plain(label)}: left out", reason, True
    for column in look.columns:
        if column.label in used or column.label in twice:
            continue
        name = _name(column.label, names)
        if column.personal:
            yield from _personal(column, name)
            continue
        if not column.filled:
            yield f"# {plain(column.label)}: left out", "no cell holds anything", True
            continue
        if column.kind == "time" and not _known_after(column.label):
            text = f"{name}: {{column: {plain(column.label)}, type: time, known: after_outcome}}"
            yield text, "a moment: of what, and when is it written?", False
            continue
        if look.unique(column) or (column.kind == "text" and column.distinct > look.rows / 2):
            yield (
                f"# {plain(column.label)}: left out",
                "nearly every row differs: an id, or text",
                True,
            )
            continue
        known, reason, sure = when_known(look, column, outcome)
        parts = [f"column: {plain(column.label)}"]
        if column.kind in ("number", "time") or (
            column.kind == "boolean" and not set(column.values) <= {"0", "1"}
            and set(column.values) <= {"true", "false", "TRUE", "FALSE", "True", "False"}
        ):  # fmt: skip
            parts.append(f"type: {column.kind}")
        some = [v for v in column.values if v.lower() in hints.UNKNOWN]
        if some:
            parts.append(f"missing: {plain(some[0])}")
        parts.append(f"known: {known}")
        yield f"{name}: {{{', '.join(parts)}}}", reason, sure


def _personal(column: ColumnLook, name: str) -> Iterator[tuple[str, str, bool]]:
    label = plain(column.label)
    if column.personal == "e-mail":
        text = f"{name}_domain: {{column: {label}, take: domain, known: at_creation}}"
        yield text, "an address: only its domain is kept", True
    elif column.personal == "phone":
        text = (
            f"{name}_known: {{column: {label}, take: present, type: boolean, known: at_creation}}"
        )
        yield text, "a number: only whether there is one is kept", True
    else:
        yield f"# {label}: dropped", f"personal data ({column.personal})", True


def when_known(
    look: Look, column: ColumnLook, outcome: tuple[ColumnLook, str, str] | None
) -> tuple[str, str, bool]:
    """Return when a column becomes known, why, and whether that is sure."""
    if reason := _known_after(column.label):
        return "after_outcome", reason, True
    auc = _tells(look, column, outcome)
    if auc >= _TELLS:
        reason = f"tells the outcome too well (AUC {auc:.2f}) to be left at creation unasked"
        return "after_outcome", reason, False
    if says(hints.TOTALS, column.label):
        return "at_creation", "a total: up to when does it count?", False
    if column.distinct == 1:
        return "at_creation", "the same in every row: it tells nothing", False
    for form, reason in hints.AT_CREATION_SURE:
        if says(form, column.label):
            return "at_creation", reason, True
    return "at_creation", "who fills it in, and when?", False


def _known_after(label: str) -> str | None:
    """Return why a label tells of something written after the fact, None if it does not."""
    return next((reason for form, reason in hints.AFTER_SURE if says(form, label)), None)


def _tells(look: Look, column: ColumnLook, outcome: tuple[ColumnLook, str, str] | None) -> float:
    """Return the AUC of a column's values, each valued by its own share of wins."""
    if outcome is None or column.distinct > max(_MANY_VALUES, look.rows // 20):
        return 0.5
    won = [cell == outcome[1] for cell in look.cells(outcome[0].label)]
    groups: dict[str | None, list[int]] = {}
    for cell, yes in zip(look.cells(column.label), won, strict=True):
        count = groups.setdefault(cell, [0, 0])
        count[yes] += 1
    ranked = sorted(groups.values(), key=lambda n: n[1] / sum(n))
    wins, losses = sum(n[1] for n in ranked), sum(n[0] for n in ranked)
    below = area = 0.0
    for lost, taken in ranked:
        area += taken * (below + lost / 2)
        below += lost
    return area / (wins * losses) if wins and losses else 0.5


def _name(label: str, names: set[str]) -> str:
    base = re.sub(r"\W+", "_", words(label)).strip("_")[:40].strip("_") or "column"
    if base[0].isdigit():
        base = f"c_{base}"
    reserved = {"lead_id", "created_at", "source", "campaign_id", "account_id", "owner_id",
                "outcome", "score_today"}  # fmt: skip
    name, n = (f"{base}_of_lead" if base in reserved else base), 1
    while name in names:
        n += 1
        name = f"{base}_{n}"
    names.add(name)
    return name
