"""The canonical tables: every export is mapped onto these, and nothing else is asked of data."""

from __future__ import annotations

from dataclasses import dataclass

from smarketing.language.catalogue import mark

STAGES = (
    "lead",
    "mql",
    "sales_ready",
    "accepted",
    "sql",
    "opportunity",
    "customer",
    "rejected",
    "recycled",
    "disqualified",
)
"""All stages, in the order a lead passes them; the last three end a spell."""

NO_EXPORT = mark("sources.yml names no export for it")
NO_ROW = " gives no row for it"
"""Why a table is missing, as the ingest writes it down; the latter behind the file's name."""

ENDINGS = ("customer", "rejected", "recycled", "disqualified")
ACTORS = ("lead", "marketing", "sales")


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    name : str
    type : str
        DuckDB type; TIMESTAMP is naive UTC.
    required : bool
        False if the column may be missing or null.
    allowed : tuple of str
        The only values, empty for any.
    """

    name: str
    type: str
    required: bool = True
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A canonical table: its columns, its key, and what it says in words."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    says: str = ""
    open_ended: bool = False
    """Whether further columns (attributes) may stand in it."""

    def column(self, name: str) -> Column:
        """Return the column of that name; raise KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)


def _c(name: str, kind: str = "VARCHAR", *allowed: str) -> Column:
    return Column(name.rstrip("?"), kind, not name.endswith("?"), allowed)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "leads",
            (
                _c("lead_id"),
                _c("created_at?", "TIMESTAMP"),  # null throughout where a table has no dates
                _c("source?"),
                _c("campaign_id?"),
                _c("account_id?"),
                _c("owner_id?"),
                _c("outcome?", "BOOLEAN"),  # for tables without stages and dates
                _c("score_today?", "DOUBLE"),  # the score the company already has
            ),
            key=("lead_id",),
            says=mark("who the leads are"),
            open_ended=True,
        ),
        Table(
            "events",
            (
                _c("lead_id"),
                _c("occurred_at", "TIMESTAMP"),
                _c("actor", "VARCHAR", *ACTORS),
                _c("automatic", "BOOLEAN"),
                _c("kind"),
                _c("subject?"),
                _c("outcome?"),
                _c("value?", "DOUBLE"),
            ),
            says=mark("what leads, marketing and sales did"),
        ),
        Table(
            "stages",
            (
                _c("lead_id"),
                _c("spell", "INTEGER"),
                _c("stage", "VARCHAR", *STAGES),
                _c("entered_at", "TIMESTAMP"),
                _c("reason?"),
                _c("actor?"),
            ),
            says=mark("when a lead entered which stage"),
        ),
        Table(
            "changes",
            (
                _c("lead_id"),
                _c("field"),  # an attribute of leads, under our name
                _c("changed_at", "TIMESTAMP"),
                _c("old?"),
                _c("new?"),
            ),
            says=mark("what attributes of leads were before they were changed"),
        ),
        Table(
            "deals",
            (
                _c("deal_id"),
                _c("account_id?"),
                _c("owner_id?"),
                _c("opened_at", "TIMESTAMP"),
                _c("expected_close_at?", "TIMESTAMP"),
                _c("closed_at?", "TIMESTAMP"),
                _c("won?", "BOOLEAN"),  # null = open
                _c("amount?", "DOUBLE"),
                _c("currency?"),
                _c("loss_reason?"),
            ),
            key=("deal_id",),
            says=mark("what was sold and lost"),
        ),
        Table(
            "deal_leads",
            (_c("deal_id"), _c("lead_id"), _c("role?")),
            key=("deal_id", "lead_id"),
            says=mark("which leads stand behind a deal"),
        ),
        Table(
            "campaigns",
            (_c("campaign_id"), _c("name"), _c("channel?")),
            key=("campaign_id",),
            says=mark("the campaigns by name"),
        ),
        Table(
            "spend",
            (_c("campaign_id"), _c("month"), _c("cost", "DOUBLE"), _c("currency?")),
            key=("campaign_id", "month"),
            says=mark("what campaigns cost"),
        ),
        Table(
            "visits",
            (_c("day", "DATE"), _c("channel"), _c("visitors", "BIGINT")),
            key=("day", "channel"),
            says=mark("how many people came to the website"),
        ),
    )
}

INTERNAL = (
    "_id", "_source", "_copy", "_way", "_state", "_note", "_first", "_check", "_found", "_person",
)  # fmt: skip
"""Columns of staged rows beside those of their table: no attribute may have such a name."""
