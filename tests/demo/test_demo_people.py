"""The demo company's people, what they do, and what is true of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from smarketing.demo.behaviour import Event, email_events, known_at, return_visits, web_events
from smarketing.demo.company import simulate, until_end
from smarketing.demo.draw import Draw, local_month
from smarketing.demo.people import DemoPeople, arrivals, ascii_name, first_touch
from smarketing.demo.truth import CAMPAIGNS, FREE_MAIL, TRUTH

CREATED = datetime.fromisoformat("2026-03-04 09:00")


@pytest.fixture(scope="module")
def leads():
    """Return a twentieth of the demo's leads."""
    return simulate(seed=7, scale=0.05)


@pytest.fixture
def contact():
    people = DemoPeople(1)
    draw = Draw("contact")
    return people.contact(draw, CREATED, people.company(draw), ("Paid Search", "C-1001"), False)


@pytest.mark.parametrize(
    ("name", "plain"), [("Søren Ærø", "soerenaeroe"), ("Åse-Marie", "aasemarie"), ("Ib", "ib")]
)
def test_a_name_is_written_plainly_in_an_address(name, plain):
    assert ascii_name(name) == plain


def test_leads_come_in_order_within_the_demos_months():
    moments = arrivals(3, scale=0.05)
    assert moments == sorted(moments)
    assert (local_month(moments[0]), local_month(moments[-1])) == (
        TRUTH.first_month, TRUTH.last_month,
    )  # fmt: skip
    assert moments[-1] <= TRUTH.end


def test_fewer_leads_come_at_weekends():
    days = Counter(moment.weekday() >= 5 for moment in arrivals(3))
    assert days[True] < days[False] * 2 / 5 / 2


@pytest.mark.parametrize("month", ["2024-11", "2025-10", "2026-08"])
def test_a_lead_comes_by_a_campaign_that_runs(month):
    running = {c.campaign_id for c in CAMPAIGNS if c.first <= month <= c.last}
    came = {first_touch(Draw(f"{month} {n}"), month)[1] for n in range(400)}
    assert None in came
    assert came - {None} <= running
    assert len(came) > len(running) / 2


def test_nobody_has_the_address_of_another(leads):
    emails = [lead.contact.email.lower() for lead in leads]
    assert len(set(emails)) == len(emails)


def test_people_of_one_company_share_what_it_is(leads):
    companies = {}
    for lead in leads:
        if lead.contact.company:
            known = companies.setdefault(lead.contact.company.company_id, lead.contact.company)
            assert known == lead.contact.company


def test_private_addresses_are_of_free_providers(leads):
    private = [lead.contact for lead in leads if lead.contact.free_mail]
    assert 0 < len(private) < len(leads) / 2
    assert {c.email.lower().rpartition("@")[2] for c in private} <= set(FREE_MAIL)


def test_nothing_is_done_before_the_contact_was_there_or_after_the_data_ends(leads):
    for lead in map(until_end, leads):
        assert all(event.at <= TRUTH.end for event in lead.events)
        assert all(move.at > lead.contact.created for move in lead.journey.moves)


def test_a_newsletter_is_sent_by_a_machine_and_opened_later(contact):
    events = email_events(contact, Draw("mails"))
    sent = {e.subject: e.at for e in events if e.kind == "SENT"}
    assert sent
    assert all(e.automatic for e in events if e.kind == "SENT")
    assert all(e.at > sent[e.subject] for e in events if e.kind != "SENT")


def test_who_came_by_the_web_was_there(contact):
    events = web_events(contact, Draw("web"))
    assert any(e.kind == "Visited page" for e in events)
    assert not any(e.automatic for e in events)


def test_who_comes_back_does_so_after_being_given_back(contact):
    since = CREATED + timedelta(days=60)
    visits = [e for n in range(20) for e in return_visits(contact, since, Draw(f"back {n}"))]
    assert visits
    assert min(e.at for e in visits) > since


@pytest.mark.parametrize(
    ("kind", "subject", "counted"),
    [
        ("Visited page", "/pricing/teams", "pricing_view"),
        ("Visited page", "/careers", "careers_page"),
        ("Requested demo", "Demo form", "demo_request"),
        ("Attended webinar", "NIS2 i praksis", "webinar"),
        ("Downloaded asset", "case-study-vejle.pdf", "case_study"),
    ],
)
def test_what_drives_winning_counts_once_it_has_happened(contact, kind, subject, counted):
    event = Event(CREATED + timedelta(days=2), kind, subject)
    before, after = (known_at(contact, [event], CREATED + timedelta(days=days)) for days in (1, 3))
    assert (before[counted], after[counted]) == (0, 1)


@pytest.mark.parametrize(
    ("employees", "size"),
    [(None, "missing"), (9, "under_10"), (10, "from_10_to_49"), (49, "from_10_to_49"),
     (50, "from_50_to_500"), (500, "from_50_to_500"), (501, "over_500")],
)  # fmt: skip
def test_a_companys_size_has_a_class(employees, size):
    assert TRUTH.size_class(employees) == size


def test_the_same_seed_makes_the_same_company_and_another_one_does_not(leads):
    again, other = simulate(seed=7, scale=0.05), simulate(seed=8, scale=0.05)
    assert [lead.contact.email for lead in again] == [lead.contact.email for lead in leads]
    assert [lead.contact.email for lead in other] != [lead.contact.email for lead in leads]
