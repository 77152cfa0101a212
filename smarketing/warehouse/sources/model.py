"""sources.yml: which export holds what, as a typed model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)
from ruamel.yaml.comments import CommentedMap

from smarketing.warehouse.sources.brand_file import Branding
from smarketing.warehouse.sources.secrets import has_password
from smarketing.warehouse.tables import TABLES
from smarketing.yamlfile import mark_of

ReaderName = Literal["csv", "excel", "parquet", "hubspot", "salesforce", "database"]
Cell = str | None


def _as_text(value: Any) -> Any:
    """Cells are text: YAML's 1, 1.5 and true stand for the cells "1", "1.5" and "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value


def _as_texts(value: Any) -> Any:
    items = value if isinstance(value, (list, tuple)) else [value]
    return tuple(_as_text(item) for item in items)


def _as_list(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def _text_map(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {_as_text(key): _as_text(item) for key, item in value.items()}


def _time_zone(value: str | None) -> str | None:
    if value is not None and value not in available_timezones():
        raise ValueError("not a time zone; such as Europe/Copenhagen or UTC")
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
Constant = Annotated[str, BeforeValidator(_as_text)]
ValueMap = Annotated[dict[str, Cell], BeforeValidator(_text_map)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KnownAt(_Part):
    """An attribute that becomes known at the moment another column says."""

    at: str


class Attribute(_Part):
    """An attribute of leads: its export column, its type and when it becomes known.

    ``known: history`` stands for the value of the moment, as the table of changes tells it.
    ``take`` reduces personal data: an e-mail address to its ``domain``, any value to a keyed
    ``hash``, or to whether it is ``present``. A text that looks like personal data, or differs for
    nearly every lead, is refused without it, unless ``personal: false`` is said of it.
    """

    column: str
    type: Literal["text", "number", "boolean", "time"] = "text"
    known: Literal["at_creation", "history", "after_outcome", "undeclared"] | KnownAt = "undeclared"
    take: Literal["domain", "hash", "present"] | None = None
    personal: Literal[False] | None = None
    missing: Texts = ()

    @property
    def is_personal(self) -> bool:
        """Whether nobody said that it is about no person."""
        return self.personal is None


class Exclude(_Part):
    """Rows to leave out, such as test leads: by pattern (`*` at either end) or by values."""

    column: str
    like: str | None = None
    values: Texts = Field(default=(), alias="in")
    reason: str


class Outcome(_Part):
    """The outcome of leads in a table without dates: which cells mean won."""

    column: str
    won: Texts
    lost: Texts = ()


class FileOptions(_Part):
    """Where an export is and how its cells are written.

    A ``database`` has an ``address`` (ibis' form, ``$NAME`` standing for what the environment
    says) and a ``table``; all others have a ``file``. ``system`` names the CRM whose labels the
    columns follow where the reader does not say so, as in a warehouse's copy of its tables.
    """

    reader: ReaderName
    file: str = ""
    address: str | None = None
    table: str | None = None
    system: Literal["hubspot", "salesforce"] | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    sheet: str | None = None
    header_line: int | None = Field(default=None, ge=1)
    """The line of the column labels, where other lines stand above them."""
    skip_footer: int = Field(default=0, ge=0)
    """Lines at the end that are no rows, such as a sum or a note."""

    @field_validator("delimiter", mode="before")
    @classmethod
    def _tab(cls, value: Any) -> Any:
        return "\t" if value in ("tab", "\\t") else value

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.reader == "database":
            if not self.address or not self.table:
                raise ValueError("`reader: database` needs `address` and `table`")
            if has_password(self.address):
                raise ValueError(
                    "`address` holds a password, which belongs into no file: write $NAME for it, "
                    "and set NAME in the environment"
                )
        elif not self.file:
            raise ValueError("`file` is needed: a file, a folder, or a pattern such as raw/*.csv")
        elif self.address or self.table:
            raise ValueError("`address` and `table` belong to `reader: database`")
        return self

    @property
    def labels_of(self) -> str | None:
        """The CRM whose labels the columns follow: hubspot, salesforce, or None."""
        if self.system is None and self.reader in ("hubspot", "salesforce"):
            return self.reader
        return self.system


class Lookup(FileOptions):
    """A look-up in another export: the row where ``from`` equals the cell gives ``to``.

    Cells are compared as they are, as e-mail addresses, or by the domain of an address or
    website (a domain that stands for several is no match). ``then`` looks up further, from what
    was found.
    """

    key: str = Field(alias="from")
    to: str
    match: Literal["exact", "email", "domain"] = "exact"
    then: Lookup | None = None

    def chain(self) -> tuple[Lookup, ...]:
        """Return this look-up and those after it."""
        return (self, *(self.then.chain() if self.then else ()))


class Source(FileOptions):
    """One export (a file, a folder or a glob) that gives rows to one canonical table."""

    columns: dict[str, str] = {}
    constants: dict[str, Constant] = {}
    values: dict[str, ValueMap] = {}
    via: dict[str, Annotated[tuple[Lookup, ...], BeforeValidator(_as_list)]] = {}
    where: dict[str, Texts] = {}
    split: dict[str, Annotated[str, Field(min_length=1)]] = {}
    """Columns whose cells list several values, with what stands between them: a row for each."""
    unpivot: dict[str, Texts] = {}
    exclude: tuple[Exclude, ...] = ()
    missing: Texts = ()
    timezone: str | None = None
    date_format: Texts = ()
    decimal: Literal[".", ","] | None = None
    unknown_leads: Literal["reject", "ignore"] = "reject"
    same_person: str | None = None
    merged_ids: str | None = None
    """The column that lists the ids of contacts merged into a lead, with `;` between them."""
    merged: Annotated[tuple[Lookup, ...], BeforeValidator(_as_list)] = ()
    """Tables that tell which contact (`from`) was merged into which (`to`)."""
    versions: bool = False
    """Whether each row is a whole lead as it was from `changed_at` on, as in history tables."""
    repeated: Literal["reject", "update"] = "reject"
    """Whether a later file's row of the same key is a mistake, or newer and takes its place."""
    negative: Literal["reject", "allowed"] = "reject"
    """Whether rows with negative amounts, such as credit notes, count, or are left out and told."""
    attributes: dict[str, Attribute] = {}
    outcome: Outcome | None = None
    score_today: Texts = ()

    _zone = field_validator("timezone")(_time_zone)


class Sources(_Part):
    """The whole file.

    Examples
    --------
    >>> Sources.model_validate({
    ...     "company": "Nordlys", "timezone": "Europe/Copenhagen",
    ...     "tables": {"leads": {"reader": "csv", "file": "raw/leads.csv",
    ...                          "columns": {"lead_id": "Id"}}},
    ... }).tables["leads"][0].columns
    {'lead_id': 'Id'}
    """

    company: str
    branding: Branding = Field(default_factory=Branding)
    timezone: str
    missing: Texts = ("",)
    max_reject_share: float = Field(default=0.02, ge=0, le=1)
    public_hash_key: str | None = None
    history_from: datetime | date | None = None
    history_from_reason: str | None = None
    data_until: datetime | date | None = None
    cannot: dict[str, str] = {}
    """Why a table, or TABLE.COLUMN, is not there, in one sentence."""
    tables: dict[
        Literal[tuple(TABLES)],  # type: ignore[valid-type]
        Annotated[tuple[Source, ...], BeforeValidator(_as_list)],
    ]

    _marks: CommentedMap | None = PrivateAttr(default=None)
    _home: str | None = PrivateAttr(default=None)
    _zone = field_validator("timezone")(_time_zone)

    @property
    def home(self) -> str:
        """The company's time zone, in which a day without a time is that day."""
        return self._home or self.timezone

    def line(self, *loc: int | str) -> int | None:
        """Return the line of sources.yml, from 1, at which a part stands."""
        return mark_of(self._marks, loc)[0] if self._marks is not None else None
