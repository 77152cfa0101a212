"""What a stage is called as something that leads reach."""

from __future__ import annotations

from smarketing.language.catalogue import trc


def stage_word(stage: str) -> str:
    """Return a stage as it stands in "reached customer within 90 days".

    Examples
    --------
    >>> stage_word("customer")
    'customer'
    """
    return {
        "lead": trc("a stage reached", "lead"),
        "mql": trc("a stage reached", "mql"),
        "sales_ready": trc("a stage reached", "sales_ready"),
        "accepted": trc("a stage reached", "accepted"),
        "sql": trc("a stage reached", "sql"),
        "opportunity": trc("a stage reached", "opportunity"),
        "customer": trc("a stage reached", "customer"),
    }.get(stage, stage)
