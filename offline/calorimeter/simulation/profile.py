"""Profiles of electromagnetic showers as Grindhammer and Peters parametrise them (GFLASH, arXiv:hep-ex/0001020).

Lengths are in radiation lengths and Moliere radii, energies in GeV. The numbers are those of the paper, checked against the
tuning classes of GFLASH in Geant4. Where the parametrisation leaves its range at low energies, values are held at the limits that
Geant4 has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from offline.calorimeter.simulation.stack import Stack

__all__ = ["LongitudinalProfile", "RadialProfile", "draw_profile"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LongitudinalProfile:
    """Energy and spots along a shower: gamma distributions of the depth.

    Parameters
    ----------
    shape : float
        alpha of the energy.
    maximum : float
        T, depth of the maximum in radiation lengths.
    mean_shape : float
        exp(<ln alpha>) of showers of this energy.
    spot_shape, spot_maximum : float
        The same of the number of spots, which reach deeper or less deep than the energy.
    """

    shape: float
    maximum: float
    mean_shape: float
    spot_shape: float
    spot_maximum: float

    def energy(self, depth: FloatArray) -> FloatArray:
        """Share of the energy before `depth` in radiation lengths."""
        return _before(self.shape, self.maximum, depth)

    def spots(self, depth: FloatArray) -> FloatArray:
        """Share of the spots before `depth`."""
        return _before(self.spot_shape, self.spot_maximum, depth)

    def tau(self, depth: FloatArray) -> FloatArray:
        """`depth` relative to the centre of gravity, as the radial profiles count it (sect. 4)."""
        mean = self.mean_shape / (self.mean_shape - 1)
        return depth / self.maximum * (self.shape - 1) / self.shape * mean


def _before(shape: float, maximum: float, depth: FloatArray) -> FloatArray:
    """Cumulated gamma distribution."""
    return np.asarray(require("scipy.special").gammainc(shape, (shape - 1) / maximum * depth))


def draw_profile(stack: Stack, energy: float, rng: np.random.Generator) -> LongitudinalProfile:
    """Profile of one shower of `energy` in GeV: ln alpha and ln T are normal and correlated (sect. 2.2 and 3.2)."""
    log_y = float(np.log(1000.0 * energy / stack.critical_energy))
    normal = rng.standard_normal(2)
    mean = np.array([max(log_y - 0.812, 0.1), max(0.81 + (0.458 + 2.26 / stack.z) * log_y, 0.1)])
    width = _width(-1.4, 1.26, log_y), _width(-0.58, 0.86, log_y)
    deep, steep = _drawn(mean, width, 0.705 - 0.023 * log_y, normal)
    if not stack.is_sampling:
        # a gamma distribution has its maximum behind the front face for shapes above one
        shape, maximum = max(steep, 1.1), max(deep, 0.5)
        spots = max(shape * (0.639 + 0.00334 * stack.z), 1.1), max(maximum * (0.698 + 0.00212 * stack.z), 0.5)
        return LongitudinalProfile(shape, maximum, max(float(mean[1]), 1.1), *spots)
    less = np.array([-0.55 / stack.frequency - 0.69 * (1 - stack.electron_signal), -0.476 / stack.frequency])
    # Geant4 has 0.1 for the smallest logarithm
    sampled = np.exp(np.maximum(np.log(np.maximum(mean + less, 0.1)), 0.1))
    width = _width(-2.5, 1.25, log_y), _width(-0.82, 0.79, log_y)
    maximum, shape = _drawn(sampled, width, 0.784 - 0.023 * log_y, normal)
    spots = max(steep * (0.844 + 0.0026 * stack.z), 1.1), max(deep * (0.813 + 0.0019 * stack.z), 0.5)
    return LongitudinalProfile(max(shape, 1.1), max(maximum, 1.0), float(sampled[1]), *spots)


def _width(constant: float, slope: float, log_y: float) -> float:
    """Standard deviation of a logarithm, at most 0.5."""
    return float(1 / max(constant + slope * log_y, 2.0))


def _drawn(mean: FloatArray, width: tuple[float, float], correlation: float, normal: FloatArray) -> tuple[float, float]:
    """T and alpha, log-normal about `mean` with `width` and `correlation`, from two standard normal numbers."""
    same, apart = np.sqrt((1 + correlation) / 2) * normal[0], np.sqrt((1 - correlation) / 2) * normal[1]
    return float(mean[0] * np.exp(width[0] * (same + apart))), float(mean[1] * np.exp(width[1] * (same - apart)))


@dataclass(frozen=True, slots=True)
class RadialProfile:
    """A core and a tail, both 2 r R^2 / (r^2 + R^2)^2, at each of n depths.

    Parameters
    ----------
    core, tail : ndarray of float64, shape (n,)
        R of both, in Moliere radii.
    weight : ndarray of float64, shape (n,)
        Share of the core.
    """

    core: FloatArray
    tail: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, stack: Stack, energy: float, tau: FloatArray) -> RadialProfile:
        """Mean profile at the depths `tau` of a shower of `energy` in GeV (sect. 2.3 and 3.3)."""
        log_e = np.log(energy)
        core = 0.0251 + 0.00319 * log_e + (0.1162 - 0.000381 * stack.z) * tau
        exponents = -2.59, 0.3585 + 0.0412 * log_e
        tail = (0.659 - 0.00309 * stack.z) * sum(np.exp(np.minimum(k * (tau - 0.645), 50.0)) for k in exponents)
        way = (0.401 + 0.00187 * stack.z - tau) / (1.313 - 0.0686 * log_e)
        weight = (2.632 - 0.00094 * stack.z) * np.exp(way - np.exp(way))
        if stack.is_sampling:
            less, often = 1 - stack.electron_signal, np.exp(-tau) / stack.frequency
            core = core - 0.0203 * less + 0.0397 * often
            tail = tail - 0.14 * less - 0.495 * often
            weight = weight + less * (0.348 - 0.642 * np.exp(-np.square(tau - 1)) / stack.frequency)
        return cls(np.maximum(core, 0.01), np.maximum(tail, 0.02), np.clip(weight, 0.0, 1.0))

    def within(self, radius: FloatArray, at: NDArray[np.int64]) -> FloatArray:
        """Share within `radius` in Moliere radii, shape (..., m), at those of the depths that `at`, shape (m,), picks."""
        square = np.square(radius)
        core, tail = (square / (square + np.square(scale)[at]) for scale in (self.core, self.tail))
        weight = self.weight[at]
        return np.asarray(weight * core + (1 - weight) * tail)
