"""Kernel physics distance: a polynomial maximum mean discrepancy of two samples, without bias."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from offline.calorimeter.judging.frechet import normalised
from offline.calorimeter.judging.samples import FloatArray, check_pair

__all__ = ["KernelDistance", "kernel_physics_distance", "polynomial_discrepancy"]

_ROWS = 1024


@dataclass(frozen=True, eq=False, slots=True)
class KernelDistance:
    """A kernel distance over batches.

    Parameters
    ----------
    value : float
        Median of the batches; around zero for equal parents, of either sign.
    error : float
        Half the distance of the quantiles 16.275 and 83.725 per cent of the batches, as published: the spread of one batch.
    batches : ndarray of float64, shape (batches,)
        Each.
    size : int
        Showers in a batch.
    """

    value: float
    error: float
    batches: FloatArray
    size: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"value": self.value, "error": self.error, "batches": self.batches.tolist(), "size": self.size}


def kernel_physics_distance(
    truth: FloatArray, generated: FloatArray, *, batches: int = 10, size: int = 10_000, seed: int = 1
) -> KernelDistance:
    """KPD (arXiv:2211.10295): median over batches of the unbiased quadratic discrepancy with the kernel (x y / d + 1)^4.

    No shower is twice in a batch, as it is in the public code, where it meets itself and adds to the distance.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities of showers; each is divided by its largest absolute value in the truth.
    batches, size : int
        Batches and most showers of one; never more than half of the smaller sample, so that batches differ.
    seed : int
        Of the batches.

    Raises
    ------
    ConfigError
        If there is no batch or a batch of one shower.
    """
    check_pair(truth, generated, least=8)
    size = min(size, len(truth) // 2, len(generated) // 2)
    if batches < 1 or size < 2:
        msg = f"a kernel distance needs batches of two showers or more, received {batches} of {size}"
        raise ConfigError(msg)
    pools = normalised(truth, generated)
    rng = np.random.default_rng(seed)
    drawn = ([pool[rng.choice(len(pool), size, replace=False)] for pool in pools] for _ in range(batches))
    values = np.array([polynomial_discrepancy(one, two) for one, two in drawn])
    low, high = np.quantile(values, [0.16275, 0.83725])
    return KernelDistance(float(np.median(values)), float(high - low) / 2, values, size)


def polynomial_discrepancy(one: FloatArray, two: FloatArray) -> float:
    """Unbiased quadratic maximum mean discrepancy (A. Gretton et al., JMLR 13 (2012) 723, eq. 3) of shape (n, d) and (m, d)."""
    n, m = len(one), len(two)
    across = sum(_kernel(block, two).sum() for _, block in _blocks(one))
    return float(_pairs(one) / (n * (n - 1)) + _pairs(two) / (m * (m - 1)) - 2 * across / (n * m))


def _kernel(one: FloatArray, two: FloatArray) -> FloatArray:
    """(x y / d + 1)^4, shape (n, m), in place: it is most of the time."""
    values = one @ two.T
    values /= one.shape[1]
    values += 1
    np.square(values, out=values)
    return np.square(values, out=values)


def _pairs(one: FloatArray) -> float:
    """Sum of the kernel over all ordered pairs of different rows."""
    total = 0.0
    for start, block in _blocks(one):
        near = _kernel(block, block)
        total += near.sum() - np.trace(near)
        total += 2 * _kernel(block, one[start + len(block) :]).sum()
    return float(total)


def _blocks(values: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    return ((start, values[start : start + _ROWS]) for start in range(0, len(values), _ROWS))
