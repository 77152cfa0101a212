"""A scorecard as a table to type into a CRM's lead scoring: everything it needs, in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection

from smarketing.agreement.conditions import AllOf, AnyOf, Condition, Not, Scalar
from smarketing.agreement.model import Agreement
from smarketing.agreement.scorecard import Scorecard
from smarketing.scoring.card_lines import axes_of, conditions_of, fields_of, lines_of
from smarketing.scoring.events import thousandths
from smarketing.scoring.features import half_life

COLUMNS = (
    *("axis", "rule", "given for", "points", "at most"),
    *("after 30 days", "after 90 days", "most points", "lost every 30 days"),
)
_FIELDS = {
    "days_since_last_event": "whole days since the lead's own last event",
    "weeks_in_spell": "whole weeks since the lead came, or came back",
    "days_in_spell": "whole days since the lead came, or came back",
    "times_recycled": "how often the lead was given back and nurtured again",
    "created_weekday": "the local weekday on which the lead came",
    "created_hour": "the local hour at which the lead came",
}


def card_table(
    card: Scorecard, agreement: Agreement, with_lines: bool = True, attributes: Collection[str] = ()
) -> str:
    """Return a card as CSV with all that is typed into HubSpot or Salesforce.

    A row for each rule: what it is given for, points per event, how many events count
    (``at most``), points left of one event after 30 and after 90 days, the most the rule can
    give (empty without an end), and the share of an event's points lost every 30 days, which is
    how HubSpot takes decay. CRMs that cannot forget (Salesforce) get the same numbers as rules
    on the event's age. Then a row for each cap, persona, line (if `with_lines`), grade and list,
    and for what a learned card counts: fields that are no `attributes` of a lead. Cells that a
    spreadsheet would run as formulas are written as text.

    Examples
    --------
    >>> print(card_table(agreement.scorecard, agreement))  # doctest: +SKIP
    axis,rule,given for,points,at most,after 30 days,after 90 days,most points,lost every 30 days
    engagement,Pricing page,event page_view on /pricing*,8,3,1.811,0.093,24,77 %
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)

    def row(kind: str, name: str, given: str, *numbers: object) -> None:
        texts = [_as_text(cell) for cell in (kind, name, given)]
        writer.writerow([*texts, *numbers, *[""] * (len(COLUMNS) - 3 - len(numbers))])

    for line in lines_of(card):
        rule, half = line.rule, line.half_life_days
        later, lost = ["", ""], ""
        most: int | str = rule.points
        if rule.event is not None:
            given = f"event {rule.event}" + (f" on {rule.subject}" if rule.subject else "")
            later = [f"{thousandths(rule.points, days, half) / 1000:g}" for days in (30, 90)]
            most = rule.points * rule.at_most if rule.at_most else ""
            lost = "0 %" if half is None else f"{1 - 2 ** (-30 / half):.0%}".replace("%", " %")
        else:
            given = in_words(rule.when) if rule.when is not None else "always"
        if rule.persona is not None:
            given += f", persona {rule.persona} only"
        row(line.axis, rule.name, given, rule.points, rule.at_most or "", *later, most, lost)
    for name, axis in axes_of(card).items():
        end = "no upper bound" if axis.cap is None else f"at most {axis.cap}"
        given = f"the sum, not below 0, {end}"
        if axis.half_life_days is not None:
            given += f"; an event counts half after {axis.half_life_days:g} days"
        row(name, "(cap)", given, "", "", "", "", "" if axis.cap is None else axis.cap)
    for name, persona in agreement.personas.items():
        row("persona", name, in_words(persona.when))
    for name in ("mql", "sql") if with_lines else ():
        line = getattr(agreement.lines, name)
        least = f", fit at least {line.fit_at_least}" if line.fit_at_least else ""
        row("line", name.upper(), f"score at least {line.score}{least}")
    for name, bounds in agreement.grades.model_dump().items():
        for grade, bound in bounds.items():
            row("grade", str(grade), f"{name} at least {bound}")
    half = half_life(agreement)
    for name in sorted(fields_of(card, agreement.personas)):
        if name not in attributes and (meant := field_in_words(name, half)):
            row("field", name, meant)
    for name, members in sorted(_lists(card, agreement).items()):
        row("list", f"${name}", ", ".join(map(str, members)))
    return out.getvalue()


def field_in_words(name: str, half_life_days: float) -> str:
    """Return what a field counts, where it is a feature and no attribute of the lead; else "".

    Examples
    --------
    >>> field_in_words("n_page_view[/pricing]", 14)
    "the lead's own page_view events on /pricing so far"
    """
    if name in _FIELDS:
        return _FIELDS[name]
    parts = re.fullmatch(r"(n|recent)_([a-z_]+)(?:\[(.*)\])?", name)
    if parts is None:
        return ""
    events = f"the lead's own {parts[2]} events" + (f" on {parts[3]}" if parts[3] else "")
    if parts[1] == "n":
        return f"{events} so far"
    half = f"half as much every {half_life_days:g} days after"
    return f"{events}, each worth 1 on its day and {half}"


def _lists(card: Scorecard, agreement: Agreement) -> dict[str, tuple[Scalar, ...]]:
    asked, lists = conditions_of(card, agreement.personas), {}
    while asked:
        condition = asked.pop()
        if isinstance(condition, Not):
            asked.append(condition.condition)
        elif isinstance(condition, (AllOf, AnyOf)):
            asked += condition.conditions
        elif condition.list_name is not None:
            lists[condition.list_name] = condition.values
    return lists


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


_WORDS = {
    "is": "{field} is {value}",
    "in": "{field} is one of {value}",
    "not_in": "{field} is known and none of {value}",
    "at_least": "{field} is at least {value}",
    "at_most": "{field} is at most {value}",
    "between": "{field} is between {value}",
    "like": "{field} is like {value}",
}


def in_words(condition: Condition) -> str:
    """Return a condition as a person would say it.

    Examples
    --------
    >>> from smarketing.agreement.conditions import parse_condition
    >>> in_words(parse_condition({"field": "employees", "between": [50, 500]}))
    'employees is between 50 and 500'
    """
    if isinstance(condition, Not):
        return f"not ({in_words(condition.condition)})"
    if isinstance(condition, (AllOf, AnyOf)):
        join = " and " if isinstance(condition, AllOf) else " or "
        parts = [
            f"({in_words(c)})" if isinstance(c, (AllOf, AnyOf)) else in_words(c)
            for c in condition.conditions
        ]
        return join.join(parts)
    if condition.op == "missing":
        return f"{condition.field} is {'missing' if condition.value else 'known'}"
    value = (" and " if condition.op == "between" else ", ").join(map(str, condition.values))
    if condition.list_name is not None:
        value = f"${condition.list_name}"
    return _WORDS[condition.op].format(field=condition.field, value=value)
