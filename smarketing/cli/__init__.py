"""One thin command per question; each answers in words, or as one JSON object with ``--json``.

The rooms above the ground are imported inside the commands: ``smarketing --help`` should not
wait two seconds for scikit-learn.
"""

from __future__ import annotations

import sys

# Importing a group adds its commands to the app, in the order of the help.
# isort: off
from smarketing.cli import (  # noqa: F401
    data_commands,
    score_commands,
    card_commands,
    plan_commands,
    report_commands,
)

# isort: on
from smarketing.cli.shared import app
from smarketing.errors import SmarketingError


def main() -> None:
    """Run the command line; problems are told in words, with exit status 1 or 2."""
    try:
        app()
    except SmarketingError as error:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        sys.exit(error.exit_status)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        sys.exit(0)


__all__ = ["app", "main"]
