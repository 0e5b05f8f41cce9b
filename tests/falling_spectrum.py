"""A falling spectrum with a bump whose density is known: what an ideal memory of the stream would say."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.bump_hunt import BumpHunt

__all__ = ["HUNT", "FallingSpectrum"]

HUNT = BumpHunt.even(0, 1, 50, (0.36, 0.44))
"""The window holds two standard deviations of the bump."""


@dataclass(frozen=True, slots=True)
class FallingSpectrum:
    """exp(-slope x) on [0, 1), and a share of signal at `mean`."""

    signal: float
    slope: float = 4.0
    mean: float = 0.4
    width: float = 0.02

    def draw(self, n: int, seed: int) -> NDArray[np.float64]:
        """Shape (n, 1)."""
        rng = np.random.default_rng(seed)
        x = -np.log1p(rng.random(n) * np.expm1(-self.slope)) / self.slope
        signal = rng.random(n) < self.signal
        x[signal] = rng.normal(self.mean, self.width, np.count_nonzero(signal))
        return x[:, None]

    def below(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distribution function."""
        bump = np.array([(1 + erf((value - self.mean) / self.width / sqrt(2))) / 2 for value in x])
        return (1 - self.signal) * np.expm1(-self.slope * x) / np.expm1(-self.slope) + self.signal * bump
