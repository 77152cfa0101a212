"""A company worked out by hand, for work lists, the weekly page and the CRM against the line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.builders import write_warehouse
from tests.scoring_cases import CARD, agreement, at

# no decay: fit is 20 for the role, 15 for the size, -10 for students; a demo is worth 30 and a
# look at the prices 8. Score 35 is a chance of 0.1824, 50 of 0.5, 65 of 0.8176, 85 of 0.9707.
RULES = {
    "fit": CARD["fit"],
    "engagement": {"cap": 50, "rules": CARD["engagement"]["rules"][:2]},
    "calibration": {"intercept": -5.0, "slope": 0.1},
}
# A customer brings 40,000 kr. at a margin of 0.6; a rep works 12 leads a month, so 3 a week.
AGREED = agreement(RULES)
WEEK = "2026-W03"  # begins on Sunday 11 January at 23:00 UTC
EVIL = "=R/../2"  # a rep's id as nobody should give one

# lead: owner, role, employees, demos, looks at the prices, when handed over
LEADS = {
    "a": ("R-1", "it_manager", 100, 1, 3, "5 11:00"),
    "b": ("R-1", "cto", 20, 1, 0, "10 23:00"),
    "c": ("R-1", "student", 100, 0, 0, "8 23:00"),
    "d": ("R-1", "it_manager", 100, 0, 0, "8 23:00"),
    "e": (None, "it_manager", 100, 1, 0, "9 23:00"),  # its deal is the other rep's
    "f": (None, "cto", 100, 1, 0, None),  # over the line; assigned to the other rep
    "g": ("R-1", "it_manager", 20, 1, 0, None),  # 50 points, and not handed over
    "h": ("R-1", "cto", 100, 1, 3, "6"),  # given back
    "i": (None, "it_manager", 100, 0, 0, "13"),  # handed over in the week itself
    "j": ("R-1", "student", 20, 0, 0, "14"),  # given back on the next day
    "u": (None, "cto", 100, 0, 0, "2 23:00"),
}
CALLS = [  # lead, when, actor, automatic, kind, outcome
    ("a", "6", "sales", False, "call", "no_answer"),
    ("a", "8", "sales", False, "call", "connected"),
    ("a", "9", "sales", True, "email_sent", None),  # by the machine
    ("b", "12 12:00", "sales", False, "call", "connected"),  # not known yet
    ("e", "10 12:00", "sales", False, "letter", None),
]


def write_company(path: Path) -> Path:
    """Write the company's warehouse."""
    leads, stages, events = [], [], []
    for lead, (owner, role, size, demos, looks, handed) in LEADS.items():
        url = "=HYPERLINK(1)" if lead == "f" else f"https://crm.example/{lead}"
        leads.append((lead, at("1"), owner, role, size, url, None if lead == "i" else "ACME"))
        for kind, subject, n in (("demo_request", None, demos), ("page_view", "/pricing", looks)):
            events += [(lead, at("2"), "lead", False, kind, subject, None, None)] * n
        stages.append((lead, 1, "lead", at("1"), None, None))
        if handed:
            stages.append((lead, 1, "sales_ready", at(handed), None, None))
    stages.append(("c", 1, "accepted", at("10"), None, "sales"))
    stages.append(("h", 1, "rejected", at("9"), "wrong_fit", "sales"))
    stages.append(("j", 1, "rejected", at("15"), "wrong_fit", "sales"))
    events += [
        (lead, at(when), actor, automatic, kind, None, outcome, None)
        for lead, when, actor, automatic, kind, outcome in CALLS
    ]
    events.append(("f", at("3"), "sales", True, "assigned", EVIL, None, None))
    happened = ["lead_id", "occurred_at", "actor", "automatic", "kind", "subject", "outcome",
                "value"]  # fmt: skip
    tables = {
        "leads": pd.DataFrame(
            leads, columns=["lead_id", "created_at", "owner_id", "job_role", "employees",
                            "record_url", "company"]
        ),
        "stages": pd.DataFrame(
            stages, columns=["lead_id", "spell", "stage", "entered_at", "reason", "actor"]
        ),
        "events": pd.DataFrame(events, columns=happened),
        "deals": pd.DataFrame(
            [("D1", EVIL, at("10")), ("D2", "R-1", at("20"))],  # the second one opens later
            columns=["deal_id", "owner_id", "opened_at"],
        ),
        "deal_leads": pd.DataFrame({"deal_id": ["D1", "D2"], "lead_id": ["e", "e"]}),
    }  # fmt: skip
    known = {"job_role": "at_creation", "employees": "at_creation"}
    return write_warehouse(path, tables, known, data_until=at("31").isoformat())
