"""Observations as networks read them: columns of order one; sets with what is there of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import BoolArray, FloatArray

__all__ = ["Scaling"]

_CORE = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Straight lines in the core, logarithms in the tails: an outlier is one, but does not rule.

    Parameters
    ----------
    centre, width : ndarray of float64, shape (k,)
        Median, and half of the central 68 %, or the standard deviation where that is nothing.
    slots : int
        Events in the largest set; 0 where observations are no sets.
    """

    centre: FloatArray
    width: FloatArray
    slots: int

    @staticmethod
    def of(x: FloatArray, mask: BoolArray | None = None) -> Scaling:
        """Scaling of observations of shape (n, k) or (n, m, k)."""
        slots = x.shape[1] if x.ndim == 3 else 0
        rows = x.reshape(-1, x.shape[-1]) if mask is None else x[mask]
        low, centre, high = np.quantile(rows, [0.1585, 0.5, 0.8415], axis=0)
        width = np.where(high > low, (high - low) / 2, rows.std(axis=0))
        return Scaling(centre, np.where(width > 0, width, 1.0), slots)

    def __call__(self, x: FloatArray) -> FloatArray:
        """Scaled columns, of the same shape."""
        pull = (x - self.centre) / self.width
        far = np.maximum(np.abs(pull) - _CORE, 0.0)
        return np.where(far > 0, np.sign(pull) * (_CORE + np.log1p(far)), pull)

    def distance(self, x: FloatArray, mask: BoolArray | None = None) -> FloatArray:
        """Largest number of widths from the median in each observation, shape (n,)."""
        pull = np.abs((x - self.centre) / self.width).max(axis=-1)
        if x.ndim == 2:
            return np.asarray(pull)
        return np.asarray((pull if mask is None else np.where(mask, pull, 0.0)).max(axis=1, initial=0.0))

    def inputs(self, x: FloatArray, mask: BoolArray | None = None) -> FloatArray:
        """Rows for a network, shape (n, k); of sets the events one after another, each with 1 if it is there, (n, m (k + 1)).

        Raises
        ------
        DataError
            If observations are of another kind or dimension, or a set has more events than any simulated one.
        """
        if x.ndim != (3 if self.slots else 2) or x.shape[-1] != len(self.centre):
            kind = f"(n, m, {len(self.centre)})" if self.slots else f"(n, {len(self.centre)})"
            msg = f"observations of shape {x.shape} are not what was simulated: expected {kind}"
            raise DataError(msg)
        if not self.slots:
            return self(x)
        present = np.ones(x.shape[:2], np.bool_) if mask is None else mask
        if (n := int(present.sum(axis=1).max(initial=0))) > self.slots:
            msg = f"a set of {n} events is larger than the largest simulated one, {self.slots}: simulate larger ones"
            raise DataError(msg)
        # those that are there first: then all sets fit into the slots
        order = np.argsort(~present, axis=1, kind="stable")[:, : self.slots]
        x, present = np.take_along_axis(x, order[..., None], axis=1), np.take_along_axis(present, order, axis=1)
        rows = np.zeros((len(x), self.slots, x.shape[2] + 1))
        rows[:, : x.shape[1], :-1] = np.where(present[..., None], self(np.where(present[..., None], x, 0.0)), 0.0)
        rows[:, : x.shape[1], -1] = present
        return rows.reshape(len(x), -1)

    def features(self, inputs: FloatArray) -> FloatArray:
        """What a straight line may depend on: the columns; of sets mean, spread and number, shape (n, f)."""
        if not self.slots:
            return inputs
        rows = inputs.reshape(len(inputs), self.slots, -1)
        present, n = rows[..., -1:], np.maximum(rows[..., -1:].sum(axis=1), 1.0)
        mean = (rows[..., :-1] * present).sum(axis=1) / n
        spread = np.sqrt((np.square(rows[..., :-1] - mean[:, None]) * present).sum(axis=1) / n)
        return np.concatenate([mean, spread, np.log(n)], axis=1)

    def arrays(self) -> dict[str, Any]:
        """For a file, by names that no other array of what is learnt has."""
        return {"scaling/centre": self.centre, "scaling/width": self.width, "scaling/slots": np.array(self.slots)}

    @staticmethod
    def from_arrays(arrays: Mapping[str, Any]) -> Scaling:
        """Inverse of `arrays`; others may be among them."""
        return Scaling(arrays["scaling/centre"], arrays["scaling/width"], int(arrays["scaling/slots"]))
