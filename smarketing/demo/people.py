"""Who the demo's leads are: made-up people of made-up companies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from smarketing.demo.draw import Draw, to_utc
from smarketing.demo.truth import CAMPAIGNS, FREE_MAIL, ORGANIC, TRUTH


def _words() -> dict[str, list[str]]:
    text = files("smarketing.demo").joinpath("workspace", "names.txt")
    lines = text.read_text(encoding="utf-8").splitlines()
    return {kind: words.split() for kind, _, words in (line.partition(":") for line in lines)}


WORDS = _words()
"""Words that names of people and companies are made of, by kind."""
_FORM = (("A/S", 0.45), ("ApS", 0.4), ("", 0.1), ("Gruppen", 0.05))
INDUSTRIES = ("Manufacturing", "Retail", "Logistics", "Financial Services", "Healthcare",
              "Professional Services", "Construction", "Energy", "Public Sector")  # fmt: skip
_CITIES = ("København", "Aarhus", "Odense", "Aalborg", "Esbjerg", "Kolding", "Vejle", "Roskilde")
_PAGES = ("/", "/product", "/blog/nis2-for-begyndere", "/pricing", "/cases/vejle-logistik")
TOPICS = ("Security", "Integrations", "Finance", "Product news")

ROLES = {
    # role: (label in HubSpot, share of leads, job titles)
    "it_manager": ("IT Manager", 0.17, ("IT-chef", "IT Manager", "Head of IT")),
    "cto": ("CTO", 0.08, ("CTO", "Chief Technology Officer", "Teknisk direktør")),
    "cfo": ("CFO", 0.08, ("CFO", "Økonomidirektør", "Finance Director")),
    "operations_manager": ("Operations Manager", 0.17, ("Driftschef", "COO")),
    "developer": ("Developer", 0.19, ("Developer", "Udvikler", "DevOps Engineer")),
    "consultant": ("Consultant", 0.1, ("Consultant", "Konsulent", "Senior Advisor")),
    "student": ("Student", 0.07, ("Student", "Studerende", "Intern")),
    "other": ("Other", 0.14, ("Koordinator", "Kontorassistent", "Assistant")),
}  # fmt: skip
_GIVEAWAY_ROLES = (("student", 0.4), ("other", 0.24), ("developer", 0.16), ("consultant", 0.08),
                   ("operations_manager", 0.06), ("it_manager", 0.05), ("cto", 0.01))  # fmt: skip
_BUYERS = ("it_manager", "cto", "cfo", "operations_manager")
_MESSAGES = (
    "Vi leder efter en ny løsning inden årsskiftet.",
    "Can you integrate with Microsoft Dynamics, and what does it cost?",
    "Please call me about prices for 120 users",
    "Hvordan håndterer I NIS2?",
)


@dataclass
class Company:
    """A made-up company: all its leads share id, name, domain, size and industry."""

    company_id: str
    name: str
    domain: str
    employees: int
    industry: str
    city: str


@dataclass
class Contact:
    """One HubSpot contact; times are naive UTC."""

    created: datetime
    first: str
    last: str
    email: str
    role: str
    title: str
    phone: str | None
    company: Company | None
    employees: int | None
    annual_revenue: int | None
    seniority: str
    language: str
    country: str
    source: str
    campaign_id: str | None
    message: str | None
    first_page: str
    topic: str | None
    topic_at: datetime | None
    interest: float
    record_id: str = ""

    @property
    def free_mail(self) -> bool:
        """Whether the address is a private one."""
        return self.email.lower().rpartition("@")[2] in FREE_MAIL


def ascii_name(text: str) -> str:
    """Write a name as it stands in an e-mail address."""
    text = text.lower()
    for letter, plain in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        text = text.replace(letter, plain)
    return "".join(c for c in text if c.isascii() and c.isalnum())


class DemoPeople:
    """Makes contacts one by one, companies and free addresses among them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.companies: list[Company] = []
        self._domains: set[str] = set()
        self._emails: set[str] = set()

    def company(self, draw: Draw) -> Company:
        """Make a company nobody has seen yet."""
        stem, trade = draw.of(WORDS["company names"]), draw.of(WORDS["trades"])
        domain = ascii_name(stem + trade)
        number = 1
        while f"{domain}{number if number > 1 else ''}" in self._domains:
            number += 1
        domain += str(number) if number > 1 else ""
        self._domains.add(domain)
        title = f"{stem} {trade}" + (f" {number}" if number > 1 else "")
        company = Company(
            company_id=str(7_300_000_000 + 37 * len(self.companies)),
            name=f"{title} {draw.weighted(_FORM)}".strip(),
            domain=f"{domain}.example",
            employees=max(1, round(draw.lognormal(55, 1.45))),
            industry=draw.of(INDUSTRIES),
            city=draw.of(_CITIES),
        )
        self.companies.append(company)
        return company

    def contact(
        self,
        draw: Draw,
        created: datetime,
        company: Company | None = None,
        source: tuple[str, str | None] = ("Direct Traffic", None),
        buyer: bool = False,
    ) -> Contact:
        """Make a contact; `company` for a colleague of someone known, `buyer` for a keen one."""
        channel, campaign_id = source
        giveaway = campaign_id == TRUTH.worst_campaign
        roles = _BUYERS if buyer else ROLES
        shares = _GIVEAWAY_ROLES if giveaway else [(r, ROLES[r][1]) for r in roles]
        role = draw.weighted(shares)
        first, last = draw.of(WORDS["first names"]), draw.of(WORDS["last names"])
        private = 0.55 if giveaway or role == "student" else 0.12
        at_home = company is None and draw.chance(private)
        if company is None and not (at_home and draw.chance(0.5)):
            # now and then a colleague of a company already known, mostly a recent one
            known = self.companies[-150:]
            company = draw.of(known) if known and draw.chance(0.09) else self.company(draw)
        employees = company.employees if company and not draw.chance(0.1) else None
        revenue = None
        if employees is not None and draw.chance(0.7):
            revenue = round(employees * draw.lognormal(1_300_000, 1.0), -4)
        senior = 0.35 * (role in ("it_manager", "cto")) - 0.7 * giveaway + buyer
        topic_at = None
        if draw.chance(0.3):
            topic_at = draw.awake(created + timedelta(days=draw.exponential(40) + 1))
        domain = draw.of(FREE_MAIL) if at_home or company is None else company.domain
        return Contact(
            created=created,
            first=first,
            last=last,
            email=self._email(draw, first, last, domain, free=at_home),
            role=role,
            title=draw.of(ROLES[role][2]),
            phone=_phone(draw) if draw.chance(0.5 if at_home else 0.84) else None,
            company=company,
            employees=employees,
            annual_revenue=int(revenue) if revenue else None,
            seniority=draw.weighted((("Employee", 0.5), ("Manager", 0.3), ("Executive", 0.2))),
            language=draw.weighted((("da", 0.7), ("en", 0.22), ("sv", 0.08))),
            country=draw.weighted((("Denmark", 0.86), ("Sweden", 0.08), ("Norway", 0.06))),
            source=channel,
            campaign_id=campaign_id,
            message=draw.of(_MESSAGES) if draw.chance(0.45) else None,
            first_page=draw.of(_PAGES),
            topic=draw.of(TOPICS) if topic_at else None,
            topic_at=topic_at,
            interest=draw.normal() + senior,
        )

    def _email(self, draw: Draw, first: str, last: str, domain: str, free: bool) -> str:
        one, two = ascii_name(first), ascii_name(last)
        stem = draw.of((f"{one}.{two}", f"{one}{two}")) if free else f"{one}.{two}"
        if not free and draw.chance(0.3):
            stem = f"{one[0]}{two}"
        email, number = f"{stem}@{domain}", 60 + draw.below(40)
        while email in self._emails:
            email, number = f"{stem}{number}@{domain}", number + 1
        self._emails.add(email)
        return email


def _phone(draw: Draw) -> str:
    pairs = " ".join(str(10 + draw.below(90)) for _ in range(3))
    return f"+45 {20 + draw.below(79)} {pairs}"


def first_touch(draw: Draw, month: str) -> tuple[str, str | None]:
    """Draw where a lead of that month came from: channel and campaign."""
    running = [c for c in CAMPAIGNS if c.first <= month <= c.last]
    choices: list[tuple[tuple[str, str | None], float]] = [
        ((c.channel, c.campaign_id), c.weight) for c in running
    ]
    choices += [((channel, None), weight) for channel, weight in ORGANIC]
    return draw.weighted(choices)


def arrivals(seed: int, scale: float = 1.0) -> list[datetime]:
    """Draw when leads are created, in order, with season and trend (naive UTC)."""
    year, month = map(int, TRUTH.first_month.split("-"))
    out: list[datetime] = []
    number = 0
    while f"{year}-{month:02d}" <= TRUTH.last_month:
        draw = Draw(f"{seed}/arrivals/{year}-{month}")
        growth = 1 + TRUTH.trend_per_month * (number - 11.5)
        n = TRUTH.leads_per_month * TRUTH.season[month] * growth * draw.normal(1, 0.04)
        first = datetime(year, month, 1)  # noqa: DTZ001 - local, turned to UTC below
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        days = (datetime(year, month, 1) - first).days  # noqa: DTZ001
        for _ in range(round(n * scale)):
            day = first + timedelta(days=draw.below(days))
            if day.weekday() >= 5 and draw.chance(0.7):
                day = day - timedelta(days=2) if day.day > 2 else day + timedelta(days=2)
            out.append(draw.awake(to_utc(day + timedelta(hours=12))))
        number += 1
    return sorted(t for t in out if t <= TRUTH.end)
