"""What is kept of a column of leads that nobody declared: no wording that could name a person.

Numbers, answers and dates are kept as they are. Of a text is kept only what tells its values
apart, "value 1" being the most frequent, and of a value that holds a word for an outcome, a
contact or a judgement these words. The audit can judge such a column; a name, an address or a note
cannot be stored by being overlooked, whatever its label says and however often it stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import duckdb

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.cells import Cells
from smarketing.warehouse.telling_words import OWN_TEXT, TELLING, only_telling

_OFTEN_DIFFERENT = 0.5
"""Share of different texts from which codes would tell single leads apart."""
_ENOUGH, _NEARLY_ALL = 20, 0.9
"""Cells from which on a column can be said to differ everywhere, and the share that then does."""
_LONG_AGO = 15
"""Years before the first lead from which a date is no act of a lead, but a birthday."""
_DIGITS = 8
"""Digits of a telephone or an identity number, which is not round as an amount is."""
_AT_ONCE = 40
"""Columns looked at by one query."""


@dataclass(frozen=True)
class Kept:
    """How the cells of an undeclared column are kept.

    Parameters
    ----------
    type : str
        number, boolean or time, kept as they are; text, kept as a code.
    value : str
        SQL with ``{0}`` for the cell's text.
    """

    type: str
    value: str = "{0}"

    @property
    def coded(self) -> bool:
        """Whether the wording of its cells is not kept."""
        return self.type == "text"


class Wordings:
    """The texts of undeclared columns and their codes, the same in all exports of an ingest.

    Parameters
    ----------
    con : duckdb connection
        In memory: the texts leave it as codes only.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.types = 0
        con.execute("CREATE TABLE wordings(column_name VARCHAR, wording VARCHAR, n UINTEGER)")

    def kept(self, cells: Cells, names: Sequence[tuple[int, str]]) -> dict[int, Kept]:
        """Return how the columns at these places, with our names of them, are kept."""
        first = self._first_year(cells)
        kept: dict[int, Kept] = {}
        for begin in range(0, len(names), _AT_ONCE):
            some = names[begin : begin + _AT_ONCE]
            texts = ", ".join(
                f"{cells.text_at(place)} AS t{n}" for n, (place, _) in enumerate(some)
            )
            asked = ", ".join(part for n in range(len(some)) for part in _look(n, cells))
            rows = f"(SELECT {texts} FROM {cells.raw.table} r)"
            answers = iter(sql.row_of(self.con, f"SELECT {asked} FROM {rows}"))
            for place, name in some:
                look = _Look(*islice(answers, len(_Look._fields)))
                kind = look.kind(first)
                kept[place] = Kept(kind or "text")
                if kind is None:
                    kept[place] = Kept("text", self._code(cells, place, name, look))
        return kept

    def differing(self, cells: Cells, labels: Sequence[str]) -> list[str]:
        """Return the labels of columns whose texts differ for nearly every lead."""
        differing = []
        for label in labels:
            filled, different, *_ = sql.row_of(
                self.con,
                f"SELECT count(t), count(DISTINCT t) FROM"
                f" (SELECT {cells.text(label)} AS t FROM {cells.raw.table} r)",
            )
            if filled >= _ENOUGH and different >= _NEARLY_ALL * filled:
                differing.append(label)
        return differing

    def of_changes(self, name: str, texts: str) -> str:
        """Return how a changed cell of a column of codes is kept; `texts` is SQL of all of them."""
        self._learn(name, texts)
        return self._template(name)

    def _code(self, cells: Cells, place: int, name: str, look: _Look) -> str:
        if look.different > _OFTEN_DIFFERENT * look.filled:
            return f"CASE WHEN {{0}} IS NOT NULL THEN {sql.lit(OWN_TEXT)} END"
        self._learn(name, f"SELECT {cells.text_at(place)} AS t FROM {cells.raw.table} r")
        return self._template(name)

    def _learn(self, name: str, texts: str) -> None:
        """Give each new text of a column the next number, the most frequent one first."""
        column = sql.lit(name)
        known = f"FROM wordings WHERE column_name = {column}"
        self.con.execute(
            f"INSERT INTO wordings SELECT {column}, t,"
            " before + row_number() OVER (ORDER BY n DESC, t) FROM"
            f" (SELECT t, count(*) AS n FROM ({texts})"
            f" WHERE t IS NOT NULL AND t NOT IN (SELECT wording {known}) GROUP BY t),"
            f" (SELECT count(*) AS before {known})"
        )

    def _template(self, name: str) -> str:
        """Return the SQL of a cell's code; ``{0}`` stands for its text."""
        self.types += 1
        rows = f"FROM wordings WHERE column_name = {sql.lit(name)}"
        self.con.execute(
            f"CREATE TYPE wordings_{self.types} AS ENUM (SELECT wording {rows} ORDER BY n)"
        )
        telling = " OR ".join(
            f"regexp_matches(wording, {sql.lit(words.pattern)}, 'i')" for words in TELLING
        )
        named = self.con.execute(f"SELECT n, wording {rows} AND ({telling}) ORDER BY n").fetchall()
        code = f"enum_code(TRY_CAST({{0}} AS wordings_{self.types})) + 1"
        plain = f"'value ' || ({code})"
        if not named:
            return plain
        cases = " ".join(
            f"WHEN {n} THEN {sql.lit(f'value {n}: {only_telling(text)}')}" for n, text in named
        )
        return f"CASE {code} {cases.replace('{', '{{').replace('}', '}}')} ELSE {plain} END"

    def _first_year(self, cells: Cells) -> int:
        """Return the year of the first lead, as far as the export tells."""
        label = cells.source.columns.get("created_at")
        if label is None:
            return 2000
        local = sql.local_time("t", cells.source.date_format)
        (year,) = sql.row_of(
            self.con,
            f"SELECT min(year(coalesce({local}, TRY_CAST(left(t, 10) AS TIMESTAMP))))"
            f" FROM (SELECT {cells.text(label)} AS t FROM {cells.raw.table} r)",
        )
        return 2000 if year is None else int(year)


class _Look(NamedTuple):
    """What the cells of a column are: how many are filled, different, numbers, and so on."""

    filled: int
    different: int
    numbers: int
    long_numbers: int
    answers: int
    moments: int
    usual_year: float | None

    def kind(self, first_year: int) -> str | None:
        """Return the type of a column that is kept as it is, None for a text."""
        if self.answers == self.filled:
            return "boolean"
        if self.numbers == self.filled:
            return None if self.long_numbers > self.filled / 2 else "number"
        if self.moments == self.filled and self.usual_year is not None:
            return "time" if self.usual_year > first_year - _LONG_AGO else None
        return None


def _look(n: int, cells: Cells) -> list[str]:
    """Return the SQL of what is asked of a column, in the order of :class:`_Look`."""
    text, formats = f"t{n}", cells.source.date_format
    number = sql.number(text, cells.source.decimal)
    digits = f"length(regexp_replace(split_part({text}, '.', 1), '[^0-9]', '', 'g'))"
    moment = f"coalesce({sql.local_time(text, formats)}, TRY_CAST(left({text}, 10) AS TIMESTAMP))"
    return [
        f"count({text})",
        f"count(DISTINCT {text})",
        f"count({number})",
        f"count_if({number} IS NOT NULL AND {digits} >= {_DIGITS} AND {text} NOT LIKE '%000')",
        f"count({sql.boolean(text)})",
        f"count({moment})",
        f"median(year({moment}))",
    ]
