"""Recommend for companies whose score knows nothing, and count what is promised all the same.

    python -m benchmarks.no_signal --companies 200
    python -m benchmarks.no_signal --demo data/demo --deals 200

The made-up companies of `benchmarks/planning.py`, with what became of each lead dealt out among
the leads anew, so that no score tells anything. At most 5 % may be told to move a line or be
promised money. With --demo the demo's own scores are dealt out so.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from smarketing.folder import Folder
from smarketing.scoring.population import build_population
from tests.worlds.no_signal import (
    promised_on_the_demo,
    promised_without_signal,
    promises_something,
)


def main() -> None:
    """Print the share of companies that are promised something, and which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--demo", type=Path)
    parser.add_argument("--deals", type=int, default=200)
    asked = parser.parse_args()
    if asked.demo:
        said = on_the_demo(Folder.open(asked.demo), asked.deals)
    else:
        with ProcessPoolExecutor() as pool:
            said = list(pool.map(promised_without_signal, range(asked.companies)))
    wrong = [seed for seed, promised in enumerate(said) if promised]
    print(f"{len(wrong)} of {len(said)} ({len(wrong) / len(said):.1%}) promised: {wrong}")


def on_the_demo(folder: Folder, deals: int) -> list[bool]:
    """Return whether something was promised, per deal of the scores."""
    with folder.warehouse() as warehouse:
        people = build_population(warehouse, folder.agreement)
        return [
            promises_something(promised_on_the_demo(warehouse, folder.agreement, people, seed))
            for seed in range(deals)
        ]


if __name__ == "__main__":
    main()
