"""Gaussian toys, of which everything that an unfolding should give is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml.errors import ConfigError
from offline.unfolding.sample import FloatArray, Simulation

__all__ = ["GaussianToy", "em_moments"]


@dataclass(frozen=True, slots=True)
class GaussianToy:
    """Truth z of the simulation N(0, 1), of nature N(shift, width^2); the detector adds N(0, smear^2).

    The defaults are the toy of AUSSIE (arXiv:2602.24282), where ten iterations of OmniFold leave a third of the shift.

    Parameters
    ----------
    smear : float
        Resolution in units of the width of the simulated truth; positive.
    shift, width : float
        Mean and standard deviation of the truth of nature.
    misses : float
        Share of true events that are not reconstructed, in [0, 1); independent of z.
    fakes : float
        Share of reconstructed events that have no true one, in [0, 1); N(0, 1 + smear^2) in both simulation and nature.
    """

    smear: float = 3.0
    shift: float = 0.2
    width: float = 0.9
    misses: float = 0.0
    fakes: float = 0.0

    def __post_init__(self) -> None:
        if not (self.smear > 0 and self.width > 0 and 0 <= self.misses < 1 and 0 <= self.fakes < 1):
            msg = f"smear and width must be positive, misses and fakes in [0, 1), received {self}"
            raise ConfigError(msg)

    def simulation(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` simulated true events, and the fakes that come with them."""
        return self._draw(n, 0.0, 1.0, rng)

    def nature(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` true events of nature, and fakes, with their truth; ``.measured()`` is what the detector sees of them."""
        return self._draw(n, self.shift, self.width, rng)

    def experiment(self, n: float, rng: np.random.Generator) -> Simulation:
        """Nature where `n` true events are expected: Poisson numbers of true events and of fakes, independent of each other."""
        return self._draw(int(rng.poisson(n)), self.shift, self.width, rng, n * (1 - self.misses))

    def _draw(self, n: int, mean: float, width: float, rng: np.random.Generator, expected: float | None = None) -> Simulation:
        """`n` true events; fakes for as many reconstructed ones as are `expected`, or as there are."""
        truth = rng.normal(mean, width, n)
        seen = rng.random(n) >= self.misses
        reco = truth + rng.normal(0.0, self.smear, n)
        n_fakes = rng.poisson((seen.sum() if expected is None else expected) * self.fakes / (1 - self.fakes))
        fake = np.arange(n + n_fakes) >= n
        reco = np.concatenate([reco, rng.normal(0.0, np.hypot(1.0, self.smear), n_fakes)])
        return Simulation(
            gen=np.where(fake, 0.0, np.resize(truth, fake.size))[:, None],
            reco=reco[:, None],
            weight=np.ones(fake.size),
            pass_gen=~fake,
            pass_reco=np.concatenate([seen, np.ones(n_fakes, np.bool_)]),
            event=rng.integers(0, 2**63, fake.size, dtype=np.uint64),
            gen_names=("z",),
            reco_names=("x",),
        )


def em_moments(
    smear: float, prior: tuple[float, float], measured: tuple[float, float], iterations: int
) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation after each iteration of OmniFold at infinite statistics, arrays of shape (iterations,).

    OmniFold (arXiv:1911.09107) is expectation maximisation there. With a prior z ~ N(m, s^2), x = z + N(0, smear^2) and
    K = s^2 / (s^2 + smear^2), an iteration gives m' = m + K (mean of x - m) and s'^2 = s^2 (1 - K) + K^2 (variance of x), where K
    of the next iteration follows from s'. Without misses and fakes.

    Parameters
    ----------
    smear : float
        Resolution.
    prior : tuple of float
        Mean and standard deviation of the simulated truth.
    measured : tuple of float
        Mean and standard deviation of the measured events.
    iterations : int
        How many.
    """
    mean, variance = prior[0], prior[1] ** 2
    means, widths = np.empty(iterations), np.empty(iterations)
    for index in range(iterations):
        gain = variance / (variance + smear**2)
        mean, variance = mean + gain * (measured[0] - mean), variance * (1 - gain) + gain**2 * measured[1] ** 2
        means[index], widths[index] = mean, np.sqrt(variance)
    return means, widths
