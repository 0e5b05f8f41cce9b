"""Quantities on one scale, with their tails drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from l1ml.errors import DataError
from offline.unfolding.sample import FloatArray

__all__ = ["Scaling"]

_REACH = 4.0
"""Standard deviations up to which the scale is linear, so that Gaussians keep an exactly quadratic log ratio; it is
logarithmic beyond, because the square of a far tail would steer a quadratic form."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """Mean and standard deviation of each quantity, arrays of shape (d,)."""

    mean: FloatArray
    width: FloatArray

    @classmethod
    def of(cls, values: FloatArray, weight: FloatArray) -> Self:
        """Scale of `values`, shape (n, d), with the absolute `weight`, shape (n,).

        Raises
        ------
        DataError
            If a quantity is constant: it cannot tell anything apart.
        """
        share = np.abs(weight) / np.abs(weight).sum()
        mean = share @ values
        width = np.sqrt(share @ np.square(values - mean))
        constant = np.flatnonzero(width <= 1e-12 * (1 + np.abs(mean)))
        if constant.size:
            msg = f"quantity {constant[0]} is {mean[constant[0]]:g} in every event: leave out what is constant"
            raise DataError(msg)
        return cls(mean, width)

    def __call__(self, values: FloatArray) -> FloatArray:
        """Scaled `values`, shape (n, d)."""
        scaled = (values - self.mean) / self.width
        beyond = np.abs(scaled) - _REACH
        if not (beyond > 0).any():
            return scaled
        drawn_in = np.copysign(_REACH + np.log1p(np.maximum(beyond, 0)), scaled)
        return np.where(beyond > 0, drawn_in, scaled)
