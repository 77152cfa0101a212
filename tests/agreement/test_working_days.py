"""Days on which nobody works: a country's holidays, its parts', and the company's own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from smarketing.agreement.load import load_agreement
from smarketing.agreement.working_days import free_days
from smarketing.errors import SmarketingError
from smarketing.funnel.sla.business_hours import BusinessHours
from smarketing.planning.people.desk_clock import DeskClock
from tests.agreements import EXAMPLE, example_agreement

EPIPHANY, CORPUS_CHRISTI = date(2026, 1, 6), date(2026, 6, 4)


def calendar(**parts):
    days = ["mon", "tue", "wed", "thu", "fri"]
    return {"country": "DE", "hours": "09:00-17:00", "days": days, **parts}


@pytest.mark.parametrize("written", [{"country": "DE-BY"}, {"country": "DE", "region": "BY"}])
def test_a_part_of_a_country_has_holidays_of_its_own(written):
    bavaria = example_agreement(calendar=calendar(**written)).calendar.free_days([2026])
    assert {EPIPHANY, CORPUS_CHRISTI} <= set(bavaria)
    germany = example_agreement(calendar=calendar()).calendar.free_days([2026])
    assert not {EPIPHANY, CORPUS_CHRISTI} & set(germany)
    assert set(germany) < set(bavaria)


def test_closing_days_are_of_every_year_or_of_one():
    closed = ["12-24", date(2026, 5, 15), "02-29"]
    one = example_agreement(calendar=calendar(closed=closed)).calendar
    assert one.closed == ("12-24", "2026-05-15", "02-29")
    public = set(free_days("DE", None, (), (2026, 2027, 2028)))
    assert sorted(set(one.free_days([2026, 2027, 2028])) - public) == [
        date(2026, 5, 15), date(2026, 12, 24), date(2027, 12, 24), date(2028, 2, 29),
        date(2028, 12, 24),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("country", "more", "says"),
    [
        ("XX", "", ["calendar.country", "'XX'", "DE-BY"]),
        ("DE-XX", "", ["calendar.country", "part of DE", "'DE-XX'", "BY"]),
        ("DE", "region: Augsbrg, ", ["calendar.region", "did you mean Augsburg", "Augsbrg"]),
        ("DK", "region: H, ", ["calendar.region", "none: all of DK has the same"]),
        ("DE-BY", "region: BY, ", ["calendar.region", "names its part already"]),
        ("DK", "closed: [12-24, Christmas], ", ["calendar.closed.1", "'Christmas'", "12-24"]),
        ("DK", "closed: [24-12], ", ["calendar.closed.0", "'24-12'"]),
        ("DK", "closed: [02-30], ", ["calendar.closed.0", "'02-30'"]),
        ("DK", "closed: [24], ", ["calendar.closed.0", "a text is needed", "24"]),
        ("DK", "closed: 12-24, ", ["calendar.closed", "a list is needed"]),
    ],
)
def test_what_is_no_place_or_day_is_told_with_its_line(tmp_path, country, more, says):
    changed = EXAMPLE.replace("calendar: {country: DK, ", f"calendar: {{country: {country}, {more}")
    assert changed != EXAMPLE
    (tmp_path / "agreement.yml").write_text(changed)
    line = changed[: changed.index("calendar:")].count("\n") + 1
    with pytest.raises(SmarketingError) as caught:
        load_agreement(tmp_path / "agreement.yml")
    [problem] = caught.value.problems
    assert problem.line == line
    for part in says:
        assert part in str(problem)


def test_closing_days_and_regional_holidays_are_no_business_hours():
    closed = calendar(region="BY", closed=["12-24", "12-31"])
    clock = BusinessHours.of(example_agreement(calendar=closed, timezone="Europe/Berlin"))
    starts = pd.Series(pd.to_datetime(["2026-12-23 08:00", "2026-12-30 08:00", "2026-01-05 08:00"]))
    ends = pd.Series(pd.to_datetime(["2026-12-28 08:00", "2027-01-04 08:00", "2026-01-07 08:00"]))
    # a day each: 24 to 27 December, 31 December to 3 January, and 6 January are no days of work
    assert clock.between(starts, ends).tolist() == [8.0, 8.0, 8.0]
    at = pd.Series(pd.to_datetime(["2026-12-24 10:00", "2026-12-23 10:00"]))
    assert clock.closed_for(at).tolist() == ["holiday", ""]


def test_desks_are_closed_when_the_company_is():
    first, last = pd.Timestamp("2026-12-01"), pd.Timestamp("2026-12-31")
    opened = {}
    for name, days in (("public", []), ("own", ["12-24", "12-31"])):
        agreement = example_agreement(calendar=calendar(closed=days), timezone="Europe/Berlin")
        clock = DeskClock.of(agreement, first, last)
        opened[name] = set(clock.opens.astype("datetime64[D]"))
    gone = opened["public"] - opened["own"]
    assert gone == {np.datetime64("2026-12-24"), np.datetime64("2026-12-31")}
