"""Random companies asked everything: the figures that commands and pages print, key by key.

python -m benchmarks.one_number [COMPANIES] [FIRST]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import smarketing
from tests.measures.printed import printed_by
from tests.random_companies import random_company, workspace_of


def main(companies: int, first: int) -> int:
    """Print each key with two values, and how many keys were compared."""
    keys = twice = 0
    wrong = []
    for seed in range(first, first + companies):
        with (
            tempfile.TemporaryDirectory() as folder,
            smarketing.open(workspace_of(random_company(seed), Path(folder))) as ws,
        ):
            months = sorted({row["month"] for row in ws.funnel().to_dict()["trend"]})
            known = printed_by(ws, months[-3:], ("en", "da"))
        keys += len(known.values)
        twice += known.seen_twice
        for line in known.contradictions:
            print(f"company {seed}: {line}", flush=True)
        wrong += known.contradictions
    print(
        f"{companies} companies from seed {first}: {keys} keys, {twice} in more than one place,"
        f" {len(wrong)} with two values"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    arguments = [int(number) for number in sys.argv[1:]]
    sys.exit(main(*(arguments + [20, 0][len(arguments) :])))
