"""A second count of every measure, in plain Python over canonical rows.

It shares no code with the package: rows are dicts, times naive UTC, and each rule of the
definitions is written out once more, slowly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

USUAL = ["lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer"]
OFF = ["rejected", "recycled", "disqualified"]
BY_SALES = ["accepted", "sql", "opportunity", "customer"]
MEASURE_OF_STAGE = {
    "mql": "mqls", "sales_ready": "hand_overs", "accepted": "accepted", "sql": "sqls",
    "opportunity": "opportunities", "rejected": "rejected", "recycled": "recycled",
    "disqualified": "disqualified",
}  # fmt: skip
NONE_OF = {"source": "(no source)", "campaign_id": "(no campaign)", "persona": "(no persona)"}


@cache
def local_time(at: datetime, zone: str) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@dataclass
class Company:
    """Canonical rows, and what of the agreement decides how they are counted."""

    leads: list[Row]
    stages: list[Row]
    deals: list[Row]
    deal_leads: list[Row]
    visits: list[Row]
    until: datetime
    timezone: str = "UTC"
    currency: str = "DKK"
    counted_by: str = "deal"
    within_days: float | None = None
    order: list[str] = field(default_factory=list)
    """Stages as the agreement lists them."""
    windows: tuple[float, float] = (45.0, 90.0)
    """Days to a stage up to SQL, and to a later one."""
    persona: Callable[[Row], str | None] = lambda _: None

    def local(self, at: datetime) -> datetime:
        return local_time(at, self.timezone)

    def month(self, at: datetime | None) -> str | None:
        return None if at is None else f"{self.local(at):%Y-%m}"

    def is_day(self, at: datetime) -> bool:
        local = self.local(at)
        return (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)

    def on_day(self, day: datetime, at: datetime) -> bool:
        """Tell whether a moment lies on a day that has no time."""
        return self.is_day(day) and self.local(day).date() == self.local(at).date()

    @property
    def path(self) -> list[str]:
        named = [stage for stage in self.order if stage in USUAL[1:-1]]
        queue = list(named)
        return [queue.pop(0) if stage in named else stage for stage in USUAL]

    @cached_property
    def runs(self) -> list[Row]:
        return spells_of(self)

    @cached_property
    def stages_of(self) -> dict[str, list[Row]]:
        rows = defaultdict(list)
        for row in self.stages:
            rows[row["lead_id"]].append(row)
        return rows

    @cached_property
    def deals_of(self) -> dict[str, list[Row]]:
        """Each lead's deals, in the order of the table."""
        ids = defaultdict(set)
        for row in self.deal_leads:
            ids[row["deal_id"]].add(row["lead_id"])
        rows = defaultdict(list)
        for deal in self.deals:
            for lead_id in ids[deal["deal_id"]]:
                rows[lead_id].append(deal)
        return rows


@dataclass
class Item:
    """One thing counted: when, of which lead and run, how much."""

    at: datetime | None
    lead: Row | None
    spell: Row | None
    value: float = 1
    handed: datetime | None = None


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    known = [time for time in times if time is not None]
    return min(known) if known else None


def last(time: datetime | None) -> tuple[bool, datetime]:
    """Return what sorts a time, those that nobody knows behind all others."""
    return time is None, time or datetime(1970, 1, 1)  # noqa: DTZ001 - naive is UTC here


def spells_of(company: Company) -> list[Row]:
    """Return each lead's runs, with the moment of every stage and whether they are over."""
    runs = []
    for lead in company.leads:
        rows = company.stages_of.get(lead["lead_id"], [])
        numbers = sorted({row["spell"] for row in rows}) or [1]
        own = []
        for number in numbers:
            here = [row for row in rows if row["spell"] == number]
            run: Row = {"lead": lead, "spell": number, "deals": []}
            for stage in [*USUAL[1:], *OFF]:
                run[stage] = earliest(r["entered_at"] for r in here if r["stage"] == stage)
            said = earliest(r["entered_at"] for r in here if r["stage"] == "lead")
            begun = said or (lead["created_at"] if number == 1 else None)
            run["lead_at"] = earliest([begun, *(r["entered_at"] for r in here)])
            own.append(run)
        linked = company.deals_of.get(lead["lead_id"], [])
        for deal in linked:
            decision = deal["closed_at"] or deal["opened_at"]
            run_of(company, own, decision)["deals"].append(deal)
            opened_in = run_of(company, own, deal["opened_at"])
            opened_in.setdefault("opened", []).append(deal["opened_at"])
        settle(own, linked)
        runs += own
    for run in runs:
        put_days_in_order(company, run)
    return runs


def run_of(company: Company, runs: list[Row], at: datetime) -> Row:
    """Return the last run begun by a moment, else the first."""
    begun = [
        run
        for run in runs
        if run["lead_at"] is None or run["lead_at"] <= at or company.on_day(at, run["lead_at"])
    ]
    return begun[-1] if begun else runs[0]


def settle(own: list[Row], linked: list[Row]) -> None:
    """Say of each run of a lead whether and when it was won, lost, or ended otherwise."""
    contradicted = bool(linked) and not any(deal["won"] for deal in linked)
    for place, run in enumerate(own):
        wins = [deal for deal in run["deals"] if deal["won"]]
        losses = [deal for deal in run["deals"] if deal["won"] is False]
        run["has_deals"] = bool(linked)
        if run["opportunity"] is None:
            run["opportunity"] = earliest(run.get("opened", []))
        if contradicted:
            run["customer"] = None
        elif run["customer"] is None:
            run["customer"] = earliest(deal["closed_at"] for deal in wins)
        run["won"] = bool(wins) or run["customer"] is not None
        run["lost"] = bool(losses) and len(losses) == len(run["deals"]) and not run["won"]
        closed = [deal["closed_at"] for deal in losses if deal["closed_at"]]
        lost_at = max(closed) if run["lost"] and closed else None
        decided = None
        if (run["won"] and run["customer"] is None) or (run["lost"] and lost_at is None):
            decided = earliest(d["opened_at"] for d in run["deals"] if d["won"] is not None)
        following = own[place + 1]["lead_at"] if place + 1 < len(own) else None
        ends = [run["customer"], *(run[stage] for stage in OFF), lost_at, decided, following]
        run["ended"] = earliest(ends)


def put_days_in_order(company: Company, run: Row) -> None:
    latest = run["lead_at"]
    for stage in company.path[1:]:
        at = run[stage]
        if at is None:
            continue
        if latest is not None and at < latest and company.on_day(at, latest):
            run[stage] = latest
        latest = at if latest is None else max(latest, at)


def wins_of(company: Company, runs: list[Row]) -> list[Row]:
    """Return the won deals, each with the runs behind it and who bought."""
    wins = []
    runs_of = defaultdict(list)
    for run in runs:
        for deal in run["deals"]:
            runs_of[deal["deal_id"]].append(run)
    for deal in company.deals:
        if not deal["won"]:
            continue
        behind = runs_of[deal["deal_id"]]
        behind.sort(key=lambda run: (*last(run["lead_at"]), run["lead"]["lead_id"], run["spell"]))
        first = behind[0] if behind else None
        account = deal["account_id"]
        if account is None and first is not None:
            account = first["lead"]["account_id"]
        party = ("account", account)
        if account is None:
            party = ("lead", first["lead"]["lead_id"]) if first else ("deal", deal["deal_id"])
        same = deal["currency"] is None or deal["currency"] == company.currency
        wins.append(
            {
                "name": f"deal {deal['deal_id']}",
                "at": deal["closed_at"],
                "near": deal["closed_at"] or deal["opened_at"],
                "party": party,
                "run": first,
                "handed": earliest(run["sales_ready"] for run in behind),
                "amount": deal["amount"] if same else None,
            }
        )
    return wins


def customers_of(company: Company, runs: list[Row], wins: list[Row]) -> list[Item]:
    bought = list(wins)
    for run in runs:
        if run["won"] and not run["has_deals"]:
            lead = run["lead"]
            account = lead["account_id"]
            bought.append(
                {
                    "name": f"lead {lead['lead_id']} {run['spell']}",
                    "at": run["customer"],
                    "near": run["customer"],
                    "party": ("lead", lead["lead_id"]) if account is None else ("account", account),
                    "run": run,
                    "handed": run["sales_ready"],
                }
            )
    together: dict[Any, list[Row]] = defaultdict(list)
    if company.counted_by == "purchase":
        since: dict[Any, datetime] = {}
        for one in sorted(bought, key=lambda one: (one["near"], one["name"])):
            party = one["party"]
            if party not in since or one["near"] - since[party] > timedelta(
                days=company.within_days or 0
            ):
                since[party] = one["near"]
            together[party, since[party]].append(one)
    else:
        for one in bought:
            together[one["party"] if company.counted_by == "account" else one["name"]].append(one)
    items = []
    for group in together.values():
        group.sort(key=lambda one: (*last(one["at"]), one["name"]))
        run = next((one["run"] for one in group if one["run"] is not None), None)
        items.append(
            Item(
                group[0]["at"],
                run and run["lead"],
                run,
                handed=earliest(one["handed"] for one in group),
            )
        )
    return items


def items_of(company: Company) -> dict[str, list[Item]]:
    """Return what each measure counts, one item each."""
    runs = company.runs
    wins = wins_of(company, runs)

    def of(run: Row, at: datetime | None) -> Item:
        return Item(at, run["lead"], run, handed=run["sales_ready"])

    def deal(win: Row, value: float) -> Item:
        return Item(win["at"], win["run"] and win["run"]["lead"], win["run"], value, win["handed"])

    counted: dict[str, list[Item]] = {
        "leads": [of(run, run["lead_at"]) for run in runs],
        "new_leads": [of(run, run["lead_at"]) for run in runs if run["spell"] == 1],
        "sales_ready": [
            of(run, run["sales_ready"])
            for run in runs
            if run["sales_ready"]
            and (run["spell"] == 1 or (run["mql"] and run["mql"] <= run["sales_ready"]))
        ],
        "won_leads": [of(run, run["customer"]) for run in runs if run["won"]],
        "lost_leads": [of(run, run["ended"]) for run in runs if run["ended"] and not run["won"]],
        "open": [of(run, run["lead_at"]) for run in runs if run["ended"] is None],
        "customers": customers_of(company, runs, wins),
        "won_deals": [deal(win, 1) for win in wins],
        "revenue_deals": [deal(win, 1) for win in wins if win["amount"] is not None],
        "revenue": [
            deal(win, round(win["amount"] * 100)) for win in wins if win["amount"] is not None
        ],
    }
    for stage, name in MEASURE_OF_STAGE.items():
        counted[name] = [of(run, run[stage]) for run in runs if run[stage]]
    return counted


def date_of(item: Item, basis: str) -> datetime | None:
    if basis == "calendar":
        return item.at
    if basis == "cohort":
        return item.spell["lead_at"] if item.spell else None
    return item.handed


def group_of(company: Company, item: Item, by: str) -> str:
    if item.lead is None:
        return "(no lead)"
    value = company.persona(item.lead) if by == "persona" else item.lead[by]
    return NONE_OF[by] if value is None else value


def totals(company: Company, items: list[Item], basis: str) -> dict[str | None, float]:
    """Return month -> sum, under None what has no date on this basis."""
    sums: dict[str | None, float] = defaultdict(float)
    for item in items:
        sums[company.month(date_of(item, basis))] += item.value
    return dict(sums)


def by_group(
    company: Company, items: list[Item], basis: str, by: str
) -> dict[tuple[str | None, str], float]:
    """Return (month, group) -> sum."""
    sums: dict[tuple[str | None, str], float] = defaultdict(float)
    for item in items:
        sums[company.month(date_of(item, basis)), group_of(company, item, by)] += item.value
    return dict(sums)


def conversion_of(
    company: Company, start: str, target: str, month: str | None = None
) -> tuple[int, int, int]:
    """Return how many of those at a stage, whose window is over, reached another; and how young."""
    days = timedelta(days=company.windows[USUAL.index(target) > USUAL.index("sql")])
    k = n = young = 0
    for run in company.runs:
        begun = run["lead_at"] if start == "lead" else run[start]
        if begun is None or (month is not None and company.month(run["lead_at"]) != month):
            continue
        if begun + days > company.until:
            young += 1
            continue
        n += 1
        stages = BY_SALES[BY_SALES.index(target) :] if target in BY_SALES else [target]
        got = earliest(run[stage] for stage in stages)
        undated = target in BY_SALES and run["won"] and run["customer"] is None
        k += bool(undated or (got is not None and got <= begun + days))
    return k, n, young
