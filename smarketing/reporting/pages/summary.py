"""What the first screen of the monthly page says, and the same as text for an e-mail or a chat."""

from __future__ import annotations

from dataclasses import dataclass

from smarketing.language.catalogue import tr
from smarketing.language.numbers import SPACE
from smarketing.language.sentences import sentence
from smarketing.reporting.pages.promise_rows import PromiseRow
from smarketing.reporting.pages.year_to_date import YearToDate


@dataclass(frozen=True)
class Summary:
    """A month in brief.

    Parameters
    ----------
    title, message : str
    rests_on : tuple of str
        The agreement's version, and until when there is data.
    promises : dict of str to list of PromiseRow
        Under its head, what each side promised.
    year : YearToDate or None
    points : dict of str to str
        What changed, what is recommended, how sure it is: only those with something to say.
    """

    title: str
    message: str
    rests_on: tuple[str, ...]
    promises: dict[str, list[PromiseRow]]
    year: YearToDate | None
    points: dict[str, str]

    @property
    def tables(self) -> dict[str, list[PromiseRow]]:
        """Both sides' promises and the year so far, as tables."""
        if self.year is None or not self.year.rows:
            return self.promises
        return {**self.promises, self.year.head: self.year.rows}

    @property
    def text(self) -> str:
        """At most some twenty lines, none of them empty but between the parts."""
        blocks = [self.title, self.message]
        for head, rows in self.promises.items():
            if rows:
                blocks.append("\n".join([head, *map(_line, rows)]))
        year = {tr("This year"): self.year.sentence} if self.year and self.year.sentence else {}
        blocks += [f"{name}: {text}" for name, text in (year | self.points).items()]
        blocks.append(sentence(", ".join(self.rests_on)))
        return "\n\n".join(blocks).replace(SPACE, " ")


def _line(row: PromiseRow) -> str:
    end = f" – {row.verdict_name}" if row.verdict else ""
    return f"  {row.promised}: {row.delivered}{end}"
