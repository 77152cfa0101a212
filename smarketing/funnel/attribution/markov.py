"""The removal effect: how much less often journeys convert if a campaign were not there."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

_COLUMNS_AT_ONCE = 256


def removal_effects(moves: sparse.spmatrix) -> np.ndarray:
    """Return by which part conversions fall if one campaign leads nowhere.

    Journeys are a Markov chain from a start over campaigns to *won* or *lost*. With h the chance
    of winning from each campaign and N = (I − Q)⁻¹, a journey ever comes by campaign c with
    chance s·N[:, c] / N[c, c]; without c all of these are lost, so the part lost is that chance
    times h[c], over the chance of winning at all (Anderl, Becker, von Wangenheim and Schumann
    2016, section 3.2). One sparse factorisation serves all campaigns.

    Parameters
    ----------
    moves : scipy.sparse matrix, shape (campaigns + 1, campaigns + 2)
        How often each row is followed by each column. Rows: the campaigns, then the start.
        Columns: the campaigns, then won, then lost. Every campaign that is entered is left.

    Returns
    -------
    numpy.ndarray of float, shape (campaigns,)
        In [0, 1]; zero for all where nothing is won.

    Examples
    --------
    >>> moves = sparse.csr_array([[0, 1, 1, 0], [0, 0, 1, 1], [2, 1, 0, 0]])
    >>> removal_effects(moves).round(3).tolist()
    [0.75, 0.5]
    """
    moves = sparse.csr_array(moves, dtype=float)
    n = moves.shape[0] - 1
    leaving = np.asarray(moves.sum(axis=1)).ravel()
    chances = sparse.diags_array(1 / np.where(leaving > 0, leaving, 1)) @ moves
    chances = sparse.csc_array(chances)
    start = chances[[n], :].toarray().ravel()
    solved = splu(sparse.csc_matrix(sparse.eye_array(n, format="csc") - chances[:n, :n]))
    winning = solved.solve(chances[:n, [n]].toarray().ravel())
    whole = start[:n] @ winning + start[n]
    effects = np.zeros(n)
    if whole <= 0:
        return effects
    for first in range(0, n, _COLUMNS_AT_ONCE):
        block = np.arange(first, min(first + _COLUMNS_AT_ONCE, n))
        units = np.zeros((n, len(block)))
        units[block, np.arange(len(block))] = 1
        visits = solved.solve(units)
        seen = start[:n] @ visits / visits[block, np.arange(len(block))]
        effects[block] = seen * winning[block] / whole
    return effects.clip(0, 1)
