"""The demo company is what its README says, and the planted truth can be found in it."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import statsmodels.api as sm
from ruamel.yaml import YAML

from smarketing.agreement.load import load_agreement
from smarketing.demo import make_demo
from smarketing.demo.company import decided_handovers, simulate
from smarketing.demo.truth import FREE_MAIL, OWN_DOMAIN, TRUTH
from smarketing.demo.warts import UNKNOWN_STATUS
from smarketing.demo.writing import salesforce_id
from smarketing.warehouse.sources.load import load_sources

DEMO = Path(__file__).parents[2] / "data" / "demo"
BUILT = {
    ".cache",
    "warehouse.duckdb",
    "rejects",
    "models",
    "agreements",
    "meetings",
    "proposal.yml",
}


def committed_files() -> list[Path]:
    """Return what is committed, not what commands built beside it."""
    every = (path.relative_to(DEMO) for path in DEMO.rglob("*") if path.is_file())
    return sorted(p for p in every if p.parts[0] not in BUILT and ".duckdb" not in p.name)


def rows_of(name: str) -> list[dict[str, str]]:
    data = (DEMO / "raw" / name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def contacts() -> list[dict[str, str]]:
    return rows_of("hubspot/contacts.csv.gz")


@pytest.fixture(scope="module")
def history() -> list[dict[str, str]]:
    return rows_of("salesforce/LeadHistory.csv.gz")


@pytest.fixture(scope="module")
def property_history() -> list[dict[str, str]]:
    return rows_of("hubspot/property_history.csv.gz")


@pytest.fixture(scope="module")
def readme() -> dict[str, int]:
    """Return the counts that README.md states."""
    text = (DEMO / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \|$", text, re.MULTILINE)
    return {what: int(count.replace(",", "")) for what, count in rows}


def test_the_committed_files_come_out_again(tmp_path):
    make_demo(tmp_path)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert made == committed_files()
    for name in made:
        old, new = DEMO / name, tmp_path / name
        if name.suffix == ".gz":  # packed bytes depend on Python's zlib, what is packed does not
            assert gzip.decompress(old.read_bytes()) == gzip.decompress(new.read_bytes()), name
        elif name.suffix == ".parquet":  # the writer's version stands in the file
            pd.testing.assert_frame_equal(pd.read_parquet(old), pd.read_parquet(new))
        else:
            assert old.read_bytes() == new.read_bytes(), name


def test_packed_files_carry_no_time():
    for path in (DEMO / "raw").rglob("*.gz"):
        assert path.read_bytes()[4:8] == b"\0\0\0\0", path.name


def test_the_demo_is_small():
    assert sum((DEMO / name).stat().st_size for name in committed_files()) <= 3_000_000


def test_sources_and_agreement_are_valid():
    assert load_sources(DEMO / "sources.yml").company == "Nordlys Software"
    agreement = load_agreement(DEMO / "agreement.yml")
    rules = [*agreement.scorecard.fit.rules, *agreement.scorecard.engagement.rules]
    assert len(rules) >= 14
    assert (agreement.currency, agreement.timezone) == ("DKK", "Europe/Copenhagen")


def is_local_time(text: str) -> bool:
    try:
        return bool(datetime.strptime(text, "%Y-%m-%d %H:%M"))  # noqa: DTZ007 - is it a time at all
    except ValueError:
        return False


def test_planted_warts_of_contacts_are_counted(contacts):
    planted = TRUTH.planted
    whole = Counter(tuple(row.values()) for row in contacts)
    once = [row for row in contacts if is_local_time(row["Create Date"])]
    emails = {row["Record ID"]: row["Email"].lower() for row in once}
    assert sum(n - 1 for n in whole.values()) == planted["contact rows exported twice"]
    assert len(emails) - len(set(emails.values())) == planted["persons entered twice"]
    assert len(contacts) - len(once) == planted["contacts with an impossible date"]
    own = {i for i, email in emails.items() if email.endswith(f"@{OWN_DOMAIN}")}
    assert len(own) == planted["test leads"]


def test_planted_warts_of_events_are_counted():
    rows = rows_of("hubspot/web_events.csv.gz")
    times = [row["Occurred At"] for row in rows]
    good = [t for t in times if is_local_time(t)]
    assert len(times) - len(good) == TRUTH.planted["web events with an unreadable time"]
    late = TRUTH.planted["web events exported late, at the end of the file"]
    # in UTC the rest is in order; local clocks go back an hour twice
    assert sum(a > b for a, b in pairwise(good[:-late])) <= 4
    assert good[-late - 1] > good[-late]
    assert len(times) - len(good) < 0.02 * len(times)


def test_planted_warts_of_the_history_are_counted(history):
    planted = TRUTH.planted
    status = [row for row in history if row["Field"] == "Status"]
    unknown = sum(row["NewValue"] == UNKNOWN_STATUS for row in status)
    assert unknown == planted["history rows with an unknown status"]
    first: dict[tuple[str, str], str] = {}
    for row in status:
        first.setdefault((row["LeadId"], row["NewValue"]), row["CreatedDate"])
    early = [
        lead
        for (lead, stage), at in first.items()
        if stage == "Working" and at < first[lead, "Sales Ready"]
    ]
    assert len(early) == planted["leads accepted before they were handed over, by a wrong clock"]


def test_the_property_history_ends_with_what_the_contacts_hold(contacts, property_history):
    last: dict[tuple[str, str], str] = {}
    for row in property_history:  # in order of time
        last[row["Contact ID"], row["Property"]] = row["Value"]
    columns = {
        "industry": "Industry",
        "numberofemployees": "Number of Employees",
        "implementation_package": "Implementation package",
    }
    held = {row["Record ID"]: row for row in contacts}
    assert {name for _, name in last} == set(columns)
    assert all(held[record][columns[name]] == value for (record, name), value in last.items())
    packages = {row["Record ID"] for row in contacts if row["Implementation package"]}
    assert packages == {record for record, name in last if name == "implementation_package"}


def test_deals_with_several_leads_are_counted():
    deals = Counter(row["ConvertedOpportunityId"] for row in rows_of("salesforce/Lead.csv.gz"))
    del deals[""]
    several = sum(n > 1 for n in deals.values())
    assert several == TRUTH.planted["deals with several leads"]


def test_the_readme_counts_what_is_in_the_exports(contacts, history, readme):
    leads = rows_of("salesforce/Lead.csv.gz")
    deals = rows_of("salesforce/Opportunity.csv")
    status = Counter(row["NewValue"] for row in history if row["Field"] == "Status")
    no_phone = {row["Id"] for row in leads if not row["Phone"]}
    ready = [row for row in history if row["NewValue"] == "Sales Ready"]
    ready_again = Counter(row["LeadId"] for row in ready)
    assert readme["contact rows"] == len(contacts)
    assert readme["leads that became MQLs"] == len(leads)
    assert readme["hand-overs"] == len(ready)
    assert readme["leads handed over without a phone number"] == len(no_phone & set(ready_again))
    assert readme["times a lead was recycled"] == status["Recycled"]
    assert readme["recycled leads opened again after 60 days"] == status["Open"]
    assert readme["recycled leads handed over again"] == sum(n > 1 for n in ready_again.values())
    assert readme["deals"] == len(deals)
    assert readme["deals won"] == sum(row["IsWon"] == "true" for row in deals)
    assert readme["deals open at the end"] == sum(row["IsClosed"] == "false" for row in deals)
    planted = {what: readme[what] for what in TRUTH.planted}
    assert planted == dict(TRUTH.planted)


def test_recycled_leads_come_back_after_the_cool_down(history):
    recycled: dict[str, datetime] = {}
    for row in history:
        at = datetime.fromisoformat(row["CreatedDate"])
        if row["NewValue"] == "Recycled":
            recycled[row["LeadId"]] = at
        elif row["NewValue"] == "Open":
            assert (at - recycled[row["LeadId"]]).total_seconds() > 59.5 * 86400


def test_a_handed_over_contact_has_the_rep_it_was_last_given_to(contacts, history):
    person = {r["Id"]: r["HubSpot_Contact_Id__c"] for r in rows_of("salesforce/Lead.csv.gz")}
    given = {r["LeadId"]: r["NewValue"] for r in history if r["Field"] == "Owner"}  # in time
    owner = {r["Record ID"]: r["Contact owner"] for r in contacts if r["Contact owner"]}
    assert {person[lead] for lead in given} == set(owner)
    pairs = {(owner[person[lead]], rep) for lead, rep in given.items()}
    assert len(pairs) == 4  # one to one: each rep has one number in either system
    sources = YAML(typ="safe").load(DEMO / "sources.yml")["tables"]
    leads, deals = (sources[name]["values"]["owner_id"] for name in ("leads", "deals"))
    assert {leads[number] for number, _ in pairs} == {"rep-1", "rep-2", "rep-3", "rep-4"}
    assert all(leads[number] == deals[rep] for number, rep in pairs)


def test_addresses_look_real_and_cannot_be(contacts):
    domains = {row["Email"].lower().rpartition("@")[2] for row in contacts}
    assert {d for d in domains if not d.endswith(".example")} <= set(FREE_MAIL)
    assert set(FREE_MAIL) <= domains


def test_leaking_columns_are_filled_for_customers_only(contacts):
    won = {
        row["HubSpot_Contact_Id__c"]
        for row in rows_of("salesforce/Lead.csv.gz")
        if row["ConvertedOpportunityId"] in won_deals()
    }
    for column in TRUTH.leaking:
        assert {row["Record ID"] for row in contacts if row[column]} == won


def won_deals() -> set[str]:
    return {r["Id"] for r in rows_of("salesforce/Opportunity.csv") if r["IsWon"] == "true"}


def test_the_lowered_bar_shows_as_more_hand_overs(history):
    months = Counter(r["CreatedDate"][:7] for r in history if r["NewValue"] == "Sales Ready")
    others = [n for month, n in months.items() if month != TRUTH.lowered_bar]
    assert months[TRUTH.lowered_bar] > max(others)
    assert months[TRUTH.lowered_bar] > 1.5 * np.mean(others)


def test_season_shows_in_arrivals(contacts):
    n = Counter(row["Create Date"][:7] for row in contacts)
    for year in (2025, 2026):
        assert n[f"{year}-07"] < 0.7 * n[f"{year}-06"]
    assert n["2025-12"] < 0.7 * n["2025-11"]
    assert 200 < len(contacts) / 24 < 300


def test_best_and_worst_campaign_return_most_and_least():
    sheet = openpyxl.load_workbook(DEMO / "raw" / "spend.xlsx")["Spend"]
    cost: Counter[str] = Counter()
    for campaign, _, amount, _ in list(sheet.values)[1:]:
        cost[campaign] += amount
    amounts = {
        r["Id"]: float(r["Amount"])
        for r in rows_of("salesforce/Opportunity.csv")
        if r["IsWon"] == "true"
    }
    campaign_of = {
        r["Record ID"]: r["Original Source Drill-Down 1"]
        for r in rows_of("hubspot/contacts.csv.gz")
    }
    revenue: Counter[str] = Counter()
    for row in rows_of("salesforce/Lead.csv.gz"):
        deal = row["ConvertedOpportunityId"]
        revenue[campaign_of[row["HubSpot_Contact_Id__c"]]] += amounts.get(deal, 0)
    returns = {campaign: revenue[campaign] / total for campaign, total in cost.items()}
    assert max(returns, key=returns.__getitem__) == TRUTH.best_campaign
    assert min(returns, key=lambda campaign: returns[campaign]) == TRUTH.worst_campaign


def test_one_campaign_has_a_hostile_name():
    names = [row["Campaign name"] for row in rows_of("campaigns.csv")]
    assert "<script>alert(1)</script> & Søn" in names


def design_of(handovers) -> pd.DataFrame:
    """Return the true drivers of contacted hand-overs, one column per planted effect."""
    f = pd.DataFrame([h.features for h in handovers])
    columns = {f"role {role}": f.job_role == role for role in TRUTH.job_role}
    columns |= {f"size {size}": f.size_class == size for size in TRUTH.employees}
    columns |= {kind: f[kind].clip(upper=1) for kind in TRUTH.events if kind != "pricing_view"}
    columns["pricing_view"] = f.pricing_view.clip(upper=TRUTH.pricing_at_most)
    columns |= {c: f.campaign_id == c for c in TRUTH.campaigns}
    columns["free_mail"] = f.free_mail
    days = pd.Series([h.delay_days for h in handovers])
    columns["delay_per_day"] = days.clip(upper=TRUTH.delay_cap_days)
    return sm.add_constant(pd.DataFrame(columns).astype(float))


def planted_effects() -> dict[str, float]:
    effects = {f"role {role}": e for role, e in TRUTH.job_role.items()}
    effects |= {f"size {size}": e for size, e in TRUTH.employees.items()}
    return effects | {
        **TRUTH.events,
        **TRUTH.campaigns,
        "free_mail": TRUTH.free_mail,
        "delay_per_day": TRUTH.delay_per_day,
        "const": TRUTH.base,
    }


def test_a_plain_logistic_regression_finds_the_planted_truth():
    handovers = [h for h in decided_handovers(simulate(3, scale=3.5)) if h.delay_days is not None]
    X = design_of(handovers)
    enough = [c for c in X.columns if (X[c] != 0).sum() >= 60]
    rare = X.columns.difference(enough)
    keep = (X[rare] == 0).all(axis=1)
    y = np.array([h.won for h in handovers], dtype=float)
    fit = sm.Logit(y[keep.to_numpy()], X.loc[keep, enough]).fit(disp=False)
    planted = planted_effects()
    z = {name: (fit.params[name] - planted[name]) / fit.bse[name] for name in enough}
    assert max(abs(value) for value in z.values()) < 3.2, z  # 16 effects at once
    for name in ("role it_manager", "role cto", "size from_50_to_500", "pricing_view",
                 "demo_request", "delay_per_day"):  # fmt: skip
        assert np.sign(fit.params[name]) == np.sign(planted[name])
        assert fit.params[name] == pytest.approx(planted[name], rel=0.5), name
    assert fit.pvalues["delay_per_day"] < 0.05


def test_nobody_wins_a_lead_that_was_never_tried():
    never = [h for h in decided_handovers(simulate(5, scale=0.5)) if h.delay_days is None]
    assert never
    assert not any(h.won for h in never)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"job_role": "cto", "size_class": "from_50_to_500"}, 2.5),
        ({"job_role": "other", "size_class": "missing"}, 0.0),
        ({"pricing_view": 9}, 1.8),
        ({"demo_request": 3, "free_mail": True}, 0.9),
        ({"campaign_id": "C-1008", "careers_page": 1}, -1.8),
    ],
)
def test_effects_add_up(features, expected):
    nothing = {"job_role": "other", "size_class": "missing", "free_mail": False,
               "campaign_id": None, **dict.fromkeys(TRUTH.events, 0)}  # fmt: skip
    assert TRUTH.effects(nothing | features) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("short", "whole"), [("001D000000IRFma", "001D000000IRFmaIAH")], ids=["known pair"]
)
def test_salesforce_ids_check_their_case(short, whole):
    made = salesforce_id("00Q", 987_654)
    assert len(made) == 18
    assert check_letters(short) == whole[15:]
    assert check_letters(made[:15]) == made[15:]


def check_letters(short: str) -> str:
    """Return the last three characters as Salesforce documents them."""
    table = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (short[0:5], short[5:10], short[10:15])
    return "".join(
        table[int("".join("1" if c.isupper() else "0" for c in reversed(chunk)), 2)]
        for chunk in chunks
    )
