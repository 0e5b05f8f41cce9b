"""Triangular discriminator of two weighted samples, and what statistics alone make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.sample import FloatArray
from offline.unfolding.spectrum import Binning

__all__ = ["Triangular", "bins_for", "triangular", "triangular_of_columns"]

_TAIL = 0.001
"""Share of the reference on either side that goes into the first and the last bin."""


@dataclass(frozen=True, slots=True)
class Triangular:
    """1/2 sum (p - q)^2 / (p + q) over bins (F. Topsoe, IEEE Trans. Inf. Theory 46 (2000) 1602), between 0 and 1.

    Parameters
    ----------
    value : float
        Of the two samples.
    floor : float
        Expectation of two samples of these sizes and weights from the same distribution.
    """

    value: float
    floor: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"value": self.value, "floor": self.floor}


def bins_for(values: FloatArray, weight: FloatArray, bins: int = 50) -> FloatArray:
    """Edges, shape (at most bins + 1,), equally wide between the outer thousandths of the reference `values`.

    A quantity of whole numbers gets edges half way between them: bins that hold unlike numbers of them would draw a comb.
    """
    order = np.argsort(values)
    share = np.cumsum(weight[order]) / weight.sum()
    first, last = np.searchsorted(share, [_TAIL, 1 - _TAIL])
    low, high = values[order[first]], values[order[min(last, len(order) - 1)]]
    if (values == np.rint(values)).all():
        step = max(1.0, np.ceil((high - low + 1) / bins))
        return np.arange(low - 0.5, high + step, step)
    if not high > low:
        return np.array([low - 0.5, low + 0.5])
    return np.linspace(low, high, bins + 1)


def triangular(one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray, edges: FloatArray) -> Triangular:
    """Of two samples of one quantity; what lies outside `edges` is counted in the outer bins.

    Parameters
    ----------
    one, two : ndarray of float64, shape (n,) and (m,)
        Values.
    one_weight, two_weight : ndarray of float64, shape (n,) and (m,)
        Weights; their totals do not matter.
    edges : ndarray of float64, shape (k + 1,)
        See `bins_for`.
    """
    return triangular_of_columns(_places(one, edges), one_weight, _places(two, edges), two_weight, edges.size - 1)


def _places(values: FloatArray, edges: FloatArray) -> NDArray[np.intp]:
    binning = Binning(("x",), (edges,))
    return binning.places(np.clip(values, edges[0], edges[-1])[:, None], ("x",))


def triangular_of_columns(
    one: NDArray[np.intp], one_weight: FloatArray, two: NDArray[np.intp], two_weight: FloatArray, n: int
) -> Triangular:
    """As `triangular` of samples whose bins, of `n`, are known.

    With shares p of a sample of fixed total W, the variance of p_i is (s_i (1 - 2 p_i) + p_i^2 sum s) / W^2, s_i being the sum of
    squared weights in the bin; to lowest order the expectation of (p - q)^2 is the sum of both variances.
    """
    (p, p_variance), (q, q_variance) = _shares(one, one_weight, n), _shares(two, two_weight, n)
    total = p + q
    filled = total > 0
    value = 0.5 * np.sum((p - q)[filled] ** 2 / total[filled])
    floor = 0.5 * np.sum((p_variance + q_variance)[filled] / total[filled])
    return Triangular(float(value), float(floor))


def _shares(places: NDArray[np.intp], weight: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Share of each bin and its variance, shape (n,)."""
    total = weight.sum()
    share = np.bincount(places, weight, n) / total
    squares = np.bincount(places, weight**2, n)
    return share, (squares * (1 - 2 * share) + share**2 * squares.sum()) / total**2
