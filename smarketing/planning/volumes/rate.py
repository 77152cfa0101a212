"""A chance per trial, known exactly or as sure as the counts behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rate:
    """A chance per trial: what was counted, or a value known exactly.

    Attributes
    ----------
    successes, trials : float
        The evidence; the posterior is Beta(successes + 1/2, failures + 1/2).
    exact : float or None
        The rate itself, when it is given instead of counted.

    Examples
    --------
    >>> Rate(5, 20).mean, Rate.known(0.25).draw(2, np.random.default_rng(0)).tolist()
    (0.2619047619047619, [0.25, 0.25])
    """

    successes: float = 0.0
    trials: float = 0.0
    exact: float | None = None

    @classmethod
    def known(cls, rate: float) -> Rate:
        """Return a rate without doubt."""
        return cls(exact=float(rate))

    @property
    def mean(self) -> float:
        """The posterior mean."""
        if self.exact is not None:
            return self.exact
        return (self.successes + 0.5) / (max(self.trials, self.successes) + 1)

    def draw(self, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of the rate, shape (draws,)."""
        if self.exact is not None:
            return np.full(draws, self.exact)
        failures = max(self.trials - self.successes, 0.0)
        return rng.beta(self.successes + 0.5, failures + 0.5, draws)
