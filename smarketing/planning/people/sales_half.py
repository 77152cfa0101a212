"""Sales' half of the next agreement: the people its promises take, and what speed was worth."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from smarketing.agreement.model import Agreement
from smarketing.errors import CannotAnswer
from smarketing.funnel.sla.handover import handovers
from smarketing.language.catalogue import tr
from smarketing.measures.reading import read_facts as read_funnel
from smarketing.planning.people.speed import ContactSpeed, worth_of_speed
from smarketing.planning.people.staffing import Staffing, people_needed
from smarketing.planning.volumes.volume_history import RATE_MONTHS
from smarketing.results import Result
from smarketing.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class SalesHalf(Result):
    """What sales' promises take, and what speed was worth.

    Attributes
    ----------
    staffing : Staffing or None
    speed : ContactSpeed or None
    cannot : dict of str to str
        ``staffing``, ``contact_speed`` -> why it cannot be told.
    """

    staffing: Staffing | None = None
    speed: ContactSpeed | None = None
    cannot: dict[str, str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Return one row per number of people; empty where it cannot be told."""
        return pd.DataFrame() if self.staffing is None else self.staffing.frame()

    @property
    def words(self) -> list[str]:
        """People, speed and its warning, a sentence each; or why not."""
        out = []
        if self.staffing is not None:
            out.append(self.staffing.sentence)
        if self.speed is not None:
            out += [self.speed.sentence, self.speed.warning]
        return [*out, *self.cannot.values()]


def sales_half(
    warehouse: Warehouse, agreement: Agreement, at: pd.Timestamp | None = None
) -> SalesHalf:
    """Return the people that sales' promises take, and what faster contact was worth.

    Both are counted on the hand-overs of the last twelve months; of speed only those count whose
    window is over.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    at : pandas.Timestamp, optional
        Naive UTC; nothing later is looked at. The data's end by default.

    Examples
    --------
    >>> sales_half(warehouse, workspace.agreement).words[0]  # doctest: +SKIP
    '95 % contacted within 48 business hours and 5 attempts in 14 days for 90 % take 4 people; …'
    """
    try:
        at = at or warehouse.data_until
        if at is None or not warehouse.has_time:
            raise CannotAnswer(
                tr("the table has no dates, so nobody knows when leads were handed over")
            )
        facts = read_funnel(warehouse, agreement)
        last = pd.Period(
            at.tz_localize("UTC").tz_convert(agreement.timezone).tz_localize(None), "M"
        )
        rows = handovers(facts, str(last - RATE_MONTHS + 1), str(last))
        rows = rows[rows["handed_at"] <= at]
    except CannotAnswer as error:
        return SalesHalf(cannot=_no_staffing(error) | _no_speed(error))
    cannot: dict[str, str] = {}
    staffing = speed = None
    try:
        staffing = people_needed(rows["handed_at"], agreement)
    except CannotAnswer as error:
        cannot |= _no_staffing(error)
    try:
        speed = _speed(rows, facts.spells, agreement, at)
    except CannotAnswer as error:
        cannot |= _no_speed(error)
    return SalesHalf(staffing, speed, cannot)


def _speed(
    rows: pd.DataFrame, spells: pd.DataFrame, agreement: Agreement, at: pd.Timestamp
) -> ContactSpeed:
    if rows["first_attempt_at"].isna().all():
        raise CannotAnswer(tr("no attempt of sales is recorded"))
    window = pd.Timedelta(days=agreement.lines.sql.window_days)
    old = rows[rows["handed_at"] + window <= at]
    times = spells.set_index(["lead_id", "spell"])["customer_at"]
    won_at = times.reindex(pd.MultiIndex.from_frame(old[["lead_id", "spell"]])).to_numpy()
    won = pd.Series(won_at, old.index) <= old["handed_at"] + window
    sales = agreement.sla.sales
    contact = None if sales is None else sales.first_contact
    # Late by one promise is the difference the teams argue about.
    if contact is None:
        return worth_of_speed(old["contact_hours"], won)
    return worth_of_speed(old["contact_hours"], won, float(contact.within_hours), contact.clock)


def _no_staffing(error: CannotAnswer) -> dict[str, str]:
    why = str(error).rstrip(".")
    return {"staffing": tr("The people that sales' promises take cannot be told: {why}.", why=why)}


def _no_speed(error: CannotAnswer) -> dict[str, str]:
    why = str(error).rstrip(".")
    return {"contact_speed": tr("What faster contact is worth cannot be told: {why}.", why=why)}
