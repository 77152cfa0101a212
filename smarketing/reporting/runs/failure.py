"""Tell somebody that a report failed, by a command of theirs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

SECONDS = 60


def tell(command: str, workspace: str, error: str) -> None:
    """Run a command after a failure; what it does or fails to do changes nothing else.

    Parameters
    ----------
    command : str
        Split as a shell splits words, but run without a shell, so that no text of the data can
        be run.
    workspace, error : str
        Handed over as SMARKETING_WORKSPACE and SMARKETING_ERROR in its environment.
    """
    surroundings = {**os.environ, "SMARKETING_WORKSPACE": workspace, "SMARKETING_ERROR": error}
    try:
        words = shlex.split(command)
        subprocess.run(words, env=surroundings, timeout=SECONDS, check=True, stdout=2)  # noqa: S603 - stderr
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as trouble:
        sys.stderr.write(f"The command of --on-failure did not work: {trouble}\n")
