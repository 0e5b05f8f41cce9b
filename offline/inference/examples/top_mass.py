"""Example: the mass of the top quark from decays to three jets at reconstruction level, an energy scale of jets being uncertain.

A network learns the ratio of likelihoods of single candidates from samples of many masses, each candidate seen with several
energy scales. Pseudo-experiments, each a sample of its own, with a mass and a scale of its own, say how well the mass is known
from all candidates of one of them and whether intervals hold the truth; fits of histograms are asked about the same candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from l1ml._optional import require
from l1ml.progress import SILENT, Progress
from offline.density import Training
from offline.inference.arrays import FloatArray
from offline.inference.distributions import Normal, Uniform
from offline.inference.examples.templates import Binning, Templates
from offline.inference.examples.top_mass_result import MassFit, TopMassResult
from offline.inference.examples.top_pairs import TopPairs, make_samples
from offline.inference.networks.settings import RatioNetwork
from offline.inference.neural_ratio import LearntRatio, NeuralRatio
from offline.inference.neyman import log_likelihoods, pairs_of
from offline.inference.nuisances import Nuisances
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

__all__ = ["TopMassStudy"]

_MASSES, _SCALES = (162.0, 183.0), (0.95, 1.05)
"""That are learnt from: GeV, and factors; wider than what is asked for, or intervals would end at the border."""
_TRUTHS = (166.0, 179.0)
_NORMALISING = 20_000
"""Candidates that normalise the learnt ratio."""

Likelihood = Callable[[FloatArray], FloatArray]
"""Logarithm of the likelihood of candidates, shape (n, 4), at all points that are asked for; shape (g, f)."""


@dataclass(frozen=True)
class TopMassStudy:
    """Settings.

    Parameters
    ----------
    folder : Path
        Where samples are kept.
    pairs : TopPairs
        Their conditions.
    learnt, judged : int
        Samples to learn from, and others that are pseudo-experiments.
    copies : int
        Energy scales that each candidate is learnt with.
    scale : float
        Standard deviation of what is believed of the energy scale before any data.
    network : RatioNetwork
        What learns.
    workers : int
        Processes that generate.
    seed : int
        Of every random number.
    """

    folder: Path
    pairs: TopPairs = field(default_factory=TopPairs)
    learnt: int = 150
    judged: int = 100
    copies: int = 6
    scale: float = 0.01
    network: RatioNetwork = field(
        default_factory=lambda: RatioNetwork(widths=(32, 32), members=5, training=Training(4000, 512, 4e-3))
    )
    workers: int = 1
    seed: int = 1

    def run(self, progress: Progress = SILENT) -> TopMassResult:
        """Generate, learn, measure."""
        rng = np.random.default_rng((self.seed, 0))
        (low, high), n = _MASSES, self.learnt
        masses = low + (high - low) * (rng.permutation(n) + rng.random(n)) / n
        truths = rng.uniform(*_TRUTHS, self.judged)
        samples, judged = (self._samples(part, values, progress) for part, values in enumerate((masses, truths)))
        simulations = self._seen(masses, samples, rng)
        methods = self._methods(simulations, progress)
        scales = np.maximum(1 + self.scale * rng.standard_normal(self.judged), _SCALES[0])
        seen = [self.pairs.observed(rows, value)[0] for rows, value in zip(judged, scales, strict=True)]
        fits = {name: self._fit(one, seen, progress) for name, one in methods.items()}
        return TopMassResult(self._fine, truths, scales, np.array([len(x) for x in seen]), fits, simulations)

    def _samples(self, part: int, masses: FloatArray, progress: Progress) -> list[FloatArray]:
        return make_samples(self.pairs, masses, self.folder, (self.seed, part), workers=self.workers, progress=progress)

    def _seen(self, masses: FloatArray, samples: list[FloatArray], rng: np.random.Generator) -> Simulations:
        """Candidates with the mass of their sample and energy scales of their own."""
        rows = np.repeat(np.concatenate(samples), self.copies, axis=0)
        mass = np.repeat(np.repeat(masses, [len(sample) for sample in samples]), self.copies)
        scale = rng.uniform(*_SCALES, len(rows))
        x, passed = self.pairs.observed(rows, scale)
        prior = Prior({"mass": Uniform(*_MASSES), "scale": Uniform(*_SCALES)})
        return Simulations(prior, np.stack([mass, scale], axis=1)[passed], x)

    def _methods(self, simulations: Simulations, progress: Progress) -> dict[str, Likelihood]:
        """Likelihoods, all from the same candidates; the templates know one or two of their four masses."""
        points = self.nuisances.points(self._coarse[:, None])
        ratio = NeuralRatio(self.network).fit(simulations, seed=self.seed, progress=progress)
        theta, x = simulations.theta, simulations.x
        one, two = (Templates.of(Binning.of(x, bins), theta, x) for bins in ({0: 24}, {0: 12, 1: 6}))
        return {
            "learnt": _learnt(ratio, points, x[:: max(1, len(x) // _NORMALISING)]),
            "three-jet mass": lambda seen: one.log_likelihood(points, seen),
            "three-jet and pair mass": lambda seen: two.log_likelihood(points, seen),
        }

    def _fit(self, likelihood: Likelihood, seen: list[FloatArray], progress: Progress) -> MassFit:
        """The mass of each pseudo-experiment, the scale being profiled, and what is left of the uncertainty of the scale."""
        progress.start("pseudo-experiments", len(seen))
        profiles, widths, nuisances = [], [], self.nuisances
        for x in seen:
            table = likelihood(x)
            spline = require("scipy.interpolate").CubicSpline(self._coarse, nuisances.profiled(table))
            profiles.append(spline(self._fine))
            widths.append(nuisances.widths(table)[0])
            progress.advance()
        progress.finish()
        values = np.array(profiles)
        return MassFit(2 * (values.max(axis=1, keepdims=True) - values), self.scale * np.array(widths))

    @property
    def nuisances(self) -> Nuisances:
        """The energy scale, as it is believed to be."""
        prior = Prior({"mass": Uniform(*_MASSES), "scale": Normal(1.0, self.scale)})
        return Nuisances(prior, ("scale",), 7, reach=4.0)

    @property
    def _coarse(self) -> FloatArray:
        """Where likelihoods are asked for; short of the ends of the prior, at which it has no scores."""
        return np.linspace(_MASSES[0] + 1e-6, _MASSES[1] - 1e-6, 22)

    @property
    def _fine(self) -> FloatArray:
        return np.linspace(self._coarse[0], self._coarse[-1], 841)


def _learnt(ratio: LearntRatio, points: FloatArray, x: FloatArray) -> Likelihood:
    """`Likelihood` of a learnt ratio whose mean over `x`, some of what was learnt from, is made one at all points.

    Of hundreds of candidates a factor of a part in a thousand that is wrong counts as much as the data.
    """
    flat = points.reshape(-1, points.shape[-1])
    factors = np.log(np.exp(pairs_of(ratio, flat, x)).mean(axis=0))
    return lambda seen: (log_likelihoods(ratio, flat, seen) - len(seen) * factors).reshape(points.shape[:-1])
