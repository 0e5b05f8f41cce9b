"""Z + jet with one coupling of an effective field theory and an energy scale, in a detector whose likelihood is known.

A toy with the structure of the physics: a Z boson of large transverse momentum is polarised transversely or along its flight,
each with an amplitude; the operator adds to the amplitudes what grows with the square of the energy. The transverse momentum
falls as a power, the angle of the decay leptons tells the polarisations apart. Both are smeared, the momentum by a factor that is
log-normal, and then selected. Cross sections are squares of amplitudes that are linear in the coupling: three benchmarks say all.
A change of the energy scale moves the centre of a Gaussian: two nuisance benchmarks say all. Nothing is fitted to an experiment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from l1ml._optional import require
from offline.inference.arrays import FloatArray
from offline.inference.distributions import Normal, Uniform
from offline.inference.gold.morphing import Morphing
from offline.inference.gold.weighted_events import Response, WeightedEvents
from offline.inference.prior import Prior

__all__ = ["OBSERVABLES", "ExactRatio", "ZJet"]

OBSERVABLES = ("log_pt", "cos_theta")

_BENCHMARKS = np.array([[0.0], [1.0], [-1.0]])
"""In units of the largest coupling."""
_LONGITUDINAL = 0.6
"""Amplitude of the standard model for Z bosons polarised along their flight; the transverse one is 1."""

_GROWTH = (0.1, 0.3)
"""What the coupling adds to the transverse and to the longitudinal amplitude at 100 GeV."""


@dataclass(frozen=True)
class ZJet:
    """The toy. Transverse momenta stand as the logarithm of their ratio to 100 GeV.

    Parameters
    ----------
    slope : float
        Power with which the spectrum d sigma / d log pT falls.
    low, high : float
        Ends of the spectrum that is generated.
    threshold : float
        Least measured value that is selected.
    resolution, angle_resolution : float
        Standard deviations of the logarithm of the momentum, and of the cosine.
    scale : float
        One standard deviation of the energy scale, as a logarithm.
    coupling : float
        Largest size of the coupling that is looked at.
    """

    slope: float = 4.0
    low: float = -0.5
    high: float = 2.0
    threshold: float = 0.0
    resolution: float = 0.1
    angle_resolution: float = 0.15
    scale: float = 0.03
    coupling: float = 0.25

    @property
    def prior(self) -> Prior:
        """Of the coupling, flat, and of the energy scale, in standard deviations."""
        return Prior({"c": Uniform(-self.coupling, self.coupling), "scale": Normal(0.0, 1.0)})

    @property
    def morphing(self) -> Morphing:
        """Between three couplings."""
        return Morphing.of(("c",), (2,), _BENCHMARKS * self.coupling)

    def events(self, n: int, rng: np.random.Generator) -> WeightedEvents:
        """Selected ones of `n` generated events, whose weights at the benchmarks sum up to the selected cross section.

        The spectrum is generated with a third of the slope: large momenta, which say most, are common, and weights small.
        """
        flat = self.slope / 3
        share = rng.random(n)
        depth = 1 - np.exp(-flat * (self.high - self.low))
        u = self.low - np.log1p(-share * depth) / flat
        generated = flat * np.exp(-flat * (u - self.low)) / depth
        cosine = rng.uniform(-1, 1, n)
        couplings = self.morphing.benchmarks[:, 0]
        weights = self.spectrum(couplings, u, cosine).T / (n * 0.5 * generated[:, None])
        noise = rng.normal(0, self.resolution, n)
        x = np.stack([u + noise, cosine + rng.normal(0, self.angle_resolution, n)], axis=1)
        kept = x[:, 0] > self.threshold
        # log N(y - s nu) - log N(y) of a Gaussian, at the values that were seen
        linear, square = noise * self.scale / self.resolution**2, -0.5 * (self.scale / self.resolution) ** 2
        response = Response(("scale",), linear[kept, None], np.full((int(kept.sum()), 1), square))
        return WeightedEvents(OBSERVABLES, x[kept], weights[kept], self.morphing, response)

    def spectrum(self, c: FloatArray, u: FloatArray, cosine: FloatArray) -> FloatArray:
        """Cross section per log pT and cosine, shape (c, n)."""
        transverse, longitudinal = self._polarised(c, u)
        return np.asarray(transverse * _transverse(cosine) + longitudinal * _longitudinal(cosine))

    def density(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Selected cross section per measured log pT and cosine, shape (t, n), at parameters (t, 2) and observations (n, 2)."""
        u, weight = self._nodes
        transverse, longitudinal = self._polarised(theta[:, 0], u)
        angles, found = self._angles(x[:, 1]), np.empty((len(theta), len(x)))
        # smearing is what costs, and depends on the scale alone
        for scale in np.unique(theta[:, 1]):
            rows = theta[:, 1] == scale
            seen = _normal(x[:, 0] - (u + self.scale * scale)[:, None], self.resolution) * weight[:, None]
            found[rows] = (transverse[rows] @ seen) * angles[:, 0] + (longitudinal[rows] @ seen) * angles[:, 1]
        return np.where(x[:, 0] > self.threshold, found, 0.0)

    def cross_section(self, theta: FloatArray) -> FloatArray:
        """Selected cross section, shape (t,)."""
        return self.selected(theta, np.array([self.threshold, np.inf]))[:, 0]

    def selected(self, theta: FloatArray, edges: FloatArray) -> FloatArray:
        """Cross section in bins of the measured log pT, shape (t, b)."""
        u, weight = self._nodes
        below = require("scipy.special").ndtr
        centre = u[None] + self.scale * theta[:, 1:]
        share = np.diff(below((edges - centre[..., None]) / self.resolution), axis=-1)
        total = np.sum(self._polarised(theta[:, 0], u), axis=0) * weight
        return np.asarray((total[..., None] * share).sum(axis=1))

    @cached_property
    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """Gauss-Legendre points over the generated spectrum and their weights: exact for what is so smooth."""
        points, weight = np.polynomial.legendre.leggauss(200)
        half = 0.5 * (self.high - self.low)
        return self.low + half * (points + 1), half * weight

    def _polarised(self, c: FloatArray, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cross sections of the two polarisations per log pT, shape (c, n)."""
        falling, grown = self.slope * np.exp(-self.slope * (u - self.low)), np.exp(2 * u)
        amplitudes = (1 + c[:, None] * _GROWTH[0] * grown, _LONGITUDINAL + c[:, None] * _GROWTH[1] * grown)
        return falling * np.square(amplitudes[0]), falling * np.square(amplitudes[1])

    def _angles(self, measured: FloatArray) -> FloatArray:
        """Density of the measured cosine for both polarisations, shape (n, 2)."""
        cosine, weight = np.polynomial.legendre.leggauss(60)
        smear = _normal(measured[:, None] - cosine, self.angle_resolution) * weight
        return np.stack([smear @ _transverse(cosine), smear @ _longitudinal(cosine)], axis=1)


@dataclass(frozen=True, slots=True)
class ExactRatio:
    """The `LikelihoodRatio` of the toy without a network, against the standard model."""

    model: ZJet

    @property
    def prior(self) -> Prior:
        """Of the toy."""
        return self.model.prior

    def log_ratio(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Shape (n,), of parameters of shape (n, 2) and selected observations of shape (n, 2)."""
        points, place = np.unique(theta, axis=0, return_inverse=True)
        found = np.empty(len(x))
        for index, point in enumerate(points):
            rows = place.ravel() == index
            found[rows] = self.log_ratios(point[None], x[rows])[0]
        return found

    def log_ratios(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Of all parameters, shape (t, 2), with all observations: shape (t, n)."""
        both = np.concatenate([theta, np.zeros((1, 2))])
        logarithm = np.log(self.model.density(both, x)) - np.log(self.model.cross_section(both))[:, None]
        return np.asarray(logarithm[:-1] - logarithm[-1])


def _transverse(cosine: FloatArray) -> FloatArray:
    return np.asarray(0.375 * (1 + np.square(cosine)))


def _longitudinal(cosine: FloatArray) -> FloatArray:
    return np.asarray(0.75 * (1 - np.square(cosine)))


def _normal(difference: FloatArray, width: float) -> FloatArray:
    return np.asarray(np.exp(-0.5 * np.square(difference / width)) / (width * np.sqrt(2 * np.pi)))
