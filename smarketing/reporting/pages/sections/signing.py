"""What both sides ask before they sign: people, speed, goals, the bottleneck, rules of thumb."""

from __future__ import annotations

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import DASH, about, count, day, money, number, percent, quantity
from smarketing.language.plurals import trn
from smarketing.language.sentences import capital
from smarketing.planning.goals.smart import SmartCheck
from smarketing.planning.people.sales_half import SalesHalf
from smarketing.planning.people.speed import ContactSpeed
from smarketing.planning.people.staffing import Staffing
from smarketing.planning.recommended import Recommendation
from smarketing.planning.volumes.bottleneck import Bottleneck
from smarketing.planning.volumes.rules_of_thumb import CrossChecks
from smarketing.reporting.html.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.html.table import filled, table
from smarketing.reporting.pages.wording import SIDES, name_of, span

LETTERS = {
    "specific": mark("Specific"),
    "measurable": mark("Measurable"),
    "reachable": mark("Reachable"),
    "owned": mark("Owned"),
    "dated": mark("Dated"),
}
MARKS = {True: mark("yes ▲"), False: mark("no ▼"), None: DASH}


def people_of(half: SalesHalf) -> Html:
    """Return the people that sales' promises take, and what faster contact was worth."""
    if half.staffing is None:
        title = tr("What sales' promises take cannot be told")
        takes = heading(title) + unanswered(half.cannot.get("staffing", ""))
    else:
        takes = _staffing(half.staffing)
    if half.speed is None:
        return takes + unanswered(half.cannot.get("contact_speed", ""))
    return takes + _speed(half.speed)


def _staffing(staff: Staffing) -> Html:
    title = trn(
        "Sales’ promises take {people}; {n} is agreed",
        "Sales’ promises take {people}; {n} are agreed",
        staff.now,
        n=number(staff.now),
        people=trn("{n} person", "{n} people", staff.people),
    )
    notes = list(staff.notes)
    if staff.for_contact is not None and staff.for_follow_up is not None:
        apart = tr(
            "The first contact alone takes {contact}; the follow-up alone takes {follow_up}.",
            contact=count(staff.for_contact),
            follow_up=count(staff.for_follow_up),
        )
        notes.insert(0, apart)
    return joined(heading(title), paragraph(staff.sentence), bullets(notes))


def _speed(speed: ContactSpeed) -> Html:
    rows = speed.buckets.query("n > 0")
    rows = rows.assign(
        span=[
            span(percent(round(low, 6)), percent(high))
            for low, high in zip(rows.low, rows.high, strict=True)
        ]
    )
    labels = {
        "contacted": tr("First attempt"), "n": tr("Hand-overs"), "won": tr("Won"),
        "close_rate": tr("Close rate"), "span": tr("95 % interval"),
    }  # fmt: skip
    formats = {"n": "count", "won": "count", "close_rate": "percent"}
    caption = tr("Hand-overs old enough to judge, by hours until the first attempt")
    return joined(
        heading(tr("What faster contact was worth"), 3),
        paragraph(speed.sentence),
        table(rows, labels, formats, caption),
        paragraph(speed.warning, "warning"),
    )


def goals_of(advice: Recommendation, agreement: Agreement) -> Html:
    """Return each goal held against the five letters, and what can be reached instead."""
    if not agreement.goals:
        return heading(tr("The agreement names no goals")) + unanswered(
            tr(
                "Without a measure, a target, an owner and a day nobody can tell whether it was "
                "reached"
            )
        )
    if advice.smart is None:
        return heading(tr("The goals cannot be judged")) + unanswered(
            advice.cannot.get("volumes", "")
        )
    smart = advice.smart.goals
    kept = int(smart["smart"].astype(bool).sum())
    title = trn(
        "{n} of {goals} is SMART",
        "{n} of {goals} are SMART",
        kept,
        goals=trn("{n} goal", "{n} goals", len(smart)),
    )
    # Of a goal that is only out of reach, the forecast's own sentence says more.
    others = [letter for letter in LETTERS if letter != "reachable"]
    wrong = [
        row["words"]
        for row in smart.to_dict("records")
        if not all(_known(row[letter]) for letter in others) or _known(row["reachable"]) is None
    ]
    judged = list(advice.goals["words"]) if "words" in advice.goals else []
    return joined(heading(title), _goal_table(advice.smart, agreement), bullets([*wrong, *judged]))


def _goal_table(smart: SmartCheck, agreement: Agreement) -> Html:
    asked = {goal.name: goal for goal in agreement.goals}
    rows = []
    for row in smart.goals.to_dict("records"):
        goal = asked[row["name"]]
        unit = agreement.currency if goal.measure == "revenue" else "number"
        rows.append(
            {
                "side": name_of(SIDES, row["side"]),
                "goal": row["name"],
                "target": tr(
                    "{target} by {day}", target=quantity(goal.target, unit), day=day(goal.by)
                ),
                **{letter: tr(MARKS[_known(row[letter])]) for letter in LETTERS},
                "chance": percent(row["chance"]),
            }
        )
    labels = {
        "side": tr("Side"), "goal": tr("Goal"), "target": tr("Target"),
        **{letter: tr(name) for letter, name in LETTERS.items()}, "chance": tr("Chance"),
    }  # fmt: skip
    caption = tr("Reachable: with a chance of at least {sure}", sure=percent(smart.confidence))
    return table(pd.DataFrame(rows), labels, caption=caption)


def _known(value: object) -> bool | None:
    return None if value is None or pd.isna(value) else bool(value)


def bottleneck_of(bottleneck: Bottleneck | None, currency: str) -> Html:
    """Return which rate holds customers back; nothing where no volume can be forecast."""
    if bottleneck is None:
        return Html("")
    rows = bottleneck.rates.assign(
        label=[tr(label) for label in bottleneck.rates["label"]],
        rate=[percent(rate, 1 if rate < 0.1 else 0) for rate in bottleneck.rates["rate"]],
    )
    labels = {
        "label": tr("Rate"), "rate": tr("Now"), "customers": tr("Customers, one point more"),
        "margin": tr("Margin, {currency}", currency=currency),
        "tenth_more": tr("Customers, a tenth more"),
    }  # fmt: skip
    formats = {"customers": "about", "margin": "money", "tenth_more": "about"}
    return joined(
        heading(tr("The bottleneck"), 3),
        paragraph(bottleneck.sentence),
        table(rows, filled(labels, rows), formats, tr("What more of each rate adds a month")),
    )


def rules_of_thumb(checks: CrossChecks | None) -> Html:
    """Return what the simpler forms of planning say; nothing where none applies."""
    if checks is None or checks.checks.empty:
        return Html("")
    rows = pd.DataFrame(
        [
            {
                "rule": capital(row["form"]),
                "formula": row["formula"],
                "says": _in_unit(row["says"], row["unit"], is_money=pd.isna(row["chance"])),
                "enough": percent(row["chance"]),
                "leaves_out": row["leaves_out"],
            }
            for row in checks.checks.dropna(subset=["says"]).to_dict("records")
        ]
    )
    labels = {
        "rule": tr("Rule"), "formula": tr("In numbers"), "says": tr("Says"),
        "enough": tr("Enough in"), "leaves_out": tr("Leaves out"),
    }  # fmt: skip
    caption = tr("The same goal by simpler rules; how often they would be enough")
    return joined(heading(tr("What rules of thumb say"), 3), table(rows, labels, caption=caption))


def _in_unit(value: float, unit: str, *, is_money: bool) -> str:
    return money(value, unit) if is_money else f"{about(value)} {tr(unit)}"
