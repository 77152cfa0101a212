"""The package's counts beside the oracle's: every difference, with the key of the number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from smarketing.agreement.model import Agreement
from smarketing.measures.conversion import conversion
from smarketing.measures.count import BASES, count
from smarketing.measures.facts import Facts
from smarketing.measures.path import steps
from smarketing.measures.reading import read_facts
from smarketing.warehouse.warehouse import Warehouse
from tests.oracle import Company, Item, by_group, conversion_of, items_of, totals
from tests.random_companies import agreement_of, random_company, warehouse_of

GROUPS = ("source", "campaign_id", "persona")
TABLES = ("leads", "stages", "deals", "deal_leads", "visits")


def differences_of(seed: int, folder: Path) -> tuple[list[str], int]:
    """Return what the package counts otherwise than the oracle, and how many numbers there are."""
    company = random_company(seed)
    with warehouse_of(company, folder / f"{seed}.duckdb") as warehouse:
        facts = read_facts(warehouse, agreement_of(company))
    numbers = 0
    wrong = []
    for key, package, oracle in compared(company, facts):
        numbers += 1
        if package != oracle:
            wrong.append(f"company {seed}, {key}: {package} instead of {oracle}")
    return wrong, numbers


def differences_in(warehouse: Warehouse, agreement: Agreement) -> tuple[list[str], int]:
    """Return the same of a warehouse; its personas are taken as the package reads them."""
    facts = read_facts(warehouse, agreement)
    company = company_in(warehouse, agreement, facts)
    figures = list(compared(company, facts))
    wrong = [f"{key}: {here} instead of {there}" for key, here, there in figures if here != there]
    return wrong, len(figures)


def company_in(warehouse: Warehouse, agreement: Agreement, facts: Facts) -> Company:
    """Return the canonical rows of a warehouse, for the oracle."""
    rows = {name: _rows(warehouse, name) for name in TABLES}
    persona = facts.spells.drop_duplicates("lead_id").set_index("lead_id").persona
    said = persona.astype(object).where(persona.notna(), None).to_dict()
    group = agreement.buying_group
    return Company(
        **rows,
        until=facts.data_until.to_pydatetime(),
        timezone=agreement.timezone,
        currency=agreement.currency,
        counted_by=agreement.counted_by,
        within_days=group.within_days if group else None,
        order=list(agreement.stages),
        windows=(agreement.lines.mql.window_days, agreement.lines.sql.window_days),
        persona=lambda lead: said[lead["lead_id"]],
    )


def _rows(warehouse: Warehouse, name: str) -> list[dict]:
    if not warehouse.has(name):
        return []
    table = warehouse.table(name).execute()
    return table.astype(object).where(table.notna(), None).to_dict("records")


def compared(company: Company, facts: Facts) -> Iterator[tuple[str, float, float]]:
    """Yield each number's key, what the package counts and what the oracle does."""
    for measure, items in items_of(company).items():
        unit = 100 if measure == "revenue" else 1
        for basis in BASES:
            yield from _of_measure(company, facts, items, measure, basis, unit)
    yield from _of_rates(company, facts)


def _of_measure(
    company: Company, facts: Facts, items: list[Item], measure: str, basis: str, unit: int
) -> Iterator[tuple[str, float, float]]:
    sums = totals(company, items, basis)
    months = sorted({month for month in sums if month} | {"2024-12", *facts.months})
    whole = count(facts, measure, basis=basis, months=months)
    yield f"{measure} {basis} undated", round(whole.undated * unit), sums.get(None, 0)
    every = count(facts, measure, basis=basis)
    yield f"{measure} {basis} in all", round(every.total * unit), sum(sums.values())
    for month, n in whole.by_month().items():
        yield f"{measure} {basis} {month}", round(n * unit), sums.get(month, 0)
    for by in GROUPS:
        table = count(facts, measure, by, basis=basis, months=months).table
        package = {
            (row.month, row.group): round(row.n * unit)
            for row in table.itertuples()
            if round(row.n * unit)
        }
        oracle = {key: n for key, n in by_group(company, items, basis, by).items() if key[0] and n}
        for key in sorted(package.keys() | oracle.keys()):
            yield f"{measure} {basis} by {by} {key}", package.get(key, 0), oracle.get(key, 0)


def _of_rates(company: Company, facts: Facts) -> Iterator[tuple[str, float, float]]:
    for start, target in steps(company.path):
        for month in (None, facts.months[0], facts.months[-1]):
            runs = None if month is None else facts.spells[facts.spells.month == month]
            row = conversion(facts, start, target, runs).iloc[0]
            oracle = conversion_of(company, start, target, month)
            for name, n in zip(("k", "n", "n_immature"), oracle, strict=True):
                yield f"{start} to {target} {month} {name}", int(row[name]), n
