"""What a simulation says of the detector, in bins: response, efficiency and fakes, with their statistical errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.classical.binning import Grid
from offline.unfolding.sample import FloatArray, Measured, Simulation

__all__ = ["Histogram", "ResponseMatrix", "histogram"]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Weight in each bin, and the sum of squared weights, which is its variance; both of shape (n bins,)."""

    values: FloatArray
    variance: FloatArray


def histogram(grid: Grid, data: Measured) -> Histogram:
    """Measured events in the bins of `grid`."""
    number = grid.number(data.reco)
    return Histogram(_sums(number, data.weight, grid.size), _sums(number, np.square(data.weight), grid.size))


@dataclass(frozen=True, eq=False)
class ResponseMatrix:
    """Simulated events by their bins at both levels, and the squares of their weights.

    Parameters
    ----------
    both, both_variance : ndarray of float64, shape (n_reco, n_gen)
        Events that pass at both levels.
    missed, missed_variance : ndarray of float64, shape (n_gen,)
        Events that pass at generation only.
    fake, fake_variance : ndarray of float64, shape (n_reco,)
        Events that pass at reconstruction only.
    shape : tuple of int
        Number of bins of each generated quantity: which bins are neighbours.
    """

    both: FloatArray
    both_variance: FloatArray
    missed: FloatArray
    missed_variance: FloatArray
    fake: FloatArray
    fake_variance: FloatArray
    shape: tuple[int, ...]

    @classmethod
    def of(cls, mc: Simulation, gen: Grid, reco: Grid) -> Self:
        """Fill it with simulated events."""
        both, missed, fake = mc.pass_both, mc.pass_gen & ~mc.pass_reco, mc.pass_reco & ~mc.pass_gen
        cell = reco.number(mc.reco[both]) * gen.size + gen.number(mc.gen[both])
        gen_bin, reco_bin = gen.number(mc.gen[missed]), reco.number(mc.reco[fake])
        joint = [_sums(cell, mc.weight[both] ** power, reco.size * gen.size).reshape(reco.size, gen.size) for power in (1, 2)]
        lost = [_sums(gen_bin, mc.weight[missed] ** power, gen.size) for power in (1, 2)]
        made_up = [_sums(reco_bin, mc.weight[fake] ** power, reco.size) for power in (1, 2)]
        return cls(joint[0], joint[1], lost[0], lost[1], made_up[0], made_up[1], gen.shape)

    @cached_property
    def gen(self) -> FloatArray:
        """Events that pass at generation, shape (n_gen,): the prior."""
        return np.asarray(self.both.sum(axis=0) + self.missed)

    @cached_property
    def reco_total(self) -> float:
        """Weight of all events that pass at reconstruction."""
        return float(self.both.sum() + self.fake.sum())

    @cached_property
    def matrix(self) -> FloatArray:
        """P(reconstructed in bin j | generated in bin i), shape (n_reco, n_gen); a bin without simulated events has zeros."""
        return np.divide(self.both, self.gen, out=np.zeros_like(self.both), where=self.gen > 0)

    @cached_property
    def error(self) -> FloatArray:
        """Statistical error of `matrix`, shape (n_reco, n_gen).

        Of a ratio p = a / (a + c) with independent a and c: var p = ((1 - p)^2 var a + p^2 var c) / (a + c)^2, which is
        p (1 - p) / n for weights of one.
        """
        p = self.matrix
        other = self.both_variance.sum(axis=0) + self.missed_variance - self.both_variance
        scale = np.divide(1.0, self.gen, out=np.zeros_like(self.gen), where=self.gen > 0)
        return np.asarray(np.sqrt(np.square(1 - p) * self.both_variance + np.square(p) * other) * scale)

    @cached_property
    def efficiency(self) -> FloatArray:
        """P(reconstructed | generated in bin i), shape (n_gen,)."""
        return np.asarray(self.matrix.sum(axis=0))

    def varied(self, rng: np.random.Generator) -> Self:
        """The same simulation with other statistics: for the error that comes from its size."""
        return type(self)(
            _varied(self.both, self.both_variance, rng), self.both_variance,
            _varied(self.missed, self.missed_variance, rng), self.missed_variance,
            _varied(self.fake, self.fake_variance, rng), self.fake_variance, self.shape,
        )  # fmt: skip


def _sums(number: NDArray[np.int64], weight: FloatArray, bins: int) -> FloatArray:
    """Weight in each bin, shape (bins,)."""
    return np.bincount(number, weight, bins).astype(np.float64)


def _varied(sums: FloatArray, squares: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Sums of weights drawn again, with the mean `sums` and the variance `squares`.

    Scaled Poisson (Bohm, Zech, arXiv:1309.1287), which is exact for equal weights; normal where weights cancel.
    """
    scale = np.divide(squares, sums, out=np.ones_like(sums), where=sums > 0)
    drawn = scale * rng.poisson(np.where(sums > 0, sums / scale, 0.0))
    return np.asarray(np.where(sums > 0, drawn, sums + np.sqrt(squares) * rng.standard_normal(sums.shape)))
