"""Kill an ingest at 100 random moments, fill its disk, run three at once.

    python -m benchmarks.ingest_crash [KILLS]

After each, the warehouse must be the old one or the new one, whole; every tenth kill the next
run must work and leave nothing behind. The full disk is a small tmpfs, which takes root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.crashes import at_once, company, full_disk, kills, version_of


def main(times: int) -> None:
    """Run all three and print what was found."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        print("kills", json.dumps(kills(Path(folder) / "kills", times, seed=1)),
              f"{time.monotonic() - start:.0f} s")  # fmt: skip
        company(Path(folder) / "kills", 0)
        print("three at once", at_once(Path(folder) / "kills", 3))
        if os.geteuid() == 0:
            tiny_disk(Path(folder) / "disk")
        print("file limit", full_disk(company(Path(folder) / "kills", 1), 300_000))


def tiny_disk(disk: Path) -> None:
    """Ingest on a disk that has room for one warehouse, not for two."""
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=9m", "tmpfs", str(disk)], check=True)
    try:
        from tests.crashes import ingest_in_child

        ingest_in_child(company(disk, 0))
        company(disk, 1)
        (disk / "filler").write_bytes(b"0" * 5_000_000)
        status, version = full_disk(disk, 1 << 40)
        print(f"tmpfs of 9 MB: exit {status}, warehouse {version}")
        (disk / "filler").unlink()
        status, version = full_disk(disk, 1 << 40)
        print(f"tmpfs, room made: exit {status}, warehouse {version_of(disk)}")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
