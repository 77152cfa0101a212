"""The demo's README: the planted truth in words, with the counts of this very company."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from smarketing.demo.company import Lead
from smarketing.demo.draw import local_month
from smarketing.demo.truth import CAMPAIGNS, TRUTH
from smarketing.demo.warts import Warts

_WORDS = {
    "pricing_view": f"each view of a pricing page (up to {TRUTH.pricing_at_most})",
    "demo_request": "a demo request",
    "webinar": "a webinar attended",
    "case_study": "a case study downloaded (the guide has no effect)",
    "careers_page": "a look at the careers page",
    "under_10": "fewer than 10 employees",
    "from_50_to_500": "50 to 500 employees",
    "over_500": "more than 500 employees",
}


def readme(leads: list[Lead], warts: Warts) -> str:
    """Return the README of a company, in Markdown."""
    names = {c.campaign_id: c.name for c in CAMPAIGNS}
    effects = [(f"job role `{role}`", effect) for role, effect in TRUTH.job_role.items()]
    effects += [(_WORDS[key], effect) for key, effect in TRUTH.employees.items()]
    effects += [(_WORDS[key], effect) for key, effect in TRUTH.events.items()]
    effects += [("a free e-mail address", TRUTH.free_mail)]
    effects += [(f"campaign {names[key]} ({key})", e) for key, e in TRUTH.campaigns.items()]
    effects.sort(key=lambda pair: -abs(pair[1]))
    text = files("smarketing.demo") / "workspace" / "readme.txt"
    return Template(text.read_text(encoding="utf-8")).substitute(
        first_month=TRUTH.first_month,
        last_month=TRUTH.last_month,
        base=_signed(TRUTH.base),
        drivers="\n".join(f"| {what} | {_signed(effect)} |" for what, effect in effects),
        delay=_signed(TRUTH.delay_per_day),
        delay_cap=TRUTH.delay_cap_days,
        noise=_listed(TRUTH.noise),
        proxies=_listed(TRUTH.proxies),
        leaking=_listed(TRUTH.leaking),
        leads_per_month=f"{TRUTH.leads_per_month:.0f}",
        trend=f"{TRUTH.trend_per_month:.1%}",
        july=f"{TRUTH.season[7]:.0%}",
        december=f"{TRUTH.season[12]:.0%}",
        october=f"{TRUTH.season[10]:.0%}",
        slow=", ".join(TRUTH.slow_months),
        lowered=TRUTH.lowered_bar,
        mix=TRUTH.mix_shift_from,
        worst=f"{names[TRUTH.worst_campaign]} ({TRUTH.worst_campaign})",
        best=f"{names[TRUTH.best_campaign]} ({TRUTH.best_campaign})",
        planted=_rows(dict(TRUTH.planted)),
        counted=_rows(tally(leads, warts)),
    )


def tally(leads: list[Lead], warts: Warts) -> dict[str, int]:
    """Count what came out: sizes, and warts that were not planted in a fixed number.

    Examples
    --------
    >>> tally([], Warts([], [], frozenset(), []))["persons"]
    0
    """
    moves = [move for lead in leads for move in lead.journey.moves]
    ready = [lead for lead in leads if _has(lead, "Sales Ready")]
    deals = [deal for lead in leads for deal in lead.journey.deals]
    extra = len(warts.tests) + len(warts.second_records) + len(warts.impossible)
    return {
        "persons": len(leads),
        "contact rows": len(leads) + extra + len(warts.twice),
        "leads that became MQLs": sum(lead.journey.mql_at is not None for lead in leads),
        "hand-overs": sum(m.status == "Sales Ready" for m in moves),
        f"hand-overs in {TRUTH.lowered_bar}, when the bar was lowered": sum(
            m.status == "Sales Ready" and local_month(m.at) == TRUTH.lowered_bar for m in moves
        ),
        "leads handed over without a phone number": sum(x.contact.phone is None for x in ready),
        "hand-overs nobody tried to reach": sum(
            h.delay_days is None for lead in leads for h in lead.journey.handovers
        ),
        "times a lead was recycled": sum(m.status == "Recycled" for m in moves),
        "recycled leads opened again after 60 days": sum(m.status == "Open" for m in moves),
        "recycled leads handed over again": sum(_again(lead) for lead in leads),
        "leads taken off the lists after 90 days of silence": sum(
            lead.journey.lapsed_at is not None for lead in leads
        ),
        "leads with a free e-mail address": sum(lead.contact.free_mail for lead in leads),
        "deals": len(deals),
        "deals won": sum(deal.won and deal.closed <= TRUTH.end for deal in deals),
        "deals open at the end": sum(deal.closed > TRUTH.end for deal in deals),
    }


def _again(lead: Lead) -> bool:
    return sum(m.status == "Sales Ready" for m in lead.journey.moves) > 1


def _has(lead: Lead, status: str) -> bool:
    return any(m.status == status for m in lead.journey.moves)


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−").replace("+", "+ ").replace("−", "− ")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _rows(counts: dict[str, int]) -> str:
    return "\n".join(f"| {name} | {count:,} |" for name, count in counts.items())
