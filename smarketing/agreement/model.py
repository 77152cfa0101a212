"""The typed model of agreement.yml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from smarketing.agreement.parts import Days, NotNegative, Part, Text, Whole
from smarketing.agreement.scorecard import Condition, Scorecard
from smarketing.agreement.sla import Capacities, Economics, Goal, Sla, Targets
from smarketing.agreement.working_days import free_days
from smarketing.language.speaker import LANGUAGES
from smarketing.yamlfile import plain_types

Stage_ = Literal[
    "lead", "mql", "sales_ready", "accepted", "sql", "opportunity", "customer",
    "rejected", "recycled", "disqualified",
]  # fmt: skip
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _translated(language: str) -> str:
    if language not in LANGUAGES:
        expected = ", ".join(LANGUAGES)
        raise PydanticCustomError("literal_error", "no such catalogue", {"expected": expected})
    return language


def _day_as_text(day: Any) -> Any:
    """Write a whole date, which YAML reads as one, as its text."""
    return day.isoformat() if type(day) is date else day


class Calendar(Part):
    """When the sales team works; promises on the business clock count only these hours."""

    country: Text
    """ISO code of the country whose public holidays are no working days; DE-BY for a part."""
    region: Text | None = None
    """The part of the country, BY of DE say, if its code does not name one."""
    closed: tuple[Annotated[Text, BeforeValidator(_day_as_text)], ...] = ()
    """Days on which the company is closed: 12-24 every year, or 2026-05-15."""
    hours: Text = "09:00-17:00"
    """Working hours in the agreement's time zone, "HH:MM-HH:MM"."""
    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...], Field(min_length=1)
    ] = ("mon", "tue", "wed", "thu", "fri")
    """Working days."""

    @property
    def place(self) -> tuple[str, str | None]:
        """The country and the part of it whose holidays count."""
        country, _, part = self.country.partition("-")
        return country, part or self.region

    def free_days(self, years: Iterable[int]) -> tuple[date, ...]:
        """Return the public holidays and closing days of some years, in order."""
        return free_days(*self.place, self.closed, tuple(sorted(set(years))))

    @property
    def opens(self) -> timedelta:
        """The start of the working day, from midnight."""
        return self._ends()[0]

    @property
    def closes(self) -> timedelta:
        """The end of the working day, from midnight."""
        return self._ends()[1]

    def _ends(self) -> tuple[timedelta, ...]:
        ends = (end.split(":") for end in self.hours.split("-"))
        return tuple(timedelta(hours=int(hour), minutes=int(minute)) for hour, minute in ends)


class Review(Part):
    """How often the two teams meet, and how often the agreement is looked at."""

    meeting: Text | None = None
    """How often the teams meet, in words."""
    agreement_every_months: Annotated[Whole, Field(ge=1)] | None = None
    """How often the agreement is reviewed, in months."""


class Stage(Part):
    """Who owns a lead in a stage, and what is expected of whom, within how many days."""

    enters_when: Text | None = None
    """What puts a lead into the stage, in words."""
    owner: Text
    """The team or the desk that owns the lead there."""
    expected: Text | None = None
    """What the owner is expected to do, in words."""
    max_days: Days | None = None
    """Days within which it is expected."""


class Handover(Part):
    """How a sales-ready lead reaches a rep, and what comes with it."""

    channel: Text | None = None
    """Where the hand-over is made, in words."""
    required_fields: tuple[Text, ...] = ()
    """Attributes a lead handed over must have."""
    escalate_to: Text | None = None
    """Whom a hand-over without an answer goes to."""
    reject_reasons: tuple[Text, ...] = ()
    """The reasons sales may give a lead back with; empty for any."""


class Recycle(Part):
    """When a lead given back may come again."""

    cool_down_days: NotNegative
    """Days before a rejected or silent lead is nurtured into a new spell."""


class Privacy(Part):
    """What the teams agreed on people's data."""

    retention_months: Annotated[Whole, Field(ge=1)] | None = None
    """Months after a lead's last sign of life at which its data are left out."""


class BuyingGroup(Part):
    """Which leads of one account are one purchase."""

    within_days: Days
    """Leads of one account created within these days are one buying group."""


class Customers(Part):
    """What one customer is, wherever customers are counted."""

    counted_by: Literal["deal", "purchase", "account"]
    """A won deal; a purchase: won deals of one account within the days of a buying group; or an
    account, counted once, when it first buys."""


class Persona(Part):
    """A described kind of buyer; the first that matches counts."""

    when: Condition
    """The condition a lead of this persona meets."""
    label: Text | None = None
    """What reports call it; the persona's key otherwise."""


class Line(Part):
    """A threshold on the score, with the target and the window it is judged by."""

    score: Annotated[Whole, Field(ge=0)]
    """The score from which a lead is over the line."""
    fit_at_least: Annotated[Whole, Field(ge=0)] = 0
    """The least fit a lead over the line has."""
    target: Stage_
    """The stage that a lead over the line is to reach."""
    window_days: Days
    """Days in which it counts."""


class Lines(Part):
    """The two lines: to qualification, and straight to a rep."""

    mql: Line
    """From here a lead is marketing-qualified."""
    sql: Line
    """From here a lead is sales-ready."""


class Grades(Part):
    """Bounds of the grid A1 … C3; what is below the last bound is C, or 3."""

    fit: dict[Literal["A", "B"], Annotated[Whole, Field(ge=0)]]
    """The least fit of A and of B."""
    engagement: dict[Literal[1, 2], Annotated[Whole, Field(ge=0)]]
    """The least engagement of 1 and of 2."""


class Snapshots(Part):
    """At which moments leads are looked at to train and judge models."""

    first_after_hours: NotNegative = 24.0
    """Hours from the start of a spell to its first snapshot."""
    every_days: Days | None = 7.0
    """Days between the snapshots after it; null for the first one only."""
    until: Literal["handover", "end"] = "handover"
    """Whether snapshots stop at the hand-over or at the end of the spell."""


class Agreement(Part):
    """What sales and marketing agreed: stages, scorecard, lines, capacities, SLA, goals."""

    version: Annotated[Whole, Field(ge=1)]
    """Counts up by one with every accepted change."""
    valid_from: date
    """The first day the version is in force."""
    owners: Annotated[dict[Text, Text], Field(min_length=1)]
    """Team -> the role that signs for it; roles, not names."""
    currency: Text
    """ISO 4217 code of all amounts."""
    timezone: Text
    """IANA name; months are cut in it."""
    calendar: Calendar | None = None
    """Working hours; needed for promises on the business clock."""
    language: Annotated[
        str, AfterValidator(_translated), Field(json_schema_extra={"enum": list(LANGUAGES)})
    ] = "en"
    """Language of the reports."""
    review: Review = Review()
    """How often the teams meet, and look at the agreement."""
    stages: dict[Stage_, Stage] = Field(default_factory=dict)
    """Who owns a lead where."""
    handover: Handover = Handover()
    """How a lead reaches sales."""
    recycle: Recycle | None = None
    """When a lead given back may come again."""
    privacy: Privacy | None = None
    """How long data of silent leads are kept; left out, always."""
    buying_group: BuyingGroup | None = None
    """Which leads are one purchase; left out, every lead is its own."""
    customers: Customers | None = None
    """What is counted as a customer; left out, a purchase where buying groups are agreed, else a
    won deal."""
    personas: dict[Text, Persona] = Field(default_factory=dict)
    """Kinds of buyers; the first that matches counts."""
    lists: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    """Lists of texts that conditions call by `$NAME`."""
    only_card: Scorecard | None = Field(default=None, alias="scorecard")
    """The scorecard; or several under `scorecards`."""
    named_cards: Annotated[dict[Text, Scorecard], Field(min_length=1)] | None = Field(
        default=None, alias="scorecards"
    )
    """Several scorecards by name, per product say; the first is the main one."""
    lines: Lines
    """From which score a lead goes to qualification, and to a rep."""
    grades: Grades
    """Bounds of the grid A1 … C3."""
    capacity: Capacities
    """What the teams can work."""
    economics: Economics
    """What a customer is worth and what working leads costs."""
    sla: Sla = Sla()
    """What each side promises."""
    goals: tuple[Goal, ...] = ()
    """What the company wants to reach."""
    targets: Targets = Targets()
    """What the key figures are to be."""
    snapshots: Snapshots = Snapshots()
    """When leads are looked at; by default a day after they came, then weekly."""

    @property
    def counted_by(self) -> str:
        """What one customer is: deal, purchase or account."""
        if self.customers is not None:
            return self.customers.counted_by
        return "purchase" if self.buying_group else "deal"

    @property
    def scorecards(self) -> dict[str, Scorecard]:
        """All scorecards by name; the only one is called "agreed"."""
        return {"agreed": self.only_card} if self.only_card else dict(self.named_cards or {})

    @property
    def scorecard(self) -> Scorecard:
        """The only scorecard, or the first."""
        return next(iter(self.scorecards.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the agreement as it is written in the file, blocks left out stay out."""
        data = self.model_dump(by_alias=True, exclude_unset=True)
        for key in ("scorecard", "scorecards"):
            if data.get(key) is None:
                data.pop(key, None)
        if self.only_card:
            data["scorecard"] = self.only_card.to_dict()
        if self.named_cards:
            data["scorecards"] = {name: card.to_dict() for name, card in self.named_cards.items()}
        content: dict[str, Any] = plain_types(data)
        return content
