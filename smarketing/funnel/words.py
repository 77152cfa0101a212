"""What stages are called, and shares in sentences, written as everywhere on a page."""

from __future__ import annotations

from smarketing.language import mark, tr

STAGE_NAMES = {
    "visitor": mark("Visitors"),
    "lead": mark("Leads"),
    "mql": mark("MQLs"),
    "sales_ready": mark("Sales-ready leads"),
    "accepted": mark("Accepted"),
    "sql": mark("SQLs"),
    "opportunity": mark("Opportunities"),
    "customer": mark("Customers"),
    "rejected": mark("Rejected"),
    "recycled": mark("Recycled"),
    "disqualified": mark("Disqualified"),
}
"""What those in a stage are called together."""

MODEL_NAMES = {
    "first_touch": "First touch",
    "last_touch": "Last touch",
    "linear": "Linear",
    "position_based": "Position-based",
    "time_decay": "Time decay",
    "markov": "Markov",
}
"""What ways of crediting revenue are called."""

SPACE = "\u00a0"  # keeps a number and its sign on one line
_ONE = {"mql": "an MQL", "sales_ready": "sales-ready", "accepted": "accepted", "sql": "an SQL",
        "opportunity": "an opportunity", "customer": "a customer"}  # fmt: skip


def became(stage: str) -> str:
    """Return what a lead that reached a stage became.

    Examples
    --------
    >>> became("sql")
    'became an SQL'
    """
    return f"became {_ONE[stage]}" if stage != "accepted" else "was accepted"


def in_text(stage: str) -> str:
    """Return a stage's name within a sentence.

    Examples
    --------
    >>> in_text("customer"), in_text("mql")
    ('customers', 'MQLs')
    """
    name = tr(STAGE_NAMES[stage])
    return name if name[:2].isupper() else name.lower()


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, as pages write it.

    Examples
    --------
    >>> percent(0.544).replace(SPACE, " "), percent(-0.0312, 1).replace(SPACE, " ")
    ('54 %', '−3.1 %')
    """
    return f"{share * 100:.{digits}f}{SPACE}%".replace("-", "−")


def points(difference: float, sign: bool = True) -> str:
    """Return a difference of shares in percentage points.

    Examples
    --------
    >>> points(-0.021), points(0.021), points(0.021, sign=False)
    ('−2.1', '+2.1', '2.1')
    """
    text = f"{difference * 100:+.1f}" if sign else f"{difference * 100:.1f}"
    return {"+0.0": "0", "-0.0": "0", "0.0": "0"}.get(text, text.replace("-", "−"))
