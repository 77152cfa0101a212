"""What both sides ask before they sign: people, speed, goals, the bottleneck, rules of thumb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smarketing.language.numbers import DASH, about, count, money, noun, number, percent
from smarketing.reporting.page import Html, bullets, heading, joined, paragraph, unanswered
from smarketing.reporting.tables import table

if TYPE_CHECKING:
    from smarketing.agreement import Agreement
    from smarketing.planning import Bottleneck, CrossChecks, Recommendation, SmartCheck
    from smarketing.reporting.monthly import MonthlyReport
    from smarketing.reporting.sales_half import SalesHalf

LETTERS = {
    "specific": "Specific",
    "measurable": "Measurable",
    "reachable": "Reachable",
    "owned": "Owned",
    "dated": "Dated",
}
MARKS = {True: "yes ▲", False: "no ▼", None: DASH}


def people(report: MonthlyReport) -> Html:
    """Return sales' half of the monthly page."""
    return people_of(report.half)


def goals(report: MonthlyReport) -> Html:
    """Return the goals of the monthly page, marketing's and sales' apart."""
    found = report.recommendation
    if found is None:
        return heading("No goal can be judged") + unanswered(report.cannot["recommendation"])
    return goals_of(found, report.agreement)


def people_of(half: SalesHalf) -> Html:
    """Return the people that sales' promises take, and what faster contact was worth."""
    pieces = [heading("What sales' promises take cannot be told")]
    if (staff := half.staffing) is not None:
        who = "1 person" if staff.people == 1 else f"{count(staff.people)} people"
        are = "is" if staff.now == 1 else "are"
        pieces = [heading(f"Sales’ promises take {who}; {number(staff.now)} {are} agreed")]
        parts = [
            f"{what} alone takes {count(n)}"
            for what, n in (
                ("the first contact", staff.for_contact),
                ("the follow-up", staff.for_follow_up),
            )
            if n is not None
        ]
        apart = "; ".join(parts) if len(parts) > 1 else ""
        pieces.append(paragraph(staff.sentence))
        pieces.append(bullets(filter(None, (_capital(apart), *staff.notes))))
    else:
        pieces.append(unanswered(half.cannot.get("staffing", "")))
    if half.speed is None:
        return joined([*pieces, unanswered(half.cannot.get("contact_speed", ""))])
    rows = half.speed.buckets.query("n > 0")
    rows = rows.assign(
        span=[
            f"{percent(round(low, 6))} to {percent(high)}"
            for low, high in zip(rows.low, rows.high, strict=True)
        ]
    )
    labels = {
        "contacted": "First attempt", "n": "Hand-overs", "won": "Won", "close_rate": "Close rate",
        "span": "95 % interval",
    }  # fmt: skip
    return joined(
        [
            *pieces,
            heading("What faster contact was worth", 3),
            paragraph(half.speed.sentence),
            table(
                rows,
                labels,
                {"n": "count", "won": "count", "close_rate": "percent"},
                "Hand-overs old enough to judge, by hours until the first attempt",
            ),
            paragraph(half.speed.warning, "warning"),
        ]
    )


def goals_of(found: Recommendation, agreement: Agreement) -> Html:
    """Return each goal held against the five letters, and what can be reached instead."""
    if not agreement.goals:
        return heading("The agreement names no goals") + unanswered(
            "Without a measure, a target, an owner and a day nobody can tell whether it was reached"
        )
    if found.smart is None:
        return heading("The goals cannot be judged") + unanswered(found.cannot.get("volumes", ""))
    smart = found.smart.goals
    kept = int(smart["smart"].astype(bool).sum())
    of = noun(len(smart), "goal")
    title = f"{count(kept)} of {of} {'is' if kept == 1 else 'are'} SMART"
    # Of a goal that is only out of reach, the forecast's own sentence says more.
    others = [letter for letter in LETTERS if letter != "reachable"]
    wrong = [
        row["words"]
        for row in smart.to_dict("records")
        if not all(_known(row[letter]) for letter in others) or _known(row["reachable"]) is None
    ]
    judged = list(found.goals["words"]) if "words" in found.goals else []
    return joined([heading(title), _goal_table(found.smart, agreement), bullets([*wrong, *judged])])


def _goal_table(smart: SmartCheck, agreement: Agreement) -> Html:
    asked = {goal.name: goal for goal in agreement.goals}
    rows = []
    for row in smart.goals.to_dict("records"):
        goal = asked[row["name"]]
        target = count(goal.target)
        if goal.measure == "revenue":
            target = money(goal.target, agreement.currency)
        marks = {label: MARKS[_known(row[letter])] for letter, label in LETTERS.items()}
        rows.append(
            {
                "Side": str(row["side"]).capitalize(),
                "Goal": row["name"],
                "Target": f"{target} by {goal.by.isoformat()}",
                **marks,
                "Chance": percent(row["chance"]),
            }
        )
    sure = percent(smart.confidence)
    return table(pd.DataFrame(rows), caption=f"Reachable: with a chance of at least {sure}")


def _known(value: object) -> bool | None:
    return None if value is None or pd.isna(value) else bool(value)


def bottleneck_of(found: Bottleneck | None, currency: str) -> Html:
    """Return which rate holds customers back; nothing where no volume can be forecast."""
    if found is None:
        return Html("")
    rows = found.rates.assign(
        rate=[percent(rate, 1 if rate < 0.1 else 0) for rate in found.rates["rate"]]
    )
    labels = {
        "label": "Rate", "rate": "Now", "customers": "Customers, one point more",
        "margin": f"Margin, {currency}", "tenth_more": "Customers, a tenth more",
    }  # fmt: skip
    labels = {c: label for c, label in labels.items() if rows[c].notna().any()}
    formats = {"customers": "about", "margin": "money", "tenth_more": "about"}
    return joined(
        [
            heading("The bottleneck", 3),
            paragraph(found.sentence),
            table(rows, labels, formats, "What more of each rate adds a month"),
        ]
    )


def rules_of_thumb(checks: CrossChecks | None) -> Html:
    """Return what the simpler forms of planning say; nothing where none applies."""
    if checks is None or checks.checks.empty:
        return Html("")
    rows = pd.DataFrame(
        [
            {
                "Rule": row["form"][0].upper() + row["form"][1:],
                "In numbers": row["formula"],
                "Says": money(row["says"], row["unit"])
                if pd.isna(row["chance"])
                else f"{about(row['says'])} {row['unit']}",
                "Enough in": DASH if pd.isna(row["chance"]) else f"{percent(row['chance'])}",
                "Leaves out": row["leaves_out"],
            }
            for row in checks.checks.dropna(subset=["says"]).to_dict("records")
        ]
    )
    return joined(
        [
            heading("What rules of thumb say", 3),
            table(rows, caption="The same goal by simpler rules; how often they would be enough"),
        ]
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
