"""The words of the reports, explained where they are read."""

from __future__ import annotations

from smarketing.language.catalogue import mark

WORDS = {
    mark("Lead"): mark("a person who left contact data, through a form or a chat"),
    mark("MQL"): mark(
        "a lead that showed interest and fits the buyer profile: its score reached the MQL line, "
        "and it goes to qualification"
    ),
    mark("Sales-ready lead"): mark(
        "a lead handed over to a rep; this is what marketing promises a number of"
    ),
    mark("Accepted"): mark("sales took the hand-over"),
    mark("SQL"): mark("sales' verdict after a dialogue: wants to buy, worth pursuing"),
    mark("Opportunity"): mark("an SQL with an open deal"),
    mark("Line"): mark("the score from which a lead is an MQL, or sales-ready"),
    mark("Of the leads of a month"): mark(
        "follows the leads that came in a month, whenever they move on"
    ),
    mark("In the month"): mark("counts what happened in a month, whenever the lead came"),
    mark("Too young"): mark(
        "a lead whose time to answer, or to buy, is not over; counted as neither kept nor broken, "
        "neither won nor lost"
    ),
    mark("AUC"): mark(
        "how often a lead that buys is scored above one that does not; a coin gives 0.5"
    ),
    mark("Close rate at capacity"): mark(
        "of the best-scored leads that sales can work in a month, those who buy"
    ),
    mark("Interval"): mark(
        "a range that luck alone would leave in 95 of 100 cases, unless it says otherwise"
    ),
    mark("Normal variation"): mark(
        "the range of monthly results that chance alone gives in the stated share of months, if "
        "the promise is kept on average"
    ),
}
"""Each word with what it means, to be shown by ``tr``."""
