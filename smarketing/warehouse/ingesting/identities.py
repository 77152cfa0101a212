"""Who is one person, who asked to be forgotten, and who was silent for too long to be kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from smarketing.errors import Problem, SmarketingError
from smarketing.warehouse import sql
from smarketing.warehouse.forgotten import Forgotten
from smarketing.warehouse.ingesting.retention import retention_months
from smarketing.warehouse.ingesting.staging import Staging

_SIGNS = (
    ("events", "occurred_at", "NOT t.automatic"),  # what a program did is no sign of life
    ("stages", "entered_at", "true"),
)
_MAX_CHAIN = 50
_SHOWN = 6
"""Ids of a circle that a message names."""


class People:
    """Marks leads that are not kept as leads of their own, and fills ``merged(gone, kept)``.

    Parameters
    ----------
    staging : Staging
    tables : list of str
        The staged tables.
    folder : Path
        The workspace.
    data_until : pandas.Timestamp or None
        The moment the data ends.
    """

    def __init__(
        self,
        staging: Staging,
        tables: list[str],
        folder: Path,
        data_until: pd.Timestamp | None,
    ) -> None:
        self.con, self.tables, self.sources = staging.con, tables, staging.sources
        self.folder, self.data_until = folder, data_until

    def judge(self) -> None:
        """Merge, forget, and let go, in this order: whoever is forgotten is so as a whole."""
        self._merge_as_the_crm()
        self._merge_same_person()
        self._forget()
        self._let_go()

    def _merge_as_the_crm(self) -> None:
        self.con.execute(
            "CREATE TABLE merged AS SELECT gone, min(kept) AS kept FROM aliases GROUP BY gone"
        )
        self._refuse_circles()
        self._follow()
        # a contact that was merged into one we do not have stays as it is
        self.con.execute(
            "DELETE FROM merged WHERE kept NOT IN (SELECT lead_id FROM s_leads"
            " WHERE _state IS NULL) OR gone = kept"
        )
        self.con.execute(
            "UPDATE s_leads AS s SET _state = 'merged', _note = 'in_crm', _first = k._id"
            " FROM merged m JOIN s_leads k ON k.lead_id = m.kept AND k._state IS NULL"
            " WHERE s.lead_id = m.gone AND s._state IS NULL"
        )

    def _refuse_circles(self) -> None:
        """Refuse contacts merged into each other: nobody could tell who is left.

        Raises
        ------
        SmarketingError
            With the ids of every circle.
        """
        into = dict(self.con.execute("SELECT gone, kept FROM merged WHERE gone <> kept").fetchall())
        circles: list[list[str]] = []
        seen: set[str] = set()
        for start in sorted(into):
            path: dict[str, None] = {}
            at = start
            while at in into and at not in seen and at not in path:
                path[at] = None
                at = into[at]
            if at in path:
                ids = list(path)
                circles.append(ids[ids.index(at) :])
            seen |= path.keys()
        if circles:
            raise SmarketingError(
                Problem(
                    "contacts are merged into each other in a circle, so that none is left",
                    self._merges_from(),
                    found=" → ".join([*ids[:_SHOWN], *["…"] * (len(ids) > _SHOWN), ids[0]]),
                    todo="Correct it in the CRM, or take the rows out of the export.",
                )
                for ids in circles
            )

    def _merges_from(self) -> str:
        """Return the files that tell who was merged into whom."""
        files = [
            lookup.file or f"table {lookup.table}"
            for source in self.sources.tables["leads"]
            for lookup in source.merged
        ]
        files += [
            s.file or f"table {s.table}" for s in self.sources.tables["leads"] if s.merged_ids
        ]
        return ", ".join(dict.fromkeys(files))

    def _merge_same_person(self) -> None:
        """Merge leads of one person into the first; the others' rows go with them."""
        self.con.execute(
            "CREATE TEMP TABLE doubles AS SELECT * FROM (SELECT lead_id AS gone, _id,"
            " first_value(lead_id) OVER w AS kept, first_value(_id) OVER w AS first FROM s_leads"
            " WHERE _state IS NULL AND _person IS NOT NULL"
            " WINDOW w AS (PARTITION BY _person ORDER BY created_at NULLS LAST, _id))"
            " WHERE gone <> kept"
        )
        self.con.execute(
            "UPDATE s_leads AS s SET _state = 'merged', _note = 'merged', _first = d.first"
            " FROM doubles d WHERE s._id = d._id"
        )
        self.con.execute("INSERT INTO merged SELECT gone, kept FROM doubles")
        self._follow()

    def _follow(self) -> None:
        """Let whoever was merged into someone merged go to the last of the chain."""
        for _ in range(_MAX_CHAIN):
            (changed,) = sql.row_of(
                self.con,
                "UPDATE merged AS m SET kept = n.kept FROM merged n"
                " WHERE m.kept = n.gone AND m.kept <> n.kept AND m.gone <> n.kept",
            )
            if not changed:
                return

    def _forget(self) -> None:
        forgotten = Forgotten.read(self.folder)
        if not forgotten.hashes:
            return
        ids = self.con.execute(
            "SELECT lead_id FROM s_leads WHERE lead_id IS NOT NULL"
            " UNION SELECT gone FROM merged UNION SELECT kept FROM merged"
        ).fetchall()
        named = [(lead,) for (lead,) in ids if forgotten.holds(lead)]
        self.con.execute("CREATE TEMP TABLE gone_people(lead_id VARCHAR)")
        if named:
            self.con.executemany("INSERT INTO gone_people VALUES (?)", named)
        self.con.execute(
            "CREATE TEMP TABLE gone_whole AS FROM gone_people UNION SELECT kept FROM merged"
            " WHERE gone IN (FROM gone_people)"
        )
        self.con.execute(
            "CREATE TEMP TABLE gone_all AS FROM gone_whole UNION SELECT gone FROM merged"
            " WHERE kept IN (FROM gone_whole)"
        )
        self._drop("lead_id IN (FROM gone_all)", "forgotten")

    def _let_go(self) -> None:
        months = retention_months(self.folder)
        if months is None or self.data_until is None:
            return
        signs = [
            f"SELECT coalesce(m.kept, t.lead_id) AS lead_id, {column} AS moment FROM s_{name} t"
            f" LEFT JOIN merged m ON m.gone = t.lead_id WHERE t._state IS NULL AND {own}"
            for name, column, own in _SIGNS
            if name in self.tables
        ]
        signs.append("SELECT lead_id, created_at FROM s_leads WHERE _state IS NULL")
        if {"deals", "deal_leads"} <= set(self.tables):
            signs.append(
                "SELECT coalesce(m.kept, b.lead_id), coalesce(d.closed_at, d.opened_at)"
                " FROM s_deals d JOIN s_deal_leads b USING (deal_id)"
                " LEFT JOIN merged m ON m.gone = b.lead_id"
            )
        cut = (self.data_until - pd.DateOffset(months=months)).isoformat()
        self._drop(
            f"lead_id IN (SELECT lead_id FROM ({' UNION ALL '.join(signs)}) GROUP BY lead_id"
            f" HAVING max(moment) < TIMESTAMP {sql.lit(cut)})",
            "expired",
        )

    def _drop(self, test: str, note: str) -> None:
        self.con.execute(
            f"UPDATE s_leads SET _state = 'excluded', _note = {sql.lit(note)}, _first = NULL"
            f" WHERE (_state IS NULL OR _state = 'merged') AND {test}"
        )
