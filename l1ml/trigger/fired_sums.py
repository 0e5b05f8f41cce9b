"""Sums over the firings of algorithms and of pairs of them, before any prescale."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.draws import Draws
from l1ml.trigger.weighted_fraction import DrawSums

__all__ = ["FiredSums", "PairSums"]

Matrix = NDArray[np.float64]


class PairSums(NamedTuple):
    """Sums over pairs of algorithms a and b, shape (k, k) each.

    `counts` are the crossings in which both fire, `weights` the sum of their weights, `products` the sum over draws of
    ``X_ga X_gb`` with the firing weight ``X_ga`` of algorithm a in draw g.
    """

    counts: Matrix
    weights: Matrix
    products: Matrix


class FiredSums:
    """Sums over batches of firings, of each of `k` algorithms and of each pair; memory does not grow with the crossings."""

    def __init__(self, k: int) -> None:
        self.single = DrawSums.zeros(k)
        self._plain = np.zeros((k, k))  # crossings that are draws of weight one: their three sums are the same
        self._pairs = tuple(np.zeros((k, k)) for _ in PairSums._fields)

    @property
    def pairs(self) -> PairSums:
        """Sums over pairs."""
        return PairSums(*(self._plain + matrix for matrix in self._pairs))

    def add(self, fired: NDArray[np.bool_], draws: Draws) -> None:
        """Add the bits `fired` (k, n) of the crossings of `draws`, at most 2^24, those of a draw next to each other."""
        active = np.flatnonzero(fired.any(axis=1))
        bits = fired[active]
        both = _counts(bits)
        where = np.ix_(active, active)
        if draws.are_single and draws.has_unit_weights:
            self._plain[where] += both
            sums = _of_counts(np.diag(both))
        else:
            weighted = bits * draws.weight
            starts = np.flatnonzero(np.diff(draws.draw, prepend=-1))
            per_draw = np.add.reduceat(weighted, starts, axis=1)
            parts = PairSums(both, weighted @ bits.T, per_draw @ per_draw.T)
            for matrix, part in zip(self._pairs, parts, strict=True):
                matrix[where] += part
            n_groups = np.logical_or.reduceat(bits, starts, axis=1).sum(axis=1)
            sums = _of_draws(per_draw, draws.draw_weight[draws.draw[starts]], np.diag(both), n_groups)
        self.single = self.single + _spread(sums, active, len(fired))


def _counts(bits: NDArray[np.bool_]) -> Matrix:
    """Crossings in which both of each pair fire; single precision holds every count up to 2^24."""
    values = bits.astype(np.float32)
    return (values @ values.T).astype(np.float64)


def _of_counts(n: Matrix) -> DrawSums:
    """Sums over `n` (k,) draws of one crossing of weight one for each algorithm."""
    whole = n.astype(np.int64)
    return DrawSums(n, n, n, np.minimum(n, 1.0), whole, whole)


def _of_draws(per_draw: Matrix, weight: Matrix, n_events: Matrix, n_groups: NDArray[np.int64]) -> DrawSums:
    """Sums of the firing weights `per_draw` (k, g) in draws of `weight` (g,)."""
    squares = np.einsum("ij,ij->i", per_draw, per_draw)
    largest = per_draw.max(axis=1, initial=0.0)
    return DrawSums(per_draw.sum(axis=1), squares, per_draw @ weight, largest, n_events.astype(np.int64), n_groups)


def _spread(sums: DrawSums, active: NDArray[np.intp], k: int) -> DrawSums:
    """The `sums` of the `active` algorithms among zeros of the others."""
    whole = DrawSums.zeros(k)
    for name in DrawSums.__dataclass_fields__:
        getattr(whole, name)[active] = getattr(sums, name)
    return whole
