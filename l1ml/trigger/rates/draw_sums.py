"""Sums over the draws of quantities of a sample, as they stand in a rate and its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

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
