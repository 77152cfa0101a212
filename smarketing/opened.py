"""An open workspace: warehouse, agreement, population and cache, each made when first asked for."""

from __future__ import annotations

import weakref
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from smarketing.clock import moment
from smarketing.errors import Problem, SmarketingError
from smarketing.folder import Folder

if TYPE_CHECKING:
    import pandas as pd

    from smarketing.agreement.model import Agreement
    from smarketing.scoring.cache import Cache
    from smarketing.scoring.population import Population
    from smarketing.warehouse.warehouse import Warehouse

_Stamp = tuple[int, int, int] | None


class Opened:
    """What every question about a workspace needs, held for all of them.

    The warehouse is opened read-only when first asked for and closed by :meth:`close`, at the end
    of a ``with`` block, or when the workspace is no longer used. Files that change underneath are
    noticed: a question is then refused instead of answered from two states.

    Parameters
    ----------
    folder : Folder or str or pathlib.Path
    agreement : Agreement, optional
        Instead of the one in agreement.yml.

    Raises
    ------
    UsageError
        If the folder is no workspace.
    """

    def __init__(self, folder: Folder | str | Path, *, agreement: Agreement | None = None) -> None:
        self.folder = folder if isinstance(folder, Folder) else Folder.open(folder)
        self._other_agreement = agreement
        self._populations: dict[str, Population] = {}
        self._warehouse: Warehouse | None = None
        self._closing: weakref.finalize[..., Opened] | None = None
        self._opened_as: dict[Path, _Stamp] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<smarketing workspace {self.name}, {self.path}>"

    @property
    def path(self) -> Path:
        """The workspace's folder, absolute."""
        return self.folder.path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def reports(self) -> Path:
        """The folder its reports go to."""
        return self.folder.reports

    @cached_property
    def agreement(self) -> Agreement:
        """The agreement in force now, or the variation of it that is being looked at."""
        if self._other_agreement is not None:
            return self._other_agreement
        self._note(self.path / "agreement.yml")
        return self.folder.agreement

    def agreement_in(self, month: str) -> Agreement:
        """Return the version in force on a month's first day; a variation holds for all months.

        Parameters
        ----------
        month : str
            "YYYY-MM"; the agreement in force now for an empty text.

        Returns
        -------
        Agreement
            As it stood then.

        Raises
        ------
        UsageError
            If it is no month.

        Examples
        --------
        >>> import smarketing
        >>> smarketing.open("data/demo").agreement_in("2026-10").currency
        'DKK'
        """
        if self._other_agreement is not None or not month:
            return self.agreement
        return self.folder.agreement_for(month)

    @property
    def warehouse(self) -> Warehouse:
        """The canonical tables, read-only.

        Raises
        ------
        SmarketingError
            If there is no warehouse yet, or it was built anew since it was opened.
        """
        self._refuse_if_stale()
        if self._warehouse is None:
            self._note(self.folder.warehouse_path)
            self._warehouse = warehouse = self.folder.warehouse()
            self._closing = weakref.finalize(self, warehouse.close)
        return self._warehouse

    @cached_property
    def cache(self) -> Cache:
        """Where what takes long to compute is kept; the folder may be deleted at any time."""
        from smarketing.scoring.cache import Cache

        return Cache(self.folder.cache / "backtest")

    @property
    def today(self) -> date:
        """Today in the agreement's time zone."""
        return datetime.now(ZoneInfo(self.agreement.timezone)).date()

    @property
    def stale(self) -> str:
        """Which file changed since it was read; empty while none did."""
        changed = (path.name for path, stamp in self._opened_as.items() if _stamp(path) != stamp)
        return next(changed, "")

    def moment(self, as_of: str) -> pd.Timestamp | None:
        """Return the UTC moment that a local day or time means; None for an empty text.

        Parameters
        ----------
        as_of : str
            "YYYY-MM-DD", the end of that day; or with a time.

        Returns
        -------
        pandas.Timestamp or None
            Naive UTC.

        Raises
        ------
        UsageError
            If it is no day.

        Examples
        --------
        >>> import smarketing
        >>> smarketing.open("data/demo").moment("2026-09-30")
        Timestamp('2026-09-30 22:00:00')
        """
        return moment(as_of, self.agreement.timezone)

    def close(self) -> None:
        """Close the warehouse; what was read from files is asked anew at the next question.

        Examples
        --------
        >>> import smarketing
        >>> ws = smarketing.open("data/demo")
        >>> ws.close()
        """
        if self._closing is not None:
            self._closing()
        self._warehouse, self._closing = None, None
        self._populations.clear()
        self._opened_as.clear()
        self.folder = Folder(self.path)
        self.__dict__.pop("agreement", None)

    def varied(
        self,
        line: str = "sql",
        *,
        target: str = "",
        window_days: int = 0,
        confidence: float = 0.0,
        capacity: int = 0,
    ) -> Self:
        """Return the workspace under a changed agreement; nothing is written.

        Parameters
        ----------
        line : {"sql", "mql"}
            The threshold whose target, window and desk are meant.
        target : str
            The stage it is to reach.
        window_days : int
            Days in which it counts.
        confidence : float
            How sure a promise is to be, in (0, 1).
        capacity : int
            Leads a month that the threshold's desk can work.

        Returns
        -------
        Workspace
            The same one where nothing is varied.

        Raises
        ------
        UsageError, SmarketingError
            If the result would be no valid agreement.

        Examples
        --------
        >>> import smarketing
        >>> with smarketing.open("data/demo") as ws:
        ...     ws.varied(window_days=60).agreement.lines.sql.window_days
        60.0
        """
        if not (target or window_days or confidence or capacity):
            return self
        from smarketing.variations import varied

        other = varied(
            self.agreement,
            line,
            target=target,
            window_days=window_days,
            confidence=confidence,
            capacity=capacity,
        )
        return type(self)(self.folder, agreement=other)

    def population(self, where: str = "", as_of: str = "") -> Population:
        """Return every lead at each moment it is looked at, with its score and features.

        Parameters
        ----------
        where : str
            Only leads that meet a condition written as in the scorecard, such as
            ``{field: source, is: event}``.
        as_of : str
            Only what was known at the end of this local day, or at this time.

        Returns
        -------
        Population
            One row per snapshot.

        Raises
        ------
        UsageError
            If it is no condition, or no day.
        CannotAnswer
            If no lead meets the condition, or none was known then.

        Examples
        --------
        >>> import smarketing
        >>> with smarketing.open("data/demo") as ws:
        ...     ws.population(where="{field: source, is: event}").rows.source.unique().tolist()
        ['event']
        """
        from smarketing.variations import as_known, part_of

        people = self._population(self.agreement)
        return part_of(as_known(people, self.moment(as_of)), where)

    def _population(self, agreement: Agreement) -> Population:
        from smarketing.scoring.population import build_population

        warehouse = self.warehouse
        key = agreement.model_dump_json()
        if key not in self._populations:
            self._populations[key] = build_population(warehouse, agreement, self.cache)
        return self._populations[key]

    def _note(self, path: Path) -> None:
        self._opened_as[path] = _stamp(path)

    def _refuse_if_stale(self) -> None:
        if changed := self.stale:
            raise SmarketingError(
                Problem(
                    "the file changed since this workspace was opened, so answers would mix two "
                    "states of it",
                    changed,
                    todo="Call close() on the workspace, or open it again.",
                )
            )


def _stamp(path: Path) -> _Stamp:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size
