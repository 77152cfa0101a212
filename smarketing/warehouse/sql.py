"""Small pieces of DuckDB SQL: quoting, cells, and text turned into types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from smarketing.warehouse.local_time import clock_changes
from smarketing.warehouse.privacy import EMAIL_PATTERN

_USUAL = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC))
SPACE = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"

_ISO = (
    r"^\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
    r"( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?$"
)
_ZONED = r"[T ]\d{1,2}:\d{2}.*(Z|UTC|[+-]\d{2}(:?\d{2})?)$"
_CLOCK = ("%H", "%I", "%M", "%S", "%p", "%X", "%c", "%z", "%Z", "%f", "%g", "%n")
_SUMMER = {
    "CEST": "CET", "EEST": "EET", "WEST": "WET", "BST": "Europe/London", "EDT": "EST5EDT",
    "CDT": "CST6CDT", "MDT": "MST7MDT", "PDT": "PST8PDT",
}  # fmt: skip
"""Names of summer times that DuckDB does not know, with the zones whose they are."""
_NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"

GROUPED = r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$"
"""A number as who writes dots between thousands writes it, though it may be none of these."""
NOT_GROUPED = r"^[+-]?(0?\.\d+|\d+\.\d{1,2}|\d+\.\d{4,}|\d{4,}(\.\d*)?|\d+\.)$"
"""A number as only those write it whose dot is the decimal mark, or who group no thousands."""

_DAY = r"^\d{4}-\d{2}-\d{2}$"

TRUE = (
    "true", "yes", "y", "t", "1", "1.0", "ja", "sand", "sant", "sann", "wahr", "oui", "vrai",
    "sí", "si", "sì", "verdadero", "vero", "sim", "verdadeiro", "waar", "да", "истина",
)  # fmt: skip
FALSE = (
    "false", "no", "n", "f", "0", "0.0", "nej", "nei", "nein", "falsk", "falskt", "usann", "falsch",
    "non", "faux", "falso", "não", "nao", "nee", "onwaar", "нет", "ложь",
)  # fmt: skip
"""Answers in the languages that exports come in, and as spreadsheets of those languages write."""


def row_of(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Return the first row of an answer that always has one, such as an aggregate's."""
    row: tuple[Any, ...] | None = con.execute(query).fetchone()
    if row is None:
        raise LookupError(f"no row answers {query[:60]}")
    return row


def count(con: duckdb.DuckDBPyConnection, rows: str, where: str = "true") -> int:
    """Return how many rows a table, or a query in brackets, has.

    Examples
    --------
    >>> count(duckdb.connect(), "range(5)", "range > 2")
    2
    """
    return int(row_of(con, f"SELECT count(*) FROM {rows} WHERE {where}")[0])


def ident(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def lit(value: str | None) -> str:
    """Quote a text."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def lits(values: Iterable[str]) -> str:
    """Quote texts as a list in brackets."""
    return "(" + ", ".join(lit(value) for value in values) + ")"


def cell(column: str, missing: Iterable[str]) -> str:
    """Return a cell without surrounding blanks, null if it means "no value"."""
    # most cells need no trimming, which takes ten times as long as to see that
    blanks = SPACE.split(" || ")
    starts = f"unicode({column}) IN ({', '.join(f'unicode({blank})' for blank in blanks)})"
    ends = " OR ".join(f"suffix({column}, {blank})" for blank in blanks)
    absent = lits(sorted({"", *(value.strip() for value in missing)}))
    trimmed = f"trim({column}, {SPACE})"
    return (
        f"CASE WHEN {column} IN {absent} THEN NULL WHEN {starts} OR {ends} THEN"
        f" CASE WHEN {trimmed} IN {absent} THEN NULL ELSE {trimmed} END ELSE {column} END"
    )


def like(column: str, pattern: str) -> str:
    r"""Return whether a cell matches a pattern with `*` at its start, end or both; case ignored.

    Examples
    --------
    >>> like("c", "*@test.example")
    "lower(c) LIKE '%@test.example' ESCAPE '\\'"
    """
    inner = pattern.lower().strip("*")
    escaped = re.sub(r"([\\%_])", r"\\\1", inner)
    start, end = "%" * pattern.startswith("*"), "%" * pattern.endswith("*")
    return f"lower({column}) LIKE {lit(start + escaped + end)} ESCAPE '\\'"


def mapped(text: str, values: dict[str, str | None]) -> str:
    """Return a cell put through a value map; `"*"` stands for all values not named."""
    if not values:
        return text
    cases = " ".join(
        f"WHEN {lit(key)} THEN {lit(value)}" for key, value in values.items() if key != "*"
    )
    other = lit(values["*"]) if "*" in values else text
    if "*" in values:
        other = f"CASE WHEN {text} IS NULL THEN NULL ELSE {other} END"
    return f"CASE {text} {cases} ELSE {other} END" if cases else other


def local_time(text: str, formats: tuple[str, ...]) -> str:
    """Return a text as a naive local TIMESTAMP, null if it names its own zone or is no time."""
    point = f"CASE WHEN contains({text}, ',') THEN replace({text}, ',', '.') ELSE {text} END"
    iso = f"CASE WHEN regexp_matches({text}, {lit(_ISO)}) THEN TRY_CAST({point} AS TIMESTAMP) END"
    naive = [f for f in formats if not names_zone(f)]
    own = f"TRY_CAST(try_strptime({text}, [{', '.join(map(lit, naive))}]) AS TIMESTAMP)"
    return f"coalesce({own}, {iso})" if naive else iso


def names_zone(form: str) -> bool:
    """Return whether dates of a form say their zone: by an offset, or by its name."""
    return "%z" in form or "%Z" in form


def is_date_form(form: str) -> bool:
    """Return whether DuckDB can read dates of a form.

    Examples
    --------
    >>> is_date_form("%d/%m/%Y"), is_date_form("%d/%m/%"), is_date_form("%Q")
    (True, False, False)
    """
    try:
        duckdb.execute(f"SELECT try_strptime('x', {lit(form)})")
    except duckdb.Error:
        return False
    return True


def is_day(text: str, formats: tuple[str, ...] = ()) -> str:
    r"""Return whether a text is a day without a time, in ISO 8601 or one of the formats.

    Examples
    --------
    >>> con = duckdb.connect()
    >>> rows = "VALUES ('2026-10-01'), ('2026-10-01 09:00'), ('1/10/2026')"
    >>> day = is_day("c", ("%d/%m/%Y",))
    >>> [row[0] for row in con.execute(f"SELECT {day} FROM ({rows}) v(c)").fetchall()]
    [True, False, True]
    """
    test = f"regexp_matches({text}, {lit(_DAY)})"
    days = [f for f in formats if not any(mark in f for mark in _CLOCK)]
    if days:
        test += f" OR try_strptime({text}, [{', '.join(map(lit, days))}]) IS NOT NULL"
    return test


def only_days(text: str, formats: tuple[str, ...]) -> str:
    """Return whether all moments of a column are midnights without a zone: days, that is."""
    local = local_time(text, formats)
    return (
        f"coalesce(bool_and({local} = date_trunc('day', {local})), false)"
        f" AND NOT coalesce(bool_or(regexp_matches({text}, {lit(_ZONED)})), false)"
    )


def to_utc(local: str, zone: str) -> str:
    """Return a naive local TIMESTAMP as naive UTC.

    A local time that summer time skips counts as if the clock had not yet been moved (02:30
    is 03:30 summer time); one that happens twice counts as the second, in normal time.

    DuckDB's own function takes twenty times as long as a look into the years most data are of.

    Parameters
    ----------
    local : str
        SQL that stands often in the answer: a column, best.
    zone : str

    Examples
    --------
    >>> to_utc("moment", "UTC")
    'moment'
    """
    if zone == "UTC":
        return local
    first, last = (f"TIMESTAMP '{moment:%Y-%m-%d}'" for moment in _USUAL)
    wide = (_USUAL[0] - timedelta(days=2), _USUAL[1] + timedelta(days=2))
    return (
        f"CASE WHEN {local} >= {first} AND {local} < {last}"
        f" THEN {local} - {_offset(local, clock_changes(zone, *wide))}"
        f" ELSE timezone('UTC', timezone({lit(zone)}, {local})) END"
    )


def _offset(local: str, changes: Sequence[tuple[datetime, int]]) -> str:
    if len(changes) == 1:
        return f"INTERVAL '{changes[0][1]} seconds'"
    middle = len(changes) // 2
    moment, ahead = changes[middle]
    return (
        f"CASE WHEN {local} >= TIMESTAMP '{moment + timedelta(seconds=ahead)}'"
        f" THEN {_offset(local, changes[middle:])} ELSE {_offset(local, changes[:middle])} END"
    )


def utc_time(
    text: str, local: str, zone: str, formats: tuple[str, ...] = (), home: str | None = None
) -> str:
    """Return a text as naive UTC TIMESTAMP; a naive text is local time of the zone.

    Accepts ISO 8601 dates and times, with or without zone, and the formats given (strptime).

    Parameters
    ----------
    text : str
    local : str
        What :func:`local_time` makes of it, as a column: it stands often in the answer.
    zone : str
        See :func:`to_utc`.
    formats : tuple of str
    home : str, optional
        The zone in which a day without a time is that day, if not the same.
    """
    fixed = (  # DuckDB wants seconds, and a colon in the offset
        f"regexp_replace(regexp_replace(replace({text}, ',', '.'),"
        " '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2'),"
        " '([T ][0-9]{1,2}:[0-9]{2}) ?(Z|UTC|[+-])', '\\1:00\\2')"
    )
    zoned = [f for f in formats if names_zone(f)]
    summer = text
    if any("%Z" in f for f in zoned):
        for name, zone_of in _SUMMER.items():
            summer = f"regexp_replace({summer}, '\\b{name}$', {lit(zone_of)})"
    parts = [
        f"timezone('UTC', TRY_CAST(try_strptime({summer}, {lit(f)}) AS TIMESTAMPTZ))" for f in zoned
    ]
    naive = to_utc(local, zone)
    if home is not None and home != zone:
        naive = f"CASE WHEN {is_day(text, formats)} THEN {to_utc(local, home)} ELSE {naive} END"
    parts.append(
        f"CASE WHEN regexp_matches({text}, {lit(_ZONED)}) AND regexp_matches({text}, {lit(_ISO)})"
        f" THEN timezone('UTC', TRY_CAST({fixed} AS TIMESTAMPTZ))"
        f" ELSE {naive} END"
    )
    return f"coalesce({', '.join(parts)})"


def local_day(text: str, local: str, zone: str, formats: tuple[str, ...], home: str) -> str:
    """Return the day of a text as DATE: the day it names, or that of its moment at home."""
    moment = f"timezone({lit(home)}, timezone('UTC', {utc_time(text, local, zone, formats, home)}))"
    day = f"CASE WHEN {is_day(text, formats)} THEN {local} ELSE {moment} END"
    return f"CAST({day} AS DATE)"


def number(text: str, decimal: str | None = None) -> str:
    """Return a text as a finite DOUBLE, null if it is none.

    Only where the decimal mark is declared may digits be grouped by the other mark: "1,234" is
    a thousand to some and one and a bit to others.
    """
    mark = decimal or "."
    plain = f"replace(regexp_replace({text}, '[ \\x{{00A0}}]', '', 'g'), {lit(mark)}, '.')"
    cases = f"WHEN regexp_matches({plain}, {lit(_NUMBER)}) THEN TRY_CAST({plain} AS DOUBLE)"
    if decimal:
        group = "," if decimal == "." else "."
        form = rf"^[+-]?\d{{1,3}}({re.escape(group)}\d{{3}})+({re.escape(decimal)}\d*)?$"
        joined = f"replace(replace({text}, {lit(group)}, ''), {lit(decimal)}, '.')"
        cases = (
            f"WHEN regexp_matches({text}, {lit(form)}) THEN TRY_CAST({joined} AS DOUBLE) {cases}"
        )
    return f"CASE {cases} END"


def boolean(text: str) -> str:
    """Return a text as BOOLEAN, null if it is neither yes nor no."""
    return (
        f"CASE WHEN lower({text}) IN {lits(TRUE)} THEN true"
        f" WHEN lower({text}) IN {lits(FALSE)} THEN false END"
    )


def present(text: str) -> str:
    """Return whether a cell says that something is there: it is filled, and does not say no.

    Examples
    --------
    >>> con = duckdb.connect()
    >>> rows = "VALUES ('+45 11 22 33 44'), ('yes'), ('No'), ('0'), (NULL)"
    >>> [row[0] for row in con.execute(f"SELECT {present('c')} FROM ({rows}) v(c)").fetchall()]
    [True, True, False, False, False]
    """
    return f"({text} IS NOT NULL AND lower({text}) NOT IN {lits(FALSE)})"


def won(won: tuple[str, ...], lost: tuple[str, ...], text: str) -> str:
    """Return whether a text is among the won ones, null if it is neither; all else may be lost."""
    no = f"{text} IN {lits(lost)}" if lost else f"{text} IS NOT NULL"
    return f"CASE WHEN {text} IN {lits(won)} THEN true WHEN {no} THEN false END"


def domain(text: str) -> str:
    """Return the domain of an e-mail address."""
    return f"nullif(lower(regexp_extract({text}, '@([^@ >]+)', 1)), '')"


def matched(text: str, match: str) -> str:
    """Return a cell as keys are compared: as it is, as an e-mail address, or by its domain.

    The domain is that of an e-mail address or of a website.
    """
    if match == "email":
        return f"lower({text})"
    if match == "domain":
        host = f"regexp_replace(lower({text}), '^[a-z]+://|^.*@|^www\\.', '', 'g')"
        return f"nullif(regexp_extract(regexp_replace({host}, '^www\\.', ''), '^[^/:?#]+'), '')"
    return text


def redacted(text: str) -> str:
    """Return a text with e-mail addresses blotted out."""
    blotted = f"regexp_replace({text}, {lit(EMAIL_PATTERN)}, '(e-mail address)', 'g')"
    return f"CASE WHEN contains({text}, '@') THEN {blotted} ELSE {text} END"


def month(text: str) -> str:
    """Return a text as "YYYY-MM", null if it is neither a month nor a day."""
    day = local_time(text, ())
    return (
        f"CASE WHEN regexp_matches({text}, '^\\d{{4}}-(0[1-9]|1[0-2])$') THEN {text}"
        f" ELSE strftime({day}, '%Y-%m') END"
    )


def whole_number(number: str, kind: str) -> str:
    """Return a number as an integer type, null if it has decimals."""
    return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS {kind}) END"
