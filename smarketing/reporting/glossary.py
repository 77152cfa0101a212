"""The words of the reports, explained where they are read."""

from __future__ import annotations

WORDS = {
    "Lead": "a person who left contact data, through a form or a chat",
    "MQL": "a lead that showed interest and fits the buyer profile: its score reached the MQL "
    "line, and it goes to qualification",
    "Sales-ready lead": "a lead handed over to a rep; this is what marketing promises a number of",
    "Accepted": "sales took the hand-over",
    "SQL": "sales' verdict after a dialogue: wants to buy, worth pursuing",
    "Opportunity": "an SQL with an open deal",
    "Customer": "a lead of a won deal; several leads of one purchase are one customer",
    "Line": "the score from which a lead is an MQL, or sales-ready",
    "Of the leads of a month": "follows the leads that came in a month, whenever they move on",
    "In the month": "counts what happened in a month, whenever the lead came",
    "Too young": "a lead whose time to answer, or to buy, is not over; counted as neither kept nor "
    "broken, neither won nor lost",
    "AUC": "how often a lead that buys is scored above one that does not; a coin gives 0.5",
    "Close rate at capacity": "of the best-scored leads that sales can work in a month, those who "
    "buy",
    "Interval": "a range that luck alone would leave in 95 of 100 cases, unless it says otherwise",
}
