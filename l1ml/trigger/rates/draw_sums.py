"""Sums over the draws of quantities of a sample, that any number of batches can add to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.draws import Draws

__all__ = ["DrawSums"]


@dataclass(frozen=True, eq=False, slots=True)
class DrawSums:
    """Sums over draws of `k` quantities ``X_g = sum_{i in g} w_i p_i``, p the probability that a crossing passes.

    Parameters
    ----------
    total, squares, cross : ndarray of float64, shape (k,)
        ``sum_g X_g``, ``sum_g X_g^2`` and ``sum_g W_g X_g`` with the weight `W_g` of the whole draw.
    largest : ndarray of float64, shape (k,)
        Largest ``X_g``, 0 where there is none.
    n_events, n_groups : ndarray of int64, shape (k,)
        Crossings with a probability, and the draws that hold them.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    cross: NDArray[np.float64]
    largest: NDArray[np.float64]
    n_events: NDArray[np.int64]
    n_groups: NDArray[np.int64]

    @classmethod
    def zeros(cls, k: int) -> Self:
        """Sums over nothing."""
        none, no = np.zeros(k), np.zeros(k, dtype=np.int64)
        return cls(none, none.copy(), none.copy(), none.copy(), no, no.copy())

    @classmethod
    def of_entries(
        cls, column: NDArray[np.intp], row: NDArray[np.intp], probability: NDArray[np.float64], draws: Draws, k: int
    ) -> Self:
        """Sums of the `probability` (e,) of the quantity `column` (e,) in the crossing `row` (e,); zeros are no entries."""
        some = np.flatnonzero(probability)
        if some.size < probability.size:
            column, row, probability = column[some], row[some], probability[some]
        n_events = np.bincount(column, minlength=k)
        values = probability if draws.has_unit_weights else probability * draws.weight[row]
        draw = draws.draw[row]
        if not draws.are_single:
            keys, values = _merged(draw * k + column, values, k * draws.draw_weight.size)
            draw, column = keys // k, keys % k
        total = _column_sums(column, values, k)
        cross = total if draws.are_plain else _column_sums(column, values * draws.draw_weight[draw], k)
        largest = np.zeros(k)
        np.maximum.at(largest, column, values)
        n_groups = n_events if draws.are_single else np.bincount(column, minlength=k)
        return cls(total, _column_sums(column, np.square(values), k), cross, largest, n_events, n_groups)

    @classmethod
    def of_bits(cls, fired: NDArray[np.bool_], draws: Draws) -> Self:
        """Sums of algorithms that `fired` (k, n) in the crossings of `draws`."""
        n_events = np.count_nonzero(fired, axis=1)
        if draws.are_plain:
            n = n_events.astype(np.float64)
            return cls(n, n, n, np.minimum(n, 1.0), n_events, n_events)
        n_groups = np.array([np.unique(draws.draw[bits]).size for bits in fired], dtype=np.int64)
        return cls.of_draws(draws.per_draw(fired), draws.draw_weight, n_events, n_groups)

    @classmethod
    def of_draws(
        cls,
        per_draw: NDArray[np.float64],
        draw_weight: NDArray[np.float64],
        n_events: NDArray[np.int64],
        n_groups: NDArray[np.int64],
    ) -> Self:
        """Sums of ``X_g`` in `per_draw` (k, g), of which each draw weighs `draw_weight` (g,)."""
        squares = np.einsum("ij,ij->i", per_draw, per_draw)
        largest = per_draw.max(axis=1, initial=0.0)
        return cls(per_draw.sum(axis=1), squares, per_draw @ draw_weight, largest, n_events, n_groups)

    @classmethod
    def of_rows(cls, probability: NDArray[np.float64], draws: Draws) -> Self:
        """Sums of quantities with a `probability` (k, n) in every crossing."""
        k, n = probability.shape
        column, row = np.repeat(np.arange(k), n), np.tile(np.arange(n), k)
        return cls.of_entries(column, row, probability.ravel(), draws, k)

    def __add__(self, other: DrawSums) -> DrawSums:
        """Sums over both; no draw may be in both."""
        return DrawSums(
            self.total + other.total,
            self.squares + other.squares,
            self.cross + other.cross,
            np.maximum(self.largest, other.largest),
            self.n_events + other.n_events,
            self.n_groups + other.n_groups,
        )


def _column_sums(column: NDArray[np.intp], values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.bincount(column, values, minlength=k).astype(np.float64, copy=False)


def _merged(keys: NDArray[np.intp], values: NDArray[np.float64], size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Each of the `keys` (e,), all below `size`, once, with the sum of its `values`."""
    if size > 8 * keys.size:  # sorting is cheaper than an array of mostly nothing
        found, inverse = np.unique(keys, return_inverse=True)
        return found, _column_sums(inverse, values, found.size)
    found = np.flatnonzero(np.bincount(keys, minlength=size))
    return found, _column_sums(keys, values, size)[found]
