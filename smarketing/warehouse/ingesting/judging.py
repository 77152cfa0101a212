"""Judging: which staged rows become canonical ones, and why the others do not."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from smarketing.warehouse import sql
from smarketing.warehouse.ingesting.data_end import last_moment, latest_of, moments_of
from smarketing.warehouse.ingesting.identities import People
from smarketing.warehouse.ingesting.staging import Staging
from smarketing.warehouse.tables import TABLES

_AT_ONCE = 30_000_000

WARNED = ("future",)
"""Reasons that are told, and do not count among those for which an ingest ends."""

REASONS = {
    "copy": "an exact copy of an earlier row",
    "key": "the same key as an earlier row, with different content",
    "late": "dated long after everything else: a typing error?",
    "unknown": "lead_id is of no lead in leads",
    "no_deal": "deal_id is of no deal in deals",
    "gone_deal": "its deal was left out",
    "gone": "its lead was left out",
    "after": "after data_until",
    "planned": "dated after the data's end: a plan",
    "future": "dated after the day of ingest: a plan, or a typing error",
    "merged": "the same person as an earlier lead",
    "in_crm": "merged into another contact in the CRM",
    "newer": "a newer export has this row anew",
    "forgotten": "a person who asked to be forgotten",
    "other": "the history of a record merged into another, whose values were not the lead's",
    "moment": "changed once more at the same moment",
    "same": "the value was the same before",
    "expired": "silent for longer than the agreement lets data be kept",
}


class Judge:
    """Marks staged rows: ``_state`` null = kept, else rejected, excluded, copy or merged.

    Parameters
    ----------
    staging : Staging
        With all tables staged.
    tables : list of str
        Their names.
    folder : Path
        The workspace, whose list of people to forget and agreed retention count.
    today : date
        The day of ingest, where the company is.
    """

    def __init__(self, staging: Staging, tables: list[str], folder: Path, today: date) -> None:
        self.con, self.sources, self.tables = staging.con, staging.sources, tables
        self.staging, self.folder = staging, folder
        self.ignoring = staging.ignoring
        self.today = utc_moment(today, self.sources.home, end_of_day=True)
        self.data_until: pd.Timestamp | None = None
        self.data_until_from = "no dates"

    def judge(self) -> None:
        """Run all checks that look at more than one row, in the order they depend on."""
        for name in self.tables:
            self._repeats(name, ["_copy", *self._columns(name)], "copy", "copy", "_copy")
        self._end_of_data()
        for name in self.tables:
            if TABLES[name].key:
                newest = name in self.staging.updating
                state, note = ("excluded", "newer") if newest else ("rejected", "key")
                key = list(TABLES[name].key)
                self._repeats(name, key, state, note, f"hash({', '.join(key)})", newest)
        People(self.staging, self.tables, self.folder, self.data_until).judge()
        for name in self.tables:
            if "lead_id" in self._columns(name) and name != "leads":
                self._children(name)
        if "deal_leads" in self.tables:
            self._deal_leads()
        if "stages" in self.tables:
            self._spells()
        if "changes" in self.tables:
            self._changes()

    def _columns(self, name: str) -> list[str]:
        return [column.name for column in TABLES[name].columns]

    def _repeats(
        self, name: str, by: list[str], state: str, note: str, hashed: str, newest: bool = False
    ) -> None:
        """Mark the rows that repeat another's values: all but the first, or but the newest."""
        keys = ", ".join(sql.ident(column) for column in by)
        # hashes that come twice are few, so that only those rows are compared in full
        if not self._find_twice(name, hashed):
            return
        pick = "max" if newest else "min"
        self.con.execute(
            f"UPDATE s_{name} AS s SET _state = {sql.lit(state)}, _note = {sql.lit(note)},"
            f" _first = f.first FROM (SELECT _id, {pick}(_id) OVER (PARTITION BY {keys}) AS first"
            f" FROM s_{name} WHERE _state IS NULL AND {hashed} IN (FROM twice)) f"
            " WHERE s._id = f._id AND f.first <> f._id"
        )

    def _find_twice(self, name: str, hashed: str) -> bool:
        """Fill ``twice`` with the hashes that come more than once; return whether there are any.

        Sorting numbers takes a tenth of the time that grouping them takes, and eight bytes each.
        """
        rows = sql.count(self.con, f"s_{name}")
        parts = 1 + rows // _AT_ONCE
        repeated = []
        for part in range(parts):
            share = f" AND {hashed} % {parts} = {part}" if parts > 1 else ""
            hashes = self.con.execute(
                f"SELECT {hashed} AS h FROM s_{name} WHERE _state IS NULL{share}"
            ).fetchnumpy()["h"]
            hashes = np.asarray(hashes)
            hashes.sort()
            repeated.append(np.unique(hashes[1:][hashes[1:] == hashes[:-1]]))
        twice = pd.DataFrame({"h": np.concatenate(repeated).astype("uint64")})
        self.con.register("found", twice)
        self.con.execute("CREATE OR REPLACE TEMP TABLE twice AS FROM found")
        self.con.unregister("found")
        return not twice.empty

    def _end_of_data(self) -> None:
        self.today = last_moment(self.con, self.tables, self.today)
        if "deals" in self.tables:
            # of an open deal, the day on which it is to close is a plan
            self._reopen("won IS NULL AND closed_at IS NOT NULL")
        if self.sources.data_until is not None:
            declared = utc_moment(self.sources.data_until, self.sources.home, end_of_day=True)
            self.data_until = min(declared, self.today)
            self.data_until_from = "declared in sources.yml"
            if declared > self.today:
                self.data_until_from = "the day of ingest, before that declared in sources.yml"
            self._cut()
            return
        end = latest_of(self.con, self.tables, self.today)
        self.data_until, self.data_until_from = end.moment, end.because
        if end.moment is not None:
            self._leave_out_plans()

    def _leave_out_plans(self) -> None:
        """Leave out what is later than the end: plans, and typing errors."""
        for name, column in moments_of(self.tables):
            if column == "closed_at":
                self._reopen(
                    f"closed_at > TIMESTAMP '{self.today}' AND closed_at > {self._until()}"
                )
            if name == "events":
                planned = f"kind = 'meeting' OR occurred_at > TIMESTAMP '{self.today}'"
                self._mark(
                    name, f"{column} > {self._until()} AND ({planned})", "excluded", "planned"
                )
            future = f"{column} > {self._until()} AND {column} > TIMESTAMP '{self.today}'"
            self._mark(name, future, "rejected", "future")
            self._mark(name, f"{column} > {self._until()}", "rejected", "late")

    def _cut(self) -> None:
        """Leave out what is later than declared; a deal closed later was still open."""
        for name, column in moments_of(self.tables):
            if name == "changes":
                continue  # what a later change replaced is how the value was until then
            if column == "closed_at":
                self._reopen(f"closed_at > {self._until()}")
            else:
                self._mark(name, f"{column} > {self._until()}", "excluded", "after")

    def _reopen(self, test: str) -> None:
        """Let deals be open that are to close, or were closed, only later."""
        self.con.execute(
            "UPDATE s_deals SET expected_close_at = coalesce(expected_close_at, closed_at),"
            f" closed_at = NULL, won = NULL, loss_reason = NULL WHERE {test}"
        )

    def _until(self) -> str:
        return f"TIMESTAMP '{self.data_until}'"

    def _mark(self, name: str, test: str, state: str, note: str) -> None:
        self.con.execute(
            f"UPDATE s_{name} SET _state = {sql.lit(state)}, _note = {sql.lit(note)}"
            f" WHERE _state IS NULL AND ({test})"
        )

    def _children(self, name: str) -> None:
        if name == "changes":
            self._mark(name, "lead_id IN (SELECT gone FROM merged)", "merged", "other")
        elif sql.count(self.con, "merged"):
            self.con.execute(
                f"UPDATE s_{name} AS s SET lead_id = m.kept FROM merged m WHERE s.lead_id = m.gone"
            )
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE orphans AS SELECT s._id, s._source, EXISTS (FROM s_leads"
            f" g WHERE g.lead_id = s.lead_id) AS known FROM s_{name} s ANTI JOIN (SELECT lead_id"
            " FROM s_leads WHERE _state IS NULL) l ON l.lead_id = s.lead_id WHERE s._state IS NULL"
        )
        if not sql.count(self.con, "orphans"):
            return
        some = sorted(self.ignoring.get(name, ()))
        ignored = f"_source IN ({', '.join(map(str, some))})" if some else "false"
        self._mark(name, "_id IN (SELECT _id FROM orphans WHERE known)", "excluded", "gone")
        self._mark(name, f"_id IN (SELECT _id FROM orphans WHERE {ignored})", "excluded", "unknown")
        self._mark(name, "_id IN (SELECT _id FROM orphans)", "rejected", "unknown")

    def _deal_leads(self) -> None:
        # two contacts of a deal may have become one person
        key = ["deal_id", "lead_id"]
        self._repeats("deal_leads", key, "merged", "merged", f"hash({', '.join(key)})")
        if "deals" in self.tables:
            left = "SELECT deal_id FROM s_deals WHERE deal_id IS NOT NULL"
            gone = f"deal_id NOT IN ({left} AND _state IS NULL)"
            self._mark("deal_leads", f"{gone} AND deal_id IN ({left})", "excluded", "gone_deal")
            self._mark("deal_leads", gone, "rejected", "no_deal")

    def _spells(self) -> None:
        """Count spells: one more after every moment a lead was recycled."""
        self.con.execute(
            "UPDATE s_stages AS s SET spell = n.spell FROM (SELECT _id,"
            " 1 + count(*) FILTER (stage = 'recycled') OVER (PARTITION BY lead_id"
            " ORDER BY entered_at RANGE BETWEEN UNBOUNDED PRECEDING AND"
            " INTERVAL 1 MICROSECOND PRECEDING) AS spell FROM s_stages WHERE _state IS NULL) n"
            " WHERE s._id = n._id AND s.spell IS NULL"
        )

    def _changes(self) -> None:
        """Let each row be one change: from the value before, whatever the CRM says of it."""
        moment = "PARTITION BY lead_id, field, changed_at ORDER BY _id"
        self.con.execute(
            "UPDATE s_changes AS s SET old = n.old, _state = n.state, _note = n.note FROM (SELECT"
            f" _id, first_value(old) OVER ({moment}) AS old, CASE WHEN lead(_id) OVER ({moment})"
            " IS NOT NULL THEN 'excluded' END AS state, CASE WHEN state = 'excluded' THEN 'moment'"
            " END AS note FROM s_changes WHERE _state IS NULL) n WHERE s._id = n._id"
        )
        # HubSpot tells the new value alone
        self.con.execute(
            "UPDATE s_changes AS s SET old = n.before FROM (SELECT _id, lag(new) OVER"
            " (PARTITION BY lead_id, field ORDER BY changed_at) AS before FROM s_changes"
            " WHERE _state IS NULL) n WHERE s._id = n._id AND s.old IS NULL"
        )
        self._mark("changes", "old IS NOT DISTINCT FROM new", "excluded", "same")


def utc_moment(value: date | datetime, zone: str, end_of_day: bool = False) -> pd.Timestamp:
    """Return a declared local date or time as naive UTC; a date may mean its last microsecond.

    Examples
    --------
    >>> utc_moment(date(2026, 10, 31), "Europe/Copenhagen")
    Timestamp('2026-10-30 23:00:00')
    """
    moment = pd.Timestamp(value)
    midnight = not isinstance(value, datetime) or value.time() == datetime.min.time()
    if end_of_day and midnight:
        moment += pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
    if moment.tz is None:
        moment = moment.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return moment.tz_convert("UTC").tz_localize(None)
