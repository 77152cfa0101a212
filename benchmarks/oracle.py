"""Random companies counted by the package and by the oracle: every number, every difference.

python benchmarks/oracle.py [COMPANIES] [FIRST]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.against_oracle import differences_of


def main(companies: int, first: int) -> int:
    """Print each difference, and how many numbers of how many companies were compared."""
    began, numbers, wrong = time.perf_counter(), 0, []
    for seed in range(first, first + companies):
        with tempfile.TemporaryDirectory() as folder:
            found, n = differences_of(seed, Path(folder))
        numbers += n
        wrong += found
        for line in found[:5]:
            print(line, flush=True)
    print(
        f"{companies} companies from seed {first}, {numbers:,} numbers, {len(wrong)} differences,"
        f" {time.perf_counter() - began:.0f} s"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    arguments = [int(number) for number in sys.argv[1:]]
    sys.exit(main(*(arguments + [500, 1000][len(arguments) :])))
