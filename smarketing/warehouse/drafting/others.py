"""The draft of the tables beside leads: stages, deals, events, and who stands behind a deal."""

from __future__ import annotations

import re

from smarketing.warehouse.drafting import hints
from smarketing.warehouse.drafting.deals import deals_in, draft_deals, draft_people_of_deals
from smarketing.warehouse.drafting.draft_lines import DraftLines, mapping, plain
from smarketing.warehouse.drafting.hints import says, words
from smarketing.warehouse.drafting.leads import canonical, key_of
from smarketing.warehouse.drafting.profile import ColumnLook, Look
from smarketing.warehouse.readers.labels import bare_label, other_names

_SHARED = 0.5


def is_opportunities(look: Look) -> bool:
    """Return whether a file is Salesforce's opportunities."""
    wanted = ("Id", "StageName", "CloseDate")
    return look.options.labels_of == "salesforce" and all(look.column(one) for one in wanted)


def options_of(look: Look, lines: DraftLines, depth: int = 2, bullet: bool = False) -> None:
    """Write how a file is read."""
    options = look.options
    why = {"salesforce": "Salesforce's fields are in the header",
           "hubspot": "HubSpot's properties are in the header"}.get(options.reader, "")  # fmt: skip
    dash, rest = ("- ", depth + 1) if bullet else ("", depth)
    lines.add(depth, f"{dash}reader: {options.reader}", why)
    lines.add(rest, f"file: {plain(options.file)}")
    if options.delimiter != ",":
        mark = "tab" if options.delimiter == "\t" else options.delimiter
        lines.add(rest, f'delimiter: "{mark}"', "what stands between the cells")
    if options.encoding != "utf-8":
        lines.add(rest, f"encoding: {options.encoding}", "its bytes are no UTF-8")
    if options.sheet is not None:
        lines.add(rest, f"sheet: {plain(options.sheet)}", "the sheet with the most rows")
    if options.header_line is not None:
        lines.add(rest, f"header_line: {options.header_line}", "the lines above are no table")
    if options.skip_footer:
        n = options.skip_footer
        reason = "the last lines have fewer cells than the header: are they no rows?"
        lines.ask(rest, f"skip_footer: {n}", reason)
    _date_format(look, lines, rest)
    _decimal(look, lines, rest)


def _date_format(look: Look, lines: DraftLines, depth: int) -> None:
    """Write the forms of a file's dates; the order of day and month is that of all its columns."""
    dates = [column for column in look.columns if column.formats]
    if not dates:
        return
    orders = frozenset.intersection(*(column.orders for column in dates))
    first = next((order for order in ("%d", "%m", "%b", "%Y") if order in orders), "%d")
    forms = dict.fromkeys(
        next((form for form in column.formats if form.startswith(first)), column.formats[0])
        for column in dates
    )
    text = ", ".join(f'"{form}"' for form in forms)
    sure = len(orders) == 1
    reason = "the form of its dates" if sure else "day or month first? Both fit"
    lines.add(
        depth, f"date_format: {text if len(forms) == 1 else f'[{text}]'}",
        reason if orders else "its dates have the day first and the month first: which are they?",
        sure,
    )  # fmt: skip


def _decimal(look: Look, lines: DraftLines, depth: int) -> None:
    """Write the decimal mark of a file's numbers, where its cells leave a doubt."""
    unclear = [column.label for column in look.columns if column.decimal == "?"]
    commas = [column.label for column in look.columns if column.decimal == ","]
    if commas:
        lines.add(depth, 'decimal: ","', f"as in {plain(commas[0])}")
    elif unclear:
        reason = f"do dots stand between thousands in {', '.join(map(plain, unclear[:3]))}?"
        lines.ask(depth, 'decimal: ","', reason)


def draft_others(looks: list[Look], leads: Look, lines: DraftLines) -> None:
    """Write the tables that the other files, and leads' own dates, give."""
    stages, deals, deal_leads, events = DraftLines(), DraftLines(), DraftLines(), DraftLines()
    changes = DraftLines()
    _lead_stages(leads, stages)
    for look in looks:
        if is_opportunities(look):
            _opportunities(look, leads, deals, deal_leads)
            continue
        if look is leads:
            continue
        join = _joined(look, leads)
        if join is None:
            lines.ask(1, f"# {look.options.file}: not used", "no column holds the ids of leads")
        elif of_deals := deals_in(look, join):
            options_of(look, deals)
            draft_deals(look, of_deals, deals)
            options_of(look, deal_leads)
            draft_people_of_deals(look, of_deals, deal_leads)
        elif won := _first(look, hints.WON_DATE, "time"):
            _won_deals(look, join, won, stages, deals, deal_leads)
        elif time := next((c for c in look.columns if c.kind == "time"), None):
            if field := _field_column(look, leads):
                _changes(look, join, time, field, changes)
            if stage := _stage_column(look):
                _history(look, join, time, stage, stages)
            elif not field:
                _events(look, join, time, events)
        else:
            lines.ask(1, f"# {look.options.file}: not used", "it has ids of leads, but no dates")
    for name, part in (
        ("stages", stages), ("changes", changes), ("deals", deals), ("deal_leads", deal_leads),
        ("events", events),
    ):  # fmt: skip
        if part.all:
            lines.add(1, f"{name}:")
            lines.all += part.all


def _first(look: Look, form: str, kind: str = "") -> ColumnLook | None:
    return next(
        (
            c
            for c in look.columns
            if says(form, c.label) and c.filled and c.kind in (kind, kind or c.kind)
        ),
        None,
    )


def _joined(look: Look, leads: Look) -> ColumnLook | None:
    """Return the column that holds the ids of leads, None if no column does."""
    key = key_of(leads)
    if key is None:
        return None
    ids = set(leads.cells(key.label))
    for column in sorted(look.columns, key=lambda c: words(c.label) != words(key.label)):
        texts = (cell for cell in look.cells(column.label) if cell)
        cells = {one.strip() for cell in texts for one in cell.split(";")}
        if cells and len(cells & ids) >= _SHARED * len(cells):
            return column
    return None


def _lead_stages(leads: Look, lines: DraftLines) -> None:
    key = key_of(leads)
    created = canonical(leads).get("created_at")
    if key is None or created is None or is_opportunities(leads):
        return
    options_of(leads, lines, bullet=True)
    lines.add(3, f"columns: {{lead_id: {plain(key.label)}}}")
    became = {label: stage for label, stage in hints.BECAME.items() if leads.column(label)}
    lines.add(3, "unpivot:")
    label = plain(created[0].label)
    if became:
        for one, stage in became.items():
            lines.add(4, f"{plain(one)}: {stage}", "HubSpot's date of entering the stage")
    elif "mql" in words(f"{key.label} {leads.path.stem}").split():
        lines.ask(4, f"{label}: [lead, mql]", "listed once they are MQLs, as the names say?")
    else:
        lines.add(4, f"{label}: lead", "a lead from the day it came")


def _opportunities(look: Look, leads: Look, deals: DraftLines, deal_leads: DraftLines) -> None:
    options_of(look, deals)
    deals.add(2, "columns:")
    for name, label, reason, sure in (
        ("deal_id", "Id", "the record's id", True),
        ("account_id", "AccountId", "the account's id", True),
        ("owner_id", "OwnerId", "the owner's id", True),
        ("opened_at", "CreatedDate", "when the record was made", True),
        ("expected_close_at", "CloseDate", "planned while open", True),
        (
            "closed_at",
            "CloseDate",
            "of closed deals the day they closed; of open ones a plan",
            False,
        ),
        ("won", "StageName", "IsWon says false of open deals too", True),
        ("amount", "Amount", "", True),
        ("currency", "CurrencyIsoCode", "", True),
    ):
        column = look.column(label)
        if column is not None and column.filled:
            # a plan taken for the day of closing would put the end of the data into the future
            out = "# " if name == "closed_at" and _has_open(look) else ""
            deals.add(3, f"{out}{name}: {plain(column.label)}", reason, sure)
    stage = look.column("StageName")
    pairs = {value: hints.WON.get(value.lower()) for value in (stage.values if stage else ())}
    deals.add(2, "values:")
    deals.add(3, f"won: {mapping(pairs)}", "closed stages are won or lost, all others open")
    own = key_of(leads)
    if own is None:
        return
    key = plain(own.label)
    if look is leads:
        options_of(look, deal_leads)
        text = f"columns: {{deal_id: {key}, lead_id: {key}}}"
        deal_leads.ask(2, text, "every deal stands for one lead, as no file of leads is named")
    elif (link := leads.column("ConvertedOpportunityId")) is not None and link.filled:
        options_of(leads, deal_leads)
        deal_leads.add(2, f'where: {{{plain(link.label)}: "*"}}', "converted leads only")
        deal_leads.add(2, f"columns: {{deal_id: {plain(link.label)}, lead_id: {key}}}")


def _has_open(look: Look) -> bool:
    stage = look.column("StageName")
    return stage is None or any(value.lower() not in hints.WON for value in stage.values)


def _won_deals(
    look: Look,
    join: ColumnLook,
    won: ColumnLook,
    stages: DraftLines,
    deals: DraftLines,
    deal_leads: DraftLines,
) -> None:
    options_of(look, stages, bullet=True)
    stages.add(3, f"columns: {{lead_id: {plain(join.label)}}}", "holds the ids of leads")
    stages.add(3, "unpivot:")
    stages.add(4, f"{plain(won.label)}: customer", "the day of the win")
    others = [c for c in look.columns if look.unique(c) and c is not join and c.kind != "time"]
    key = next(iter(others), join)
    label, day = plain(key.label), plain(won.label)
    options_of(look, deals)
    deals.add(2, "columns:")
    reason = "every row has another: the deal's id, or the customer's?"
    deals.ask(3, f"deal_id: {label}", reason)
    if owner := _first(look, hints.OWNER):
        deals.ask(3, f"owner_id: {plain(owner.label)}", "named like a rep's id")
    deals.ask(3, f"opened_at: {day}", "no column says when a deal was opened")
    deals.add(3, f"closed_at: {day}", "the day of the win")
    if amount := _first(look, hints.AMOUNT, "number"):
        deals.ask(3, f"amount: {plain(amount.label)}", "named like the amount")
    deals.add(2, 'constants: {won: "true"}', f"every row has a {won.label}")
    options_of(look, deal_leads)
    deal_leads.add(2, "columns:")
    deal_leads.ask(3, f"deal_id: {label}", "as above")
    deal_leads.add(3, f"lead_id: {plain(join.label)}", "holds the ids of leads")


def _stage_column(look: Look) -> ColumnLook | None:
    """Return the column whose values are mostly names of stages."""
    for column in look.columns:
        named = sum(n for v, n in column.values.items() if v.lower() in hints.STAGES)
        if column.filled and named >= _SHARED * column.filled:
            return column
    return None


def _history(
    look: Look, join: ColumnLook, time: ColumnLook, stage: ColumnLook, lines: DraftLines
) -> None:
    options_of(look, lines, bullet=True)
    field = look.column("Field") if look.options.labels_of == "salesforce" else None
    if field is not None and "Status" in field.values:
        lines.add(3, f"where: {{{plain(field.label)}: Status}}", "only changes of the status")
    ids, names, when = plain(join.label), plain(stage.label), plain(time.label)
    text = f"lead_id: {ids}, stage: {names}, entered_at: {when}"
    lines.add(3, f"columns: {{{text}}}", "ids of leads, names of stages, and when")
    lines.add(3, "values:")
    lines.add(4, "stage:")
    for value in stage.values:
        ours = hints.STAGES.get(value.lower())
        known = value.lower() in hints.STAGES
        sure = known and value.lower() not in hints.UNSURE_STAGES
        reason = "named like ours" if known else "which of our stages is it?"
        lines.add(5, f"{plain(value)}: {ours or 'null'}", reason, sure)


def _field_column(look: Look, leads: Look) -> ColumnLook | None:
    """Return the column that names columns of the leads, as the history of a CRM does."""
    system = leads.options.labels_of
    names = {bare_label(c.label) for c in leads.columns}
    names |= {one for c in leads.columns for one in other_names(c.label, system)}
    column = _first(look, hints.FIELD, "text")
    if column is None or _first(look, hints.NEW_VALUE) is None:
        return None
    # cells of a column that might hold people's names are not looked at
    named = any(bare_label(value) in names for value in column.values)
    return column if named or column.personal == "name" else None


def _changes(
    look: Look, join: ColumnLook, time: ColumnLook, field: ColumnLook, lines: DraftLines
) -> None:
    options_of(look, lines, bullet=True)
    lines.add(3, "columns:")
    lines.add(4, f"lead_id: {plain(join.label)}", "holds the ids of leads")
    lines.add(4, f"changed_at: {plain(time.label)}", "the first column of times")
    sure = bool(field.values)
    reason = "its cells name columns of the leads" if sure else "names of columns, not of people?"
    lines.add(4, f"field: {plain(field.label)}", reason, sure)
    if old := next((c for c in look.columns if says(hints.OLD_VALUE, c.label)), None):
        lines.add(4, f"old: {plain(old.label)}", "the value before")
    if new := _first(look, hints.NEW_VALUE):
        lines.add(4, f"new: {plain(new.label)}", "the value after")


def _events(look: Look, join: ColumnLook, time: ColumnLook, lines: DraftLines) -> None:
    options_of(look, lines, bullet=True)
    lines.add(3, "columns:")
    lines.add(4, f"lead_id: {plain(join.label)}", "holds the ids of leads")
    lines.add(4, f"occurred_at: {plain(time.label)}", "the first column of times")
    kind = _first(look, r"(event )?(type|kind|activity|action)")
    if kind:
        lines.add(4, f"kind: {plain(kind.label)}", "named like a kind")
    lines.ask(3, "constants:", "who did it, and did a person?")
    lines.ask(4, "actor: lead", "lead, marketing or sales?")
    if not kind:
        name = re.sub(r"\W+", "_", look.path.name.split(".")[0].lower())
        lines.ask(4, f"kind: {name}", "from the file's name")
    lines.ask(4, 'automatic: "false"', "true for what a program did")
