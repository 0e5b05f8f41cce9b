"""Whether a few events carry the result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["WeightQuality", "weight_quality"]


@dataclass(frozen=True, slots=True)
class WeightQuality:
    """Weights in figures.

    Parameters
    ----------
    n : int
        Events.
    total : float
        Sum of the weights.
    effective : float
        (sum w)^2 / sum w^2 (Kish): so many events of equal weight would have the same statistical power.
    largest : float
        Share of the total in the event of the largest weight.
    largest_percent : float
        Share of the total in the one percent of the events with the largest weights; 0.01 if all are equal.
    zero, negative : int
        Events of such weights.
    quantiles : tuple of float
        Smallest weight, 1, 16, 50, 84 and 99 percent, and the largest one, in units of the mean.
    edges : tuple of float
        160 bins of equal ratio between 10^-4 and 10^4 means; the outer ones have what lies beyond.
    counts : tuple of int
        Events of positive weight in each.
    """

    n: int
    total: float
    effective: float
    largest: float
    largest_percent: float
    zero: int
    negative: int
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def weight_quality(weight: FloatArray) -> WeightQuality:
    """Of weights of shape (n,) whose total is positive."""
    falling, total = np.sort(weight)[::-1], float(weight.sum())
    relative = weight / weight.mean()
    edges = np.logspace(-4, 4, 161)
    counts = np.histogram(np.clip(relative[relative > 0], edges[0], edges[-1]), edges)[0]
    return WeightQuality(
        n=weight.size,
        total=total,
        effective=total**2 / float(np.square(weight).sum()),
        largest=float(falling[0]) / total,
        largest_percent=float(falling[: max(1, weight.size // 100)].sum()) / total,
        zero=int((weight == 0).sum()),
        negative=int((weight < 0).sum()),
        quantiles=tuple(float(value) for value in np.quantile(relative, [0, 0.01, 0.16, 0.5, 0.84, 0.99, 1])),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
    )
