"""Sums over the draws of quantities of a sample, that batches can add to in any order: nothing is rounded on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.exact_sums import ExactSums

__all__ = ["DrawTally"]


@dataclass(frozen=True, eq=False, slots=True)
class DrawTally:
    """What `DrawSums` are rounded from.

    Parameters
    ----------
    total, squares, cross : ExactSums, shape (k,)
        As in `DrawSums`.
    largest : ndarray of float64, shape (k,)
        As in `DrawSums`.
    n_events, n_groups : ndarray of int64, shape (k,)
        As in `DrawSums`.
    """

    total: ExactSums
    squares: ExactSums
    cross: ExactSums
    largest: NDArray[np.float64]
    n_events: NDArray[np.int64]
    n_groups: NDArray[np.int64]

    @classmethod
    def zeros(cls, k: int) -> Self:
        """Sums over nothing."""
        none, no = ExactSums.zeros(k), np.zeros(k, dtype=np.int64)
        return cls(none, none, none, np.zeros(k), no, no)

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
        total = ExactSums.of_entries(column, values, k)
        cross = total if draws.are_plain else ExactSums.of_entries(column, values * draws.draw_weight[draw], k)
        largest = np.zeros(k)
        np.maximum.at(largest, column, values)
        n_groups = n_events if draws.are_single else np.bincount(column, minlength=k)
        return cls(total, ExactSums.of_entries(column, np.square(values), k), cross, largest, n_events, n_groups)

    @classmethod
    def of_bits(cls, fired: NDArray[np.bool_], draws: Draws) -> Self:
        """Sums of algorithms that `fired` (k, n) in the crossings of `draws`."""
        n_events = np.count_nonzero(fired, axis=1)
        if draws.are_plain:
            n = n_events.astype(np.float64)
            total = ExactSums.of_array(n)
            return cls(total, total, total, np.minimum(n, 1.0), n_events, n_events)
        column = np.repeat(np.arange(len(fired)), n_events)
        row = np.flatnonzero(fired) - column * fired.shape[1]
        return cls.of_entries(column, row, np.ones(row.size), draws, len(fired))

    @classmethod
    def of_rows(cls, probability: NDArray[np.float64], draws: Draws) -> Self:
        """Sums of quantities with a `probability` (k, n) in every crossing."""
        k, n = probability.shape
        column, row = np.repeat(np.arange(k), n), np.tile(np.arange(n), k)
        return cls.of_entries(column, row, probability.ravel(), draws, k)

    def __add__(self, other: DrawTally) -> DrawTally:
        """Sums over both; no draw may be in both."""
        return DrawTally(
            self.total + other.total,
            self.squares + other.squares,
            self.cross + other.cross,
            np.maximum(self.largest, other.largest),
            self.n_events + other.n_events,
            self.n_groups + other.n_groups,
        )

    @property
    def sums(self) -> DrawSums:
        """The sums, each rounded once."""
        exact = (self.total.floats, self.squares.floats, self.cross.floats)
        return DrawSums(*exact, self.largest, self.n_events, self.n_groups)


def _merged(keys: NDArray[np.intp], values: NDArray[np.float64], size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Each of the `keys` (e,), all below `size`, once, with the sum of its `values`."""
    if size > 8 * keys.size:  # sorting is cheaper than an array of mostly nothing
        found, inverse = np.unique(keys, return_inverse=True)
        return found, np.bincount(inverse, values, minlength=found.size).astype(np.float64, copy=False)
    found = np.flatnonzero(np.bincount(keys, minlength=size))
    return found, np.bincount(keys, values, minlength=size).astype(np.float64, copy=False)[found]
