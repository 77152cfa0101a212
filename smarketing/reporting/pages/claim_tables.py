"""What the teams say about each other, tested: as both pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from smarketing.funnel.claims.check import Claim
from smarketing.language.catalogue import mark, tr
from smarketing.language.numbers import listed
from smarketing.reporting.html.page import Html
from smarketing.reporting.html.table import table
from smarketing.reporting.pages.wording import name_of

SETTLED = {
    "supported": mark("“{claim}” is supported"),
    "contradicted": mark("“{claim}” is contradicted"),
}
VERDICTS = {
    "supported": mark("supported"),
    "contradicted": mark("contradicted"),
    "cannot tell": mark("cannot tell"),
}


def claims_title(tested: Sequence[Claim]) -> str:
    """Return which claims the data settles, in words."""
    settled = [tr(SETTLED[c.verdict], claim=c.claim) for c in tested if c.verdict in SETTLED]
    if not settled:
        return tr("Nothing the teams say about each other can be told from luck")
    return tr("Of what the teams say about each other, {settled}", settled=listed(settled))


def claims_table(tested: Sequence[Claim], raised: Mapping[str, str] | None = None) -> Html:
    """Return claims with their verdicts and evidence; with when they were raised, if known."""
    rows = pd.DataFrame(
        [
            {
                "claim": c.claim,
                "made_by": ", ".join(filter(None, (tr(c.made_by), (raised or {}).get(c.name)))),
                "verdict": name_of(VERDICTS, c.verdict),
                "evidence": c.sentence,
                "n_needed": c.n_needed if c.verdict == "cannot tell" else None,
            }
            for c in tested
        ]
    )
    labels = {
        "claim": tr("Claim"), "made_by": tr("Made by"), "verdict": tr("Verdict"),
        "evidence": tr("Evidence"), "n_needed": tr("Leads needed to tell"),
    }  # fmt: skip
    caption = tr("Tested together; each sentence names its months")
    return table(rows, labels, {"n_needed": "count"}, caption)
