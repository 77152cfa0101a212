"""The week's work: for each rep the open leads worth most, with what speaks for and against."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from smarketing.agreement.model import Agreement, Line
from smarketing.errors import CannotAnswer, Problem, SmarketingError
from smarketing.fingerprint import sha256
from smarketing.folder import Folder
from smarketing.funnel.flow.holding import holding
from smarketing.measures.facts import known_at
from smarketing.measures.path import PATH
from smarketing.measures.reading import ATTEMPTS, read_facts
from smarketing.periods import week_bounds, week_of
from smarketing.results import Result
from smarketing.row_files import write_rows
from smarketing.scoring.scores import score_leads
from smarketing.warehouse.warehouse import Warehouse

UNASSIGNED = "unassigned"
WEEKS_A_MONTH = 52 / 12
REASONS = 3
WITH_SALES = PATH[PATH.index("sales_ready") :]

COLUMNS = [
    "lead_id",
    "stage",
    "grade",
    "score",
    "probability",
    "expected_value",
    "reasons_for",
    "reasons_against",
    "age_days",
    "attempts",
    "last_outcome",
]
_KEY = ["lead_id", "spell"]


@dataclass(frozen=True)
class WorkLists(Result):
    """The leads to work in one week, rep by rep.

    Parameters
    ----------
    week : str
        "YYYY-Www", local ISO week.
    as_of : pandas.Timestamp
        Naive UTC: the week's first instant; nothing later was looked at.
    currency : str
    per_rep : int
        Leads a rep can work properly in a week: the month's, by the week, rounded up.
    lists : dict of str to pandas.DataFrame
        Rep (``owner_id``, or "unassigned") -> ``lead_id``, ``stage`` (the furthest entered),
        ``grade``, ``score``, ``probability`` of becoming a customer within the SQL line's window,
        ``expected_value`` (that times revenue per customer and margin; both missing where
        history cannot tell), ``reasons_for``, ``reasons_against`` (the strongest three),
        ``age_days`` since the hand-over, or since it came if nobody handed it over, ``attempts``
        of sales in this spell, ``last_outcome`` of them, and ``record_url`` where leads have it.
        What is worth most first.
    left_out : dict of str to int
        Rep -> leads beyond the capacity.
    notes : tuple of str
    """

    week: str
    as_of: pd.Timestamp
    currency: str
    per_rep: int
    lists: dict[str, pd.DataFrame]
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return all lists in one table, with their ``rep``."""
        parts = [rows.assign(rep=rep) for rep, rows in self.lists.items()]
        if not parts:
            return pd.DataFrame(columns=["rep", *COLUMNS])
        table = pd.concat(parts, ignore_index=True)
        return table[["rep", *table.columns.drop("rep")]]

    def summary(self) -> pd.DataFrame:
        """Return ``rep``, ``leads`` on the list, ``expected_value`` of them, ``left_out``."""
        return pd.DataFrame(
            [
                (rep, len(rows), rows.expected_value.sum(min_count=1), self.left_out[rep])
                for rep, rows in self.lists.items()
            ],
            columns=["rep", "leads", "expected_value", "left_out"],
        )

    def write(self, folder: Path) -> list[Path]:
        """Write one CSV per rep, named by the week and the rep; return the files.

        Raises
        ------
        SmarketingError
            If the folder cannot be made or written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SmarketingError(
                Problem(f"the folder cannot be made: {error.strerror}", str(folder))
            ) from error
        return [
            write_rows(_to_the_cent(rows), folder / f"{self.week}-{file_stem(rep)}.csv")
            for rep, rows in self.lists.items()
        ]


def work_lists(warehouse: Warehouse, agreement: Agreement, week: str = "") -> WorkLists:
    """List the leads each rep is to work in a week, as known when it began.

    To work are the open leads that were handed over, and those over the SQL line that nobody
    handed over yet. A rep gets those worth most, up to what the agreement says one of them can
    work properly; what nobody has is listed up to what all reps together can. Leads are put to
    the owner of the lead, else to who was last assigned, else to the owner of the lead's latest
    deal; of owners an export says what is so today.

    Parameters
    ----------
    warehouse : Warehouse
    agreement : Agreement
    week : str
        "YYYY-Www"; the last week of the data if empty.

    Raises
    ------
    UsageError
        If it is no week.
    CannotAnswer
        If the tables have no dates, or no lead had come before the week, or it begins after
        the data's end.

    Examples
    --------
    >>> work_lists(warehouse, agreement, "2026-W44").summary()  # doctest: +SKIP
    """
    facts = read_facts(warehouse, agreement)
    zone = agreement.timezone
    week = week or week_of(facts.data_until, zone)
    at = week_bounds(week, zone)[0]
    if at > facts.data_until or not (facts.spells.started_at < at).any():
        raise CannotAnswer(f"no data reaches up to the start of week {week}")
    scores = score_leads(warehouse, for_open_leads(agreement), as_of=at)
    held = holding(known_at(facts, at)).leads[[*_KEY, "stage"]]
    rows = scores.frame().merge(held, on=_KEY)
    line = agreement.lines.sql
    over = (rows.score >= line.score) & (rows.fit >= line.fit_at_least)
    rows = rows[rows.stage.isin(WITH_SALES) | over].merge(
        facts.spells[[*_KEY, "started_at", "sales_ready_at"]], on=_KEY
    )
    since = rows.sales_ready_at.where(rows.sales_ready_at < at, rows.started_at)
    rows["age_days"] = ((at - since) / pd.Timedelta(days=1)).round(1)
    rows["rep"] = rows.lead_id.map(_reps(warehouse, at)).fillna(UNASSIGNED)
    money = agreement.economics
    worth = money.revenue_per_customer * money.margin_share
    rows["expected_value"] = rows.probability.astype(float) * worth
    for side in ("reasons_for", "reasons_against"):
        rows[side] = rows[side].map(lambda text: "; ".join(text.split("; ")[:REASONS]))
    rows = _tried(warehouse, rows, at)
    columns = list(COLUMNS)
    if "record_url" in (leads := warehouse.table("leads")).columns:
        rows = rows.merge(leads.select("lead_id", "record_url").execute(), on="lead_id")
        columns.append("record_url")
    rows = rows.sort_values(
        ["probability", "score", "lead_id"], ascending=[False, False, True], ignore_index=True
    )
    desk = agreement.capacity.closing
    per_rep = math.ceil(desk.leads_per_person_per_month / WEEKS_A_MONTH)
    lists = {str(rep): own for rep, own in rows.groupby("rep")}
    room = dict.fromkeys(lists, per_rep) | {UNASSIGNED: per_rep * math.ceil(desk.people)}
    return WorkLists(
        week=week,
        as_of=at,
        currency=agreement.currency,
        per_rep=per_rep,
        lists={r: own[columns].head(room[r]).reset_index(drop=True) for r, own in lists.items()},
        left_out={rep: max(len(own) - room[rep], 0) for rep, own in lists.items()},
        notes=scores.notes,
    )


def for_open_leads(agreement: Agreement) -> Agreement:
    """Return the agreement as open leads are judged by it: until their end, for customers.

    A lead with sales is compared to leads that sales had as long, not to fresh ones; and its
    value is that of a customer, whatever the SQL line aims at.
    """
    snapshots = agreement.snapshots.model_copy(update={"until": "end"})
    changed: dict[str, Any] = {"snapshots": snapshots}
    line: Line = agreement.lines.sql
    if line.target != "customer":
        line = line.model_copy(update={"target": "customer"})
        changed["lines"] = agreement.lines.model_copy(update={"sql": line})
        # the agreed turning of points into probability is that of the agreed target
        bare = {
            name: card.model_copy(update={"calibration": None})
            for name, card in agreement.scorecards.items()
        }
        if agreement.only_card is None:
            changed["named_cards"] = bare
        else:
            changed["only_card"] = bare["agreed"]
    return agreement.model_copy(update=changed)


def list_week(place: Folder, week: str = "") -> WorkLists:
    """Return the work lists of a workspace.

    Examples
    --------
    >>> list_week(Folder.open("data/demo"), "2026-W44").lists  # doctest: +SKIP
    """
    with place.warehouse() as warehouse:
        return work_lists(warehouse, place.agreement, week)


def file_stem(rep: str) -> str:
    """Return a rep's id as the stem of a file name, of its own and harmless on any system.

    Examples
    --------
    >>> file_stem("rep-1")
    'rep-1'
    >>> file_stem("../../etc").startswith("etc-")
    True
    """
    plain_id = re.sub(r"[^a-z0-9_-]+", "-", rep.lower()).strip("-")[:60]
    if plain_id and plain_id == rep:
        return plain_id
    own = sha256(rep)[:8]
    return f"{plain_id}-{own}".lstrip("-")


def _reps(warehouse: Warehouse, at: pd.Timestamp) -> pd.Series:
    """Return the rep of each lead by its id: its owner, who was assigned, its deal's owner."""
    leads = warehouse.table("leads").select("lead_id", "owner_id").execute()
    reps = leads.set_index("lead_id").owner_id.astype(object)
    if warehouse.has("events"):
        events = warehouse.table("events")
        named = events.filter((events.kind == "assigned") & events.subject.notnull())
        assigned = named.filter(named.occurred_at < at).select("lead_id", "occurred_at", "subject")
        assigned = assigned.order_by("occurred_at", "subject").execute()
        reps = reps.fillna(assigned.groupby("lead_id").subject.last())
    if warehouse.has("deals") and warehouse.has("deal_leads"):
        deals = warehouse.table("deals")
        opened = deals.filter((deals.opened_at < at) & deals.owner_id.notnull())
        opened = opened.select("deal_id", "opened_at", "owner_id")
        links = warehouse.table("deal_leads").select("deal_id", "lead_id")
        by_deal = links.join(opened, "deal_id").order_by("opened_at", "deal_id").execute()
        reps = reps.fillna(by_deal.groupby("lead_id").owner_id.last())
    return reps.replace("", None)


def _tried(warehouse: Warehouse, rows: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Add how often sales tried to reach the lead in this spell, and what came of it last."""
    rows = rows.assign(attempts=0, last_outcome="")
    if not warehouse.has("events"):
        return rows
    events = warehouse.table("events")
    by_people = (events.actor == "sales") & ~events.automatic & events.kind.isin(ATTEMPTS)
    made = events.filter(by_people & (events.occurred_at < at))
    made = made.select("lead_id", "occurred_at", "kind", "outcome")
    made = made.order_by("occurred_at", "kind").execute()
    made = made.merge(rows[["lead_id", "started_at"]], on="lead_id")
    made = made[made.occurred_at >= made.started_at]
    outcome = made.kind + made.outcome.map(
        lambda text: f": {text}" if text else "", na_action="ignore"
    )
    made["last"] = outcome.fillna(made.kind)
    tried = made.groupby("lead_id")["last"].agg(["size", "last"]).reindex(rows.lead_id)
    rows["attempts"] = tried["size"].fillna(0).astype(int).to_numpy()
    rows["last_outcome"] = tried["last"].fillna("").to_numpy()
    return rows


def _to_the_cent(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.round({"probability": 4, "expected_value": 2, "age_days": 1})
