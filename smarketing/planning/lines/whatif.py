"""What if: any lines, capacities, confidence, value and cost, answered at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from smarketing.errors import Problem, UsageError
from smarketing.language.catalogue import tr
from smarketing.language.numbers import chance
from smarketing.planning import wording as words
from smarketing.planning.lines.line_grid import LinePair, LineTable, Tables
from smarketing.planning.lines.margin import Terms, judge
from smarketing.planning.lines.policies import cell, describe
from smarketing.planning.lines.thresholds import Thresholds
from smarketing.planning.volumes.chances import check_confidence
from smarketing.results import Result, plain

CHANGEABLE = (
    "qualification", "closing", "confidence", "customer_value", "cost_qualified", "cost_worked",
    "demand",
)  # fmt: skip
"""Terms that may be asked about, as :class:`~smarketing.planning.lines.margin.Terms` names them."""


@dataclass(frozen=True)
class Answer(Result):
    """What a pair of lines would give a month on the terms asked about.

    Attributes
    ----------
    values : dict of str to object
        As a row of :attr:`Thresholds.policies`: volumes with 80 % prediction intervals,
        precision, recall, margin, overflow risk, idle capacity; None where it cannot be told.
    fits : bool
        Whether both desks can take the leads as often as the confidence asks.
    words : str
        The answer in a sentence.
    """

    values: dict[str, Any]
    fits: bool
    words: str

    def __getitem__(self, name: str) -> Any:
        """Return one value by its name."""
        return self.values[name]

    def frame(self) -> pd.DataFrame:
        """Return the values as one row."""
        return pd.DataFrame([self.values])


@dataclass(frozen=True)
class LineWhatIf:
    """Monthly sums of all pairs of lines, precomputed: an answer reads one cell of them.

    Attributes
    ----------
    table : LineTable
    tables : Tables
    terms : Terms
        As agreed; each question may change some.
    currency : str
    """

    table: LineTable
    tables: Tables
    terms: Terms
    currency: str = ""

    @classmethod
    def of(cls, thresholds: Thresholds, currency: str = "") -> LineWhatIf:
        """Precompute from a recommendation, on the same leads and months.

        Examples
        --------
        >>> asked = LineWhatIf.of(thresholds, "DKK")  # doctest: +SKIP
        >>> asked.ask(mql=40, sql=70, closing=60)["margin"]  # doctest: +SKIP
        """
        return cls(thresholds.table, thresholds.table.tables(), thresholds.terms, currency)

    @property
    def lines(self) -> list[int | float]:
        """Lines worth asking about: the score's own values, the last above every score."""
        return [self.table.line(place) for place in range(len(self.table.grid))]

    def ask(self, mql: float | None = None, sql: float | None = None, **changed: Any) -> Answer:
        """Return what a pair of lines would give on terms of choice.

        Parameters
        ----------
        mql, sql : float
            The lines. With one line only `sql` is asked; an MQL line above the SQL line counts
            as standing on it.
        **changed
            ``qualification``, ``closing`` (leads a month, at least 0), ``confidence`` (in
            (0, 1)), ``customer_value``, ``cost_qualified``, ``cost_worked`` (at least 0),
            ``demand`` (leads expected ÷ those of the months judged).

        Returns
        -------
        Answer

        Raises
        ------
        UsageError
            If a term is unknown or out of its range.
        """
        terms, pair = self._terms(changed), self._pair(mql, sql)
        sums = cell(self.tables, pair)
        money = judge(sums, terms)
        values = plain(describe("asked", pair, self.table, sums, money, terms))
        fits = bool(money.fits(terms)[0, 0])
        return Answer(values, fits, self._words(values, fits, terms))

    def curve(
        self, line: str = "sql", mql: float | None = None, sql: float | None = None, **changed: Any
    ) -> pd.DataFrame:
        """Return what moving one line over the whole score gives, the other one fixed.

        Parameters
        ----------
        line : str
            The line that moves: "mql" or "sql".
        mql, sql : float
            The lines; of the moving one nothing is taken.
        **changed
            As for :meth:`ask`.

        Returns
        -------
        pandas.DataFrame
            ``line``, ``mqls``, ``sales_ready`` (means a month), ``margin`` (missing where
            no money is counted), ``overflow_qualification``, ``overflow_closing`` in [0, 1].
        """
        if line not in ("mql", "sql"):
            raise UsageError(Problem("no such line", found=repr(line), allowed="mql, sql"))
        terms, last = self._terms(changed), len(self.table.grid) - 1
        m, s = self._pair(mql if line == "sql" else None, sql if line == "mql" else None)
        places = np.arange(m, last + 1) if line == "sql" else np.arange(s + 1)
        if terms.one_line:
            places = np.arange(last + 1)
        rows, columns = (m, places) if line == "sql" else (places, s)

        def along(array: np.ndarray) -> np.ndarray:
            if array.shape[1] == 1:
                part = array[:, 0, columns]
                return part[:, None] if part.ndim == 1 else part
            return array[:, rows, columns]

        sums = Tables(*(along(getattr(self.tables, f))[:, None, :] for f in vars(self.tables)))
        money, record = judge(sums, terms), terms.record
        sums = record.kept_to(sums)
        ready = (sums.direct + sums.passed).mean(axis=0)[0] + record.sales_ready
        out = pd.DataFrame({"line": self.table.grid[places]})
        out["mqls"] = terms.demand * (sums.qualified.mean(axis=0)[0] + record.mqls)
        out["sales_ready"] = terms.demand * ready
        out["margin"] = money.margin[0] if terms.customer_value is not None else np.nan
        out["overflow_qualification"] = 1 - money.fits_qualification[0]
        out["overflow_closing"] = 1 - money.fits_closing[0]
        return out

    def changes(
        self, mql: float | None, sql: float | None, confidence: float | None = None
    ) -> dict[str, Any]:
        """Return the choice as changes for :func:`smarketing.planning.propose`.

        Raises
        ------
        UsageError
            If a line is no whole number: the agreement knows no other.
        """
        wanted = {"sql": sql} if self.terms.one_line else {"mql": mql, "sql": sql}
        out: dict[str, Any] = {}
        for name, value in wanted.items():
            if value is None or not float(value).is_integer():
                raise UsageError(
                    Problem(f"the {name.upper()} line is a whole number", found=repr(value))
                )
            out[f"lines.{name}.score"] = int(value)
        if confidence is not None:
            out["sla.confidence"] = check_confidence(confidence)
        return out

    def _pair(self, mql: float | None, sql: float | None) -> LinePair:
        for name, value in (("mql", mql), ("sql", sql)):
            if value is not None and math.isnan(value):
                raise UsageError(Problem(f"the {name} line is a number", found="nan"))
        last = len(self.table.grid) - 1
        s = last if sql is None else self.table.position(sql)
        m = 0 if mql is None else self.table.position(mql)
        return (s, s) if self.terms.one_line else (min(m, s), s)

    def _terms(self, changed: dict[str, Any]) -> Terms:
        for name, value in changed.items():
            if name not in CHANGEABLE:
                allowed = ", ".join(CHANGEABLE)
                raise UsageError(Problem("no such term", found=repr(name), allowed=allowed))
            if name == "confidence":
                check_confidence(value)
            elif value is not None and not value >= 0:
                raise UsageError(Problem(f"{name} is too small", found=str(value), allowed=">= 0"))
        return replace(self.terms, **{k: v for k, v in changed.items() if v is not None})

    def _words(self, values: dict[str, Any], fits: bool, terms: Terms) -> str:
        volume = {"leads": words.promised("sales_ready", values["sales_ready"], "")}
        if values["mqls"] is None:
            text = tr("{leads} a month", **volume)
        else:
            volume["mqls"] = words.promised("mqls", values["mqls"], "")
            text = tr("{mqls} and {leads} a month", **volume)
        if values["margin"] is not None:
            margin = words.money(values["margin"], self.currency)
            text = tr("{volume}, a margin of {margin}", volume=text, margin=margin)
        risks = {
            desk: values[f"overflow_{desk}"]
            for desk in ("qualification", "closing")
            if values[f"overflow_{desk}"] is not None
        }
        if not risks:
            return text.rstrip(".") + "."  # an amount may end with a full stop of its own
        over = {"answer": text, "desks": words.overflows(risks)}
        if fits:
            return tr("{answer}; more than can be worked: {desks}, as agreed.", **over)
        return tr(
            "{answer}; more than can be worked: {desks}, more than the {most} agreed.",
            most=chance(1 - terms.confidence),
            **over,
        )
