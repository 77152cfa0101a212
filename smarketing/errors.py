"""What went wrong, said to a person: what was found, where, what is allowed, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in a file, a table or a command.

    Parameters
    ----------
    what : str
        The mistake, in one plain sentence without a full stop.
    file : str, optional
        The file it stands in, as the reader knows it (relative to the workspace).
    line, column : int or str, optional
        Where in the file: line counts from 1; column is a name (tables) or a number (YAML).
    found : str, optional
        What stands there, shortened.
    allowed : str, optional
        What may stand there.
    todo : str, optional
        What to do next.

    Examples
    --------
    >>> print(Problem("points must be a whole number", "agreement.yml", 12, found="'ten'"))
    agreement.yml, line 12: points must be a whole number; found 'ten'.
    """

    what: str
    file: str | None = None
    line: int | None = None
    column: int | str | None = None
    found: str | None = None
    allowed: str | None = None
    todo: str | None = None

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (
                self.file,
                f"line {self.line}" if self.line is not None else None,
                f"column {self.column}" if self.column is not None else None,
            )
            if part
        )
        text = f"{where}: {self.what}" if where else self.what
        if self.found is not None:
            text += f"; found {self.found}"
        if self.allowed is not None:
            text += f"; allowed: {self.allowed}"
        text += "."
        if self.todo is not None:
            text += f" {self.todo}"
        return text

    def to_dict(self) -> dict[str, int | str]:
        """Return the filled fields only, as plain types."""
        return {key: value for key, value in vars(self).items() if value is not None}


class SmarketingError(Exception):
    """The work failed for a reason a person can mend; exit status 1.

    Parameters
    ----------
    problems : str, Problem or iterable of Problem
        Every mistake found, all at once; or the one mistake as a sentence.
    file, line, column, found, allowed, todo : optional
        Of that one mistake, as in :class:`Problem`.

    Examples
    --------
    >>> print(SmarketingError("there is no such file", "raw/leads.csv", todo="Export it again."))
    raw/leads.csv: there is no such file. Export it again.
    """

    exit_status = 1

    def __init__(
        self,
        problems: str | Problem | Iterable[Problem],
        file: str | None = None,
        line: int | None = None,
        column: int | str | None = None,
        found: str | None = None,
        allowed: str | None = None,
        todo: str | None = None,
    ) -> None:
        if isinstance(problems, str):
            problems = Problem(problems, file, line, column, found, allowed, todo)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(SmarketingError):
    """The command or call was wrong; exit status 2."""

    exit_status = 2


class CannotAnswer(SmarketingError):  # noqa: N818 - it names the situation, not a fault
    """The tables at hand cannot answer the question; the sentence says what is missing."""
