"""Example: how well a coupling of an effective field theory is measured with Z + jet events, an energy scale being uncertain.

A network learns the ratio from reweighted events with joint labels; what it expects to exclude is compared with what the exact
likelihood and a histogram of transverse momenta would; toys say whether its intervals hold the truth as often as they promise,
and whether those of the exact likelihood do, on the same events: what is chance in one is the same chance in the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from l1ml._optional import require
from l1ml.progress import SILENT, Progress
from offline.density import Training
from offline.inference.arrays import FloatArray
from offline.inference.distributions import Uniform
from offline.inference.examples.coupling_result import CouplingResult
from offline.inference.examples.z_jet import ExactRatio, ZJet
from offline.inference.gold.labels import Gold, gold_of_events, joined
from offline.inference.gold.neural_gold import NeuralGold
from offline.inference.gold.settings import GoldNetwork
from offline.inference.gold.weighted_events import WeightedEvents
from offline.inference.normalised import NormalisedRatio
from offline.inference.nuisances import Nuisances
from offline.inference.prior import Prior
from offline.inference.rate import Rate

__all__ = ["CouplingStudy"]

_EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.1, np.inf])
"""Of the histogram of log pT."""

_REFERENCE = np.array([[c, 0.0] for c in (-1.0, -0.5, 0.0, 0.5, 1.0)])
"""The reference density of the ratio is the mean of these, in units of the largest coupling: it has events wherever some have."""

Likelihood = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""Logarithm of the likelihood at points (t, 2) of weighted events: observations (m, 2) and weights (m,); shape (t,)."""


@dataclass(frozen=True)
class CouplingStudy:
    """Settings.

    Parameters
    ----------
    model : ZJet
        The toy.
    samples : int
        Independent reweighted samples to learn from.
    generated, labelled : int
        Events of each of them before selection, and those with labels that are drawn from each.
    points : int
        Parameters in each of them that labels are made for.
    expected_events : float
        That the standard model makes in the data.
    toys : int
        For each true coupling.
    truths : tuple of float
        Couplings that toys are made with: none, and about the ends of what is expected.
    network : GoldNetwork
        What learns.
    seed : int
        Of every random number.
    """

    model: ZJet = field(default_factory=ZJet)
    samples: int = 4
    generated: int = 500_000
    labelled: int = 300_000
    points: int = 125
    expected_events: float = 1000.0
    toys: int = 300
    truths: tuple[float, ...] = (-0.09, 0.0, 0.07)
    network: GoldNetwork = field(default_factory=lambda: GoldNetwork(widths=(32, 32), training=Training(5000, 512, 4e-3)))
    seed: int = 1

    def run(self, progress: Progress = SILENT) -> CouplingResult:
        """Learn, expect, and throw toys."""
        rng = np.random.default_rng(self.seed)
        learnt = self._learnt(rng, progress).log_likelihoods
        methods: dict[str, Likelihood] = {"exact": self._exact, "learnt": learnt}
        x, weight = self._asimov()
        expected = {name: self._statistic(self._profiled(self._table(one, x, weight))) for name, one in methods.items()}
        expected["histogram"] = self._statistic(self._profiled(self._histogram()))
        # events that neither training nor the expectation has seen
        return CouplingResult(self.grid, expected, self._toys(methods, rng, progress))

    def _learnt(self, rng: np.random.Generator, progress: Progress) -> NormalisedRatio:
        """The learnt ratio to the standard model."""
        parts = []
        for part in range(self.samples):
            events = self.model.events(self.generated, rng)
            parts.append(self._labels(events, part, progress))
        found = NeuralGold(self.network).fit(joined(parts), seed=self.seed, progress=progress)
        return NormalisedRatio(found, np.zeros(2), events.x, events.weights_at(np.zeros(2)))

    def _labels(self, events: WeightedEvents, part: int, progress: Progress) -> Gold:
        """Labels of one sample, whose energy scales go as far as the profile looks."""
        reach, coupling = self.nuisances.reach, self.model.coupling
        wide = Prior({"c": Uniform(-coupling, coupling), "scale": Uniform(-reach, reach)})
        seed = int(np.random.SeedSequence((self.seed, part)).generate_state(1)[0])
        return gold_of_events(
            events, wide, _REFERENCE * coupling, self.labelled, points=self.points, seed=seed, progress=progress
        )

    @property
    def grid(self) -> FloatArray:
        """Couplings of the result, shape (g,)."""
        end = 0.98 * self.model.coupling
        return np.linspace(-end, end, 401)

    @property
    def nuisances(self) -> Nuisances:
        """The energy scale."""
        return Nuisances(self.model.prior, ("scale",), 7, reach=4.0)

    @property
    def _coarse(self) -> FloatArray:
        return np.linspace(self.grid[0], self.grid[-1], 13)

    @property
    def _points(self) -> FloatArray:
        """Where likelihoods are asked for, shape (13, 7, 2)."""
        return self.nuisances.points(self._coarse[:, None])

    @property
    def _rate(self) -> Rate:
        """Of all selected events."""
        lumi = self.expected_events / self.model.cross_section(np.zeros((1, 2)))[0]
        return Rate(lambda theta: lumi * self.model.cross_section(theta))

    def _asimov(self) -> tuple[FloatArray, FloatArray]:
        """Observations in the middles of small cells, and how many the standard model expects in each: no random numbers."""
        edges = np.linspace(self.model.threshold, self.model.high + 0.5, 201), np.linspace(-1.8, 1.8, 61)
        middles = [0.5 * (axis[1:] + axis[:-1]) for axis in edges]
        x = np.stack([axis.ravel() for axis in np.meshgrid(*middles, indexing="ij")], axis=1)
        weight = self.model.density(np.zeros((1, 2)), x)[0]
        return x, weight * self.expected_events / weight.sum()

    def _exact(self, theta: FloatArray, x: FloatArray, weight: FloatArray) -> FloatArray:
        return np.asarray(ExactRatio(self.model).log_ratios(theta, x) @ weight)

    def _table(self, likelihood: Likelihood, x: FloatArray, weight: FloatArray) -> FloatArray:
        """Logarithm of the likelihood of events and their number at all points, shape (13, 7)."""
        flat = self._points.reshape(-1, 2)
        return (likelihood(flat, x, weight) + self._rate.log_likelihood(flat, weight.sum())).reshape(self._points.shape[:2])

    def _histogram(self) -> FloatArray:
        """The same of counts in bins of pT as the standard model expects them."""
        scale = self.expected_events / self.model.cross_section(np.zeros((1, 2)))[0]
        rate = Rate(lambda theta: scale * self.model.selected(theta, _EDGES))
        counts = rate.expected(np.zeros((1, 2)))[0]
        return rate.log_likelihood(self._points.reshape(-1, 2), counts).reshape(self._points.shape[:2])

    def _profiled(self, table: FloatArray, measured: FloatArray | None = None) -> FloatArray:
        """Over the fine grid of couplings, shape (g,)."""
        values = self.nuisances.profiled(table, measured)
        return np.asarray(require("scipy.interpolate").CubicSpline(self._coarse, values)(self.grid))

    def _statistic(self, profiled: FloatArray) -> FloatArray:
        return np.asarray(2 * (profiled.max() - profiled))

    def _toys(
        self, methods: dict[str, Likelihood], rng: np.random.Generator, progress: Progress
    ) -> dict[str, dict[float, FloatArray]]:
        """Statistic at the truth; energy scales and what was measured of them differ from toy to toy."""
        pool = self.model.events(self.generated, rng)
        found: dict[str, dict[float, FloatArray]] = {name: {} for name in methods}
        progress.start("toys", len(self.truths) * self.toys)
        for truth in self.truths:
            rows = []
            for _ in range(self.toys):
                theta = np.array([truth, rng.normal()])
                share = pool.weights_at(theta)
                n = rng.poisson(self._rate.expected(theta[None])[0])
                x = pool.x[rng.choice(len(pool), n, p=share / share.sum())]
                measured = theta[1:] + rng.normal(size=1)
                tables = [self._table(one, x, np.ones(n)) for one in methods.values()]
                profiles = [self._profiled(table, measured) for table in tables]
                rows.append([np.interp(truth, self.grid, self._statistic(values)) for values in profiles])
                progress.advance()
            for name, column in zip(methods, np.transpose(rows), strict=True):
                found[name][truth] = column
        progress.finish()
        return found
