"""Recommend for companies whose score knows nothing, and count what is promised all the same.

    python -m benchmarks.no_signal --companies 200

The made-up companies of `benchmarks/planning.py`, with what became of each lead dealt out among
the leads anew, so that no score tells anything. At most 5 % may be told to move a line or be
promised money.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

from tests.worlds.no_signal import promised_without_signal


def main() -> None:
    """Print the share of companies that are promised something, and which."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    asked = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        said = list(pool.map(promised_without_signal, range(asked.companies)))
    wrong = [seed for seed, promised in enumerate(said) if promised]
    print(f"{len(wrong)} of {len(said)} ({len(wrong) / len(said):.1%}) promised: {wrong}")


if __name__ == "__main__":
    main()
