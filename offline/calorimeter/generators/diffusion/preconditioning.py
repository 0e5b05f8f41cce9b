"""What stands around the network (arXiv:2206.00364, eq. 7 and table 1, for data of width one), whatever the noise is.

D = skip x + out F(scaled x, clock), where F is the network: its inputs and its targets have the width one at all times. Where
noise preserves the variance, F is the velocity of arXiv:2202.00512 with its sign turned round, and where the path is straight,
its error is that of the velocity of flow matching over sqrt(mean^2 + std^2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.diffusion.noise import Noise

__all__ = ["Preconditioning"]

_CLOCK = 7.0
"""Largest |ln level| that the network is told: beyond, there is nothing but noise, or none."""


@dataclass(frozen=True, eq=False, slots=True)
class Preconditioning:
    """Factors at some times, all of the shape of the times.

    Parameters
    ----------
    scale : ndarray of float32
        Of x, before the network.
    skip : ndarray of float32
        Of x, beside it.
    out : ndarray of float32
        Of what the network gives; 0 where there is no noise, so that D is x there.
    clock : ndarray of float32
        The time as the network sees it, a quarter of ln level.
    """

    scale: NDArray[np.float32]
    skip: NDArray[np.float32]
    out: NDArray[np.float32]
    clock: NDArray[np.float32]

    @classmethod
    def of(cls, noise: Noise, times: NDArray[Any]) -> Self:
        """At `times`, in [0, end]."""
        mean, std = np.asarray(noise.mean(times), np.float64), np.asarray(noise.std(times), np.float64)
        norm = np.hypot(mean, std)
        with np.errstate(divide="ignore"):
            level = np.clip(np.log(std) - np.log(mean), -_CLOCK, _CLOCK)
        return cls(*(part.astype(np.float32) for part in (1 / norm, mean / norm**2, std / norm, 0.25 * level)))

    def denoised(self, x: NDArray[Any], found: NDArray[Any]) -> NDArray[Any]:
        """D of what the network has `found`."""
        return np.asarray(self._wide(self.skip, x) * x + self._wide(self.out, x) * found)

    def target(self, x: NDArray[Any], clean: NDArray[Any]) -> NDArray[Any]:
        """What the network should find so that D is `clean`; there must be some noise."""
        return np.asarray((clean - self._wide(self.skip, x) * x) / self._wide(self.out, x))

    def scaled(self, x: NDArray[Any]) -> NDArray[Any]:
        """What the network sees of x."""
        return np.asarray(self._wide(self.scale, x) * x)

    def _wide(self, factor: NDArray[np.float32], x: NDArray[Any]) -> NDArray[np.float32]:
        """One factor for each row of `x`, or one for all of them."""
        return factor.reshape(factor.shape + (1,) * (x.ndim - factor.ndim)) if factor.ndim else factor
