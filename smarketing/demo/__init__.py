"""The demo company: a made-up seller whose truth is known, written as raw exports."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from smarketing.demo.company import decided_handovers, simulate, until_end
from smarketing.demo.hubspot import write_contacts, write_email_events, write_web_events
from smarketing.demo.property_history import write_property_history
from smarketing.demo.readme import readme
from smarketing.demo.salesforce import SalesforceExport
from smarketing.demo.truth import TRUTH, Truth
from smarketing.demo.warts import plant
from smarketing.demo.web import write_campaigns, write_spend, write_visits

__all__ = ["SEED", "TRUTH", "Truth", "decided_handovers", "make_demo", "simulate"]

SEED = 20261031
"""The seed of the committed demo."""


def make_demo(folder: Path, seed: int = SEED) -> None:
    """Write the whole demo workspace: raw exports, sources.yml, agreement.yml and README.md.

    The same seed gives the same files, on any machine.

    Parameters
    ----------
    folder : pathlib.Path
        The workspace; made if it is not there. Files of the same names are replaced.
    seed : int
        Another seed is another company with the same truth.

    Examples
    --------
    >>> make_demo(Path("data/demo"))  # doctest: +SKIP
    """
    raw = folder / "raw"
    leads = [until_end(lead) for lead in simulate(seed)]
    warts = plant(leads, seed)
    write_contacts(raw / "hubspot" / "contacts.csv.gz", leads, warts)
    write_web_events(raw / "hubspot" / "web_events.csv.gz", leads, warts, seed)
    write_email_events(raw / "hubspot" / "email_events.csv.gz", leads, warts)
    write_property_history(raw / "hubspot" / "property_history.csv.gz", leads, warts, seed)
    SalesforceExport(leads).write(raw / "salesforce")
    write_campaigns(raw / "campaigns.csv")
    write_spend(raw / "spend.xlsx", seed)
    write_visits(raw / "visits.parquet", leads, seed)
    kept = files("smarketing.demo") / "workspace"
    for name in ("sources.yml", "agreement.yml"):
        (folder / name).write_bytes((kept / name).read_bytes())
    (folder / "README.md").write_text(readme(leads, warts), encoding="utf-8", newline="\n")
