"""The mass of the top quark from hadronic decays as a detector sees them, the jet energy scale being found by the W boson.

A toy: top quarks with a transverse momentum decay to a b quark and a W boson and that to two quarks, all isotropic and with
Breit-Wigner masses. Energies of the three jets are smeared and multiplied with a scale that is not known; which jet is which is
only known as far as a tag of b quarks tells. What is asked for is the mass, whatever the scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.inference.arrays import FloatArray
from offline.inference.distributions import Normal, Uniform
from offline.inference.examples.decays import mass_of, two_body
from offline.inference.prior import Prior

__all__ = ["TopDecays"]

_W_MASS, _W_WIDTH, _B_MASS, _TOP_WIDTH = 80.4, 2.1, 4.8, 1.4
"""GeV."""


@dataclass(frozen=True)
class TopDecays:
    """A `Simulator` of sets of events.

    Parameters
    ----------
    events : int
        Of an observation.
    momentum : float
        Mean transverse momentum of top quarks, GeV.
    stochastic, constant : float
        Resolution of jets: stochastic / sqrt(E / GeV) and constant, added in squares.
    tagged : float
        Probability that the tag names the right jet; otherwise one of the others.
    scale : float
        Standard deviation of what is believed of the energy scale before any data.
    """

    events: int = 100
    momentum: float = 100.0
    stochastic: float = 0.8
    constant: float = 0.05
    tagged: float = 0.8
    scale: float = 0.02

    @property
    def prior(self) -> Prior:
        """Of the mass in GeV, flat, and of the energy scale."""
        return Prior({"mass": Uniform(165.0, 180.0), "scale": Normal(1.0, self.scale)})

    def __call__(self, theta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Masses in GeV of all three jets and of the two that are not tagged, shape (n, events, 2)."""
        shape = (len(theta), self.events)
        top_mass = _breit_wigner(np.broadcast_to(theta[:, :1], shape), _TOP_WIDTH, (120.0, 230.0), rng)
        w_mass = _breit_wigner(np.full(shape, _W_MASS), _W_WIDTH, (60.0, 110.0), rng)
        top = self._top(top_mass, rng)
        b_jet, w_boson = two_body(top, top_mass, (np.full(shape, _B_MASS), w_mass), rng)
        jets = np.stack([b_jet, *two_body(w_boson, w_mass, (np.zeros(shape), np.zeros(shape)), rng)], axis=-2)
        energy = jets[..., 0]
        response = 1 + rng.standard_normal(energy.shape) * np.hypot(self.stochastic / np.sqrt(energy), self.constant)
        jets = jets * (np.maximum(response, 0.1) * theta[:, 1, None, None])[..., None]
        wrong = np.where(rng.random(shape) < self.tagged, 0, rng.integers(1, 3, shape))
        untagged = jets.sum(axis=-2) - np.take_along_axis(jets, wrong[..., None, None], axis=-2)[..., 0, :]
        return np.stack([mass_of(jets.sum(axis=-2)), mass_of(untagged)], axis=-1)

    def _top(self, mass: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Four-momenta across the beam: boosts along it change no mass."""
        transverse, phi = rng.exponential(self.momentum, mass.shape), rng.uniform(-np.pi, np.pi, mass.shape)
        energy = np.hypot(mass, transverse)
        return np.stack([energy, transverse * np.cos(phi), transverse * np.sin(phi), np.zeros(mass.shape)], axis=-1)


def _breit_wigner(peak: FloatArray, width: float, ends: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    """Masses of a Lorentz curve between two ends."""
    low, high = (np.arctan(2 * (end - peak) / width) for end in ends)
    return np.asarray(peak + 0.5 * width * np.tan(low + (high - low) * rng.random(peak.shape)))
