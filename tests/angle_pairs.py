"""Two objects an event, of which only the correlation differs between simulation and nature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.unfolding import Objects, Simulation, Unfolded
from offline.unfolding.sample import FloatArray


@dataclass(frozen=True, slots=True)
class AnglePairs:
    """Two objects with pt and phi; the density of nature over that of simulation is 1 + strength * cos(difference in phi).

    Nothing about one object differs, and neither does the column ``pt``, that of the harder one. The detector turns each object
    by N(0, smear^2) and sees it with the chance `efficiency`: events with one object, and with none, are measured, too.
    """

    strength: float = 0.8
    smear: float = 0.4
    efficiency: float = 0.9

    def sample(self, n: int, rng: np.random.Generator, *, nature: bool) -> Simulation:
        """`n` events of nature or of simulation."""
        grid = np.linspace(-np.pi, np.pi, 4001)
        rising = grid + np.pi + (self.strength * np.sin(grid) if nature else 0.0)
        first = rng.uniform(-np.pi, np.pi, n)
        phi = np.stack([first, first + np.interp(rng.uniform(0, 2 * np.pi, n), rising, grid)], axis=1)
        pt = rng.lognormal(0.0, 0.5, (n, 2))
        seen = rng.random((n, 2)) < self.efficiency
        turned = phi + rng.normal(0.0, self.smear, (n, 2))
        # what stands in the slots of lost objects must not matter
        turned[~seen] = np.nan
        return Simulation(
            gen=pt.max(axis=1, keepdims=True),
            reco=np.where(seen, pt, 0.0).max(axis=1, keepdims=True),
            weight=np.ones(n),
            pass_gen=np.ones(n, np.bool_),
            pass_reco=np.ones(n, np.bool_),
            event=rng.integers(0, 2**63, n, dtype=np.uint64),
            gen_names=("pt",),
            reco_names=("pt",),
            gen_objects=_objects(pt, phi, np.ones((n, 2), np.bool_)),
            reco_objects=_objects(pt, turned, seen),
        )

    def correlation(self, iterations: int) -> FloatArray:
        """Mean cosine of the difference after each iteration of OmniFold at infinite statistics, shape (iterations,).

        OmniFold is expectation maximisation there, done on a grid of differences; events without a seen pair keep the prior.
        """
        size = 512
        difference = 2 * np.pi * np.arange(size) / size
        wave = np.fft.fftfreq(size, 1 / size)
        blur, seen = np.exp(-np.square(wave * self.smear)), self.efficiency**2

        def smeared(density: FloatArray) -> FloatArray:
            return np.asarray(np.fft.ifft(np.fft.fft(density) * blur).real)

        measured = smeared(1 + self.strength * np.cos(difference))
        weight, found = np.ones(size), []
        for _ in range(iterations):
            weight = weight * (seen * smeared(measured / smeared(weight)) + 1 - seen)
            found.append(np.mean(weight * np.cos(difference)))
        return np.array(found)


def _objects(pt: FloatArray, phi: FloatArray, valid: np.ndarray) -> Objects:
    return Objects(np.stack([pt, phi], axis=2), valid, ("pt", "phi"), ("phi",))


def mean_cosine(mc: Simulation, unfolded: Unfolded) -> FloatArray:
    """The same of a result that was unfolded with `mc`, shape (iterations,)."""
    assert mc.gen_objects is not None
    assert unfolded.iterations is not None
    phi = mc.gen_objects.column("phi")[mc.pass_gen]
    cosine = np.cos(phi[:, 1] - phi[:, 0])
    return np.asarray(unfolded.iterations @ cosine / unfolded.iterations.sum(axis=1))
