"""The cells of one export: their text, and how it is read as a type."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from smarketing.warehouse import sql
from smarketing.warehouse.privacy import personal_kind
from smarketing.warehouse.readers.raw import RawTable
from smarketing.warehouse.sources.model import Source, Sources

_FREE_TEXT = ("subject", "reason", "outcome", "loss_reason")
_MOMENTS = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE")


class Cells:
    """Writes the SQL of an export's cells.

    Parameters
    ----------
    sources : Sources
    source : Source
    raw : RawTable
    personal : set of str
        Labels of columns with addresses or phone numbers in their cells.
    days : set of str
        Labels of columns whose moments are all days, written as midnights.
    """

    def __init__(
        self,
        sources: Sources,
        source: Source,
        raw: RawTable,
        personal: set[str],
        days: Collection[str] = (),
    ) -> None:
        self.source, self.raw, self.personal, self.days = source, raw, personal, days
        self.home = sources.home
        self.zone = source.timezone or sources.timezone
        self.missing = (*sources.missing, *source.missing)

    def text(self, label: str, more_missing: tuple[str, ...] = ()) -> str:
        """Return the SQL of a cell's text, null if it means "no value"."""
        column = f"r.{self.raw.column(label)}"
        if self.raw.type_of(label) != "VARCHAR":
            column = f"CAST({column} AS VARCHAR)"
        return sql.cell(column, (*self.missing, *more_missing))

    def text_at(self, at: int) -> str:
        """Return the SQL of the text of the column at a place."""
        column = f"r.c{at}"
        if self.raw.types and self.raw.types[at] != "VARCHAR":
            column = f"CAST({column} AS VARCHAR)"
        return sql.cell(column, self.missing)

    def key(self, label: str) -> str:
        """Return the SQL of an id; Salesforce's short form is made its long one."""
        text = self.text(label)
        return f"id18({text})" if self.source.labels_of == "salesforce" else text

    def kind(self, label: str) -> str | None:
        """Return what personal data a column holds, by its label or its cells."""
        return personal_kind(label) or ("e-mail" if label in self.personal else None)

    def moment(self, label: str) -> str | None:
        """Return the column of a label if its cells are moments, not text."""
        return self.raw.column(label) if self.raw.type_of(label) in _MOMENTS else None

    def zoned(self, label: str) -> bool:
        """Return whether the moments of a column know their zone."""
        return self.raw.type_of(label) == "TIMESTAMP WITH TIME ZONE"

    def zone_of(self, label: str) -> str:
        """Return the zone of a column's naive moments: days are the company's."""
        is_day = label in self.days or self.raw.type_of(label) == "DATE"
        return self.home if is_day else self.zone

    def local(self, kind: str) -> Callable[[str], str] | None:
        """Return what makes a local time of the SQL of a text, if the type is a moment."""
        formats = self.source.date_format
        return partial(sql.local_time, formats=formats) if kind in ("TIMESTAMP", "DATE") else None

    def typed(self, kind: str, name: str = "", label: str = "") -> Callable[..., str]:
        """Return what turns the SQL of a text into the SQL of a DuckDB type.

        Of a moment it wants the SQL of its local time, too (:meth:`local`).
        """
        source = self.source
        if name == "month":
            return sql.month
        if name == "currency":
            return "upper({})".format
        if kind == "TIMESTAMP":
            zone = self.zone_of(label)
            return partial(sql.utc_time, zone=zone, formats=source.date_format, home=self.home)
        if kind == "DATE":
            zone = self.zone_of(label)
            return partial(sql.local_day, zone=zone, formats=source.date_format, home=self.home)
        if kind == "DOUBLE":
            return partial(sql.number, decimal=source.decimal)
        if kind in ("INTEGER", "BIGINT"):
            return lambda text: sql.whole_number(sql.number(text, source.decimal), kind)
        if kind == "BOOLEAN":
            return sql.boolean
        if name in _FREE_TEXT:
            return sql.redacted
        return str

    def wanted(self, kind: str, name: str = "") -> str:
        """Return what forms of a type are read, in words."""
        if name == "month":
            return "2026-10"
        if kind in ("TIMESTAMP", "DATE"):
            own = [f"`{form}`" for form in self.source.date_format]
            return ", ".join(["2026-10-31", "2026-10-31 14:05", "2026-10-31T14:05:00Z", *own])
        if kind == "BOOLEAN":
            return "true, false, yes, no, 1, 0"
        if kind in ("INTEGER", "BIGINT"):
            return "a whole number"
        return "a number such as 1234.5" if kind == "DOUBLE" else ""
