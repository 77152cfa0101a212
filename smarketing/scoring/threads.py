"""Learning on one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import ThreadpoolController

_POOLS = ThreadpoolController()


def one_thread() -> AbstractContextManager[object]:
    """Let the libraries compute on one thread, as long as the block runs.

    On a busy machine threads that wait for each other took seven times as long as one alone.
    """
    return _POOLS.limit(limits=1)
