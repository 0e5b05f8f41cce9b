"""Parameters and what a simulator made of them: what everything is trained on and judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import BoolArray, FloatArray, IntArray
from offline.inference.prior import Prior

__all__ = ["Simulations"]


@dataclass(frozen=True, slots=True, eq=False)
class Simulations:
    """Pairs, all of them finite and inside the prior.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    theta : ndarray of float64, shape (n, d)
        Parameters.
    x : ndarray of float64, shape (n, k) or (n, m, k)
        What was observed: k numbers, or a set of up to m events of k numbers each.
    mask : ndarray of bool, shape (n, m), optional
        Which events of a set are there; all of them without. Sets only.

    Raises
    ------
    DataError
        If shapes do not agree, a number is not finite, or parameters are outside the prior.
    """

    prior: Prior
    theta: FloatArray
    x: FloatArray
    mask: BoolArray | None = None

    def __post_init__(self) -> None:
        self.prior.check(self.theta, "parameters of the simulations")
        if self.theta.ndim != 2 or self.x.ndim not in (2, 3) or len(self.x) != len(self.theta):
            msg = f"simulations need theta (n, d) and x (n, k) or (n, m, k), received {self.theta.shape} and {self.x.shape}"
            raise DataError(msg)
        if self.mask is not None and (self.x.ndim != 3 or self.mask.shape != self.x.shape[:2]):
            msg = f"a mask of shape {self.mask.shape} does not fit observations of shape {self.x.shape}"
            raise DataError(msg)
        present = self.x if self.mask is None else self.x[self.mask]
        if not np.isfinite(present).all():
            msg = "simulations hold numbers that are not finite; `simulate` says for which parameters"
            raise DataError(msg)

    def __len__(self) -> int:
        return len(self.theta)

    @property
    def sets(self) -> bool:
        """Whether an observation is a set of events."""
        return self.x.ndim == 3

    def rows(self, chosen: IntArray | BoolArray | slice) -> Simulations:
        """Some of them."""
        return Simulations(self.prior, self.theta[chosen], self.x[chosen], None if self.mask is None else self.mask[chosen])

    def split(self, share: float, rng: np.random.Generator) -> tuple[Simulations, Simulations]:
        """A random `share` of them, at least one, and the others."""
        order = rng.permutation(len(self))
        n = min(max(1, round(share * len(self))), len(self) - 1)
        return self.rows(order[:n]), self.rows(order[n:])

    def single_events(self) -> Simulations:
        """Each event of each set on its own, with the parameters of its set: of independent events they say the same."""
        if not self.sets:
            return self
        mask = np.ones(self.x.shape[:2], np.bool_) if self.mask is None else self.mask
        return Simulations(self.prior, np.repeat(self.theta, mask.sum(axis=1), axis=0), self.x[mask])
