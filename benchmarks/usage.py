"""How much memory a process has held at the most."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_bytes() -> int:
    """Return this process's own peak: what `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
