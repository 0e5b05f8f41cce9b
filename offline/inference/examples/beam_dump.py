"""Axion-like particles behind a beam dump, decaying to two photons in a long empty volume in front of a calorimeter.

A toy after arXiv:2308.01353: particles leave the dump nearly along the beam, live for a proper time, and are seen if they decay
inside the volume with both photons in the calorimeter, which measures energies, places and, poorly, directions. Mass and lifetime
are to be found from ten such events. Sizes are those of a generic experiment, and of none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.inference.arrays import FloatArray, IntArray
from offline.inference.distributions import LogUniform
from offline.inference.examples.decays import two_body
from offline.inference.prior import Prior

__all__ = ["BeamDump"]


@dataclass(frozen=True)
class BeamDump:
    """A `Simulator` of sets of events; lengths in m, energies in GeV.

    Parameters
    ----------
    events : int
        Of an observation.
    energy, spread : float
        Median of the energy of the particles, and standard deviation of its logarithm.
    slope : float
        Mean transverse momentum.
    start, end, calorimeter : float
        Ends of the decay volume and place of the calorimeter, from the dump.
    radius : float
        Of the calorimeter.
    threshold : float
        Least energy of a photon.
    candidates : int
        Decays of which each event is chosen, with the probability to be seen.
    """

    events: int = 10
    energy: float = 60.0
    spread: float = 0.6
    slope: float = 0.3
    start: float = 30.0
    end: float = 80.0
    calorimeter: float = 85.0
    radius: float = 3.0
    threshold: float = 1.0
    candidates: int = 32

    @property
    def prior(self) -> Prior:
        """Of the mass in GeV and of the lifetime, as a length in m."""
        return Prior({"mass": LogUniform(0.05, 1.0), "lifetime": LogUniform(0.003, 3.0)})

    def __call__(self, theta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """What the calorimeter sees of each event, shape (n, events, 6).

        Logarithms of both measured energies, the larger first; distance of the photons at the calorimeter and of their centre of
        energy from the beam; logarithm of the measured opening angle; place of the decay, from distance and angle.
        """
        shape = (len(theta), self.events, self.candidates)
        mass = np.broadcast_to(theta[:, :1, None], shape)
        momentum = self._produced(mass, rng)
        photons = np.stack(two_body(momentum, mass, (np.zeros(shape), np.zeros(shape)), rng), axis=-2)
        place, log_chance = self._decayed(momentum, mass, theta[:, 1, None, None], rng)
        hits = self._hits(momentum, photons, place)
        seen = (np.linalg.norm(hits, axis=-1) < self.radius).all(axis=-1) & (photons[..., 0] > self.threshold).all(axis=-1)
        # an event that nothing can see is far less likely, not impossible: a simulator always answers
        chosen = _chosen(np.where(seen, log_chance, log_chance - 50.0), rng)
        return self._measured(_taken(photons, chosen), _taken(hits, chosen), rng)

    def _produced(self, mass: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Four-momenta of the particles."""
        energy = self.energy * np.exp(self.spread * rng.standard_normal(mass.shape)) + 2 * mass
        transverse = np.minimum(rng.exponential(self.slope, mass.shape), 0.5 * energy)
        phi = rng.uniform(-np.pi, np.pi, mass.shape)
        along = np.sqrt(np.square(energy) - np.square(mass) - np.square(transverse))
        return np.stack([energy, transverse * np.cos(phi), transverse * np.sin(phi), along], axis=-1)

    def _decayed(
        self, momentum: FloatArray, mass: FloatArray, lifetime: FloatArray, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Where each one decays inside the volume, and the logarithm of the probability that it does."""
        length = lifetime * momentum[..., 3] / mass
        depth = -np.expm1(-(self.end - self.start) / length)
        place = self.start - length * np.log1p(-rng.random(mass.shape) * depth)
        return place, -self.start / length + np.log(depth)

    def _hits(self, momentum: FloatArray, photons: FloatArray, place: FloatArray) -> FloatArray:
        """Where photons meet the calorimeter, shape (..., 2, 2); far outside those that fly backwards."""
        vertex = momentum[..., 1:3] / momentum[..., 3:] * place[..., None]
        forward = np.maximum(photons[..., 3], 1e-6)
        left = (self.calorimeter - place)[..., None, None]
        return np.asarray(vertex[..., None, :] + photons[..., 1:3] / forward[..., None] * left)

    def _measured(self, photons: FloatArray, hits: FloatArray, rng: np.random.Generator) -> FloatArray:
        """With resolutions of 10 % / sqrt(E) and 1 % for energies, 5 mm for places and 2 mrad for the opening angle."""
        energy = photons[..., 0] * (1 + rng.standard_normal(hits.shape[:-1]) * np.hypot(0.1 / np.sqrt(photons[..., 0]), 0.01))
        energy, hits = np.maximum(energy, 0.1), hits + rng.normal(0, 0.005, hits.shape)
        distance = np.linalg.norm(hits[..., 0, :] - hits[..., 1, :], axis=-1)
        centre = np.linalg.norm((energy[..., None] * hits).sum(axis=-2) / energy.sum(axis=-1, keepdims=True), axis=-1)
        slopes = photons[..., 1:3] / np.maximum(photons[..., 3:], 1e-6)
        angle = np.linalg.norm(slopes[..., 0, :] - slopes[..., 1, :] + rng.normal(0, 0.002, (*slopes.shape[:-2], 2)), axis=-1)
        place = np.clip(self.calorimeter - distance / np.maximum(angle, 1e-4), 0.0, self.calorimeter)
        ordered = np.sort(np.log(energy), axis=-1)[..., ::-1]
        return np.concatenate([ordered, np.stack([distance, centre, np.log(np.maximum(angle, 1e-4)), place], axis=-1)], axis=-1)


def _chosen(log_weight: FloatArray, rng: np.random.Generator) -> IntArray:
    """One of the last axis with these weights: the largest with Gumbel noise (E. J. Gumbel, 1954)."""
    return np.asarray(np.argmax(log_weight + rng.gumbel(size=log_weight.shape), axis=-1))


def _taken(values: FloatArray, chosen: IntArray) -> FloatArray:
    """The chosen candidates of shape (n, events, candidates, ...)."""
    index = chosen.reshape(*chosen.shape, *[1] * (values.ndim - 2))
    return np.take_along_axis(values, index, axis=2).squeeze(axis=2)
