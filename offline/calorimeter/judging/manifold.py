"""Whether generated showers lie among the true ones, and whether all true ones have generated ones near them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from offline.calorimeter.judging.samples import BoolArray, FloatArray, check_pair

__all__ = ["Manifold", "manifold"]

_ROWS = 512


@dataclass(frozen=True, slots=True)
class Manifold:
    """Counts in balls around showers that reach to the k-th neighbour of the same sample.

    Parameters
    ----------
    precision, recall : float
        Share of the generated showers in a ball of the truth, and of the true ones in a ball of the generated
        (T. Kynkaanniemi et al., arXiv:1904.06991). About 0.7 each for equal samples in few dimensions, less in many.
    density, coverage : float
        Balls of the truth that a generated shower is in, over k, and share of the balls of the truth that hold a generated shower
        (M. Naeem et al., arXiv:2002.09797); one, and 1 - 2^-k, for equal samples of one size.
    """

    precision: float
    recall: float
    density: float
    coverage: float

    def to_dict(self) -> dict[str, float]:
        """Plain values for JSON."""
        return asdict(self)


def manifold(truth: FloatArray, generated: FloatArray, *, k: int = 5) -> Manifold:
    """Precision, recall, density and coverage in Euclidean distance; time and memory as (n + m)^2 d and n + m.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities on one scale: distances add them up as they are.
    k : int
        Neighbour that the balls reach to.

    Raises
    ------
    ConfigError
        If a sample has no k-th neighbour.
    """
    check_pair(truth, generated)
    if not 1 <= k < min(len(truth), len(generated)):
        msg = f"neighbour {k} does not exist among {len(truth)} and {len(generated)} showers"
        raise ConfigError(msg)
    true_radius, made_radius = _radii(truth, k), _radii(generated, k)
    held = np.zeros(len(generated), np.int64)
    recalled: BoolArray = np.zeros(len(truth), np.bool_)
    covered: BoolArray = np.zeros(len(truth), np.bool_)
    for start in range(0, len(truth), _ROWS):
        rows = slice(start, start + _ROWS)
        distance = _squared(truth[rows], generated)
        inside = distance < true_radius[rows, None]
        held += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (distance < made_radius).any(axis=1)
    return Manifold(float((held > 0).mean()), float(recalled.mean()), float(held.mean() / k), float(covered.mean()))


def _radii(values: FloatArray, k: int) -> FloatArray:
    """Squared distance of each row to its k-th neighbour, shape (n,)."""
    radii = np.empty(len(values))
    for start in range(0, len(values), _ROWS):
        rows = slice(start, start + _ROWS)
        distance = _squared(values[rows], values)
        # a row is no neighbour of its own, however the sums round
        distance[np.arange(len(distance)), np.arange(start, start + len(distance))] = -1.0
        radii[rows] = np.partition(distance, k, axis=1)[:, k]
    return radii


def _squared(one: FloatArray, two: FloatArray) -> NDArray[np.float64]:
    """Squared distances, shape (n, m)."""
    lengths = np.einsum("ij,ij->i", one, one)[:, None] + np.einsum("ij,ij->i", two, two)
    return np.asarray(np.maximum(lengths - 2 * one @ two.T, 0.0))
