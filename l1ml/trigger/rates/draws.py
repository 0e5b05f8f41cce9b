"""Draws: the independent collisions behind the crossings of a batch, with their weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import DataError

__all__ = ["Draws", "check_weights"]


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """Weight and draw of each crossing of a batch.

    Parameters
    ----------
    weight : ndarray of float64, shape (n,)
        Weight of each crossing.
    draw : ndarray of int64, shape (n,)
        Index of its draw.
    draw_weight : ndarray of float64, shape (n_draws,)
        Weight of each draw.
    are_single : bool
        Whether every draw has one crossing.
    has_unit_weights : bool
        Whether every weight is one.
    """

    weight: NDArray[np.float64]
    draw: NDArray[np.int64]
    draw_weight: NDArray[np.float64]
    are_single: bool
    has_unit_weights: bool

    @classmethod
    def of(cls, n: int, weight: ArrayLike | None = None, draw: ArrayLike | None = None) -> Self:
        """Draws of `n` crossings; without `weight` (n,) each counts once, without `draw` (n,) each is its own draw.

        Raises
        ------
        DataError
            Weights that are negative or not finite; not one weight and one draw for each crossing.
        """
        weights = np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64)
        labels = None if draw is None else np.asarray(draw)
        if weights.shape != (n,) or (labels is not None and labels.shape != (n,)):
            received = f"{weights.shape} weights" + ("" if labels is None else f" and {labels.shape} draws")
            msg = f"{n} crossings need one weight and one draw each, received {received}"
            raise DataError(msg)
        if weight is not None:
            check_weights(weights)
        if labels is None:
            return cls(weights, np.arange(n), weights, are_single=True, has_unit_weights=weight is None)
        found, index = np.unique(labels, return_inverse=True)
        sums = np.bincount(index, weights, minlength=found.size).astype(np.float64, copy=False)
        return cls(weights, index.astype(np.int64), sums, found.size == n, weight is None)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return int(self.weight.size)

    @property
    def are_plain(self) -> bool:
        """Whether each crossing is a draw of weight one."""
        return self.are_single and self.has_unit_weights

    def per_draw(self, fired: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weight in each draw of the crossings in which each algorithm `fired` (k, n), shape (k, n_draws)."""
        rows = (np.flatnonzero(bits) for bits in fired)
        sums = [np.bincount(self.draw[row], self.weight[row], minlength=self.draw_weight.size) for row in rows]
        return np.array(sums, dtype=np.float64).reshape(len(fired), self.draw_weight.size)

    def select(self, rows: slice | NDArray[np.intp]) -> Draws:
        """The crossings `rows`; each draw keeps its whole weight."""
        return Draws(self.weight[rows], self.draw[rows], self.draw_weight, self.are_single, self.has_unit_weights)

    def pieces(self, size: int) -> Iterator[tuple[slice | NDArray[np.intp], Draws]]:
        """Rows and draws of all crossings in pieces of about `size`; the crossings of a draw follow each other in one piece."""
        in_order = bool((np.diff(self.draw) >= 0).all())
        order = None if in_order else np.argsort(self.draw, kind="stable")
        starts = np.flatnonzero(np.diff(self.draw if order is None else self.draw[order], prepend=-1))
        first_draws = np.unique(np.searchsorted(starts, np.arange(0, self.n, size), side="right") - 1)
        for first, last in pairwise([*first_draws.tolist(), starts.size]):
            stop = int(starts[last]) if last < starts.size else self.n
            rows = slice(int(starts[first]), stop) if order is None else order[starts[first] : stop]
            part = self.select(rows)
            yield rows, replace(part, draw=part.draw - first, draw_weight=self.draw_weight[first:last])


def check_weights(weights: NDArray[np.float64]) -> None:
    """Refuse weights that are negative or not finite.

    Raises
    ------
    DataError
        If one is.
    """
    if not np.isfinite(weights).all() or (weights < 0).any():
        msg = (
            f"weights must be finite, not negative and not all zero; received values from {weights.min()!r} to {weights.max()!r}"
        )
        raise DataError(msg)
