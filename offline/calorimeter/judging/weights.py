"""Weights that would make generated showers true, and where they are far from one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.judging.samples import FloatArray, IndexArray

__all__ = ["THRESHOLDS", "Tail", "WeightTest", "weight_test"]

THRESHOLDS = (0.01, 0.1, 0.9, 0.99)
"""Chances to be true that open the tails (R. Das et al., arXiv:2305.16774): weights of 1/99, 1/9, 9, 99."""

_EDGES = np.logspace(-4, 4, 65)


@dataclass(frozen=True, slots=True)
class Tail:
    """One tail of the weights.

    Parameters
    ----------
    chance : float
        Threshold; below one half the tail of smaller chances, above that of larger ones.
    truth, generated : float
        Share of the judged showers of either sample in it.
    expected : float
        Share of the generated ones that the true ones and their weights stand for: mean of 1/w over truth in the tail. Far from
        `generated`, the weights are not to be believed.
    """

    chance: float
    truth: float
    generated: float
    expected: float

    @property
    def weight(self) -> float:
        """The same threshold as a weight."""
        return self.chance / (1 - self.chance)


@dataclass(frozen=True, eq=False, slots=True)
class WeightTest:
    """w = D / (1 - D) of both samples, with D the calibrated chance to be true.

    Small weights on generated showers are such as truth does not have; large ones on true showers are such as the generator
    misses, which no weight on generated showers can show.

    Parameters
    ----------
    tails : tuple of Tail
        At each of the thresholds.
    mean, mean_error : float
        Of the weights of generated showers; one if the weights are right.
    effective : float
        (sum w)^2 / sum w^2 of the generated showers, over their number: what reweighting would leave of them.
    edges, truth, generated : ndarray of float64, shapes (k + 1,), (k,), (k,)
        Histogram of the weights, counts.
    invented, missed : ndarray of int64
        Rows of the generated showers with the smallest weights, and of the true ones with the largest; worst first.
    """

    tails: tuple[Tail, ...]
    mean: float
    mean_error: float
    effective: float
    edges: FloatArray
    truth: NDArray[np.int64]
    generated: NDArray[np.int64]
    invented: IndexArray
    missed: IndexArray

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        tails = [
            {"chance": t.chance, "weight": t.weight, "truth": t.truth, "generated": t.generated, "expected": t.expected}
            for t in self.tails
        ]
        arrays = {name: getattr(self, name).tolist() for name in ("edges", "truth", "generated", "invented", "missed")}
        return {"tails": tails, "mean": self.mean, "mean_error": self.mean_error, "effective": self.effective, **arrays}


def weight_test(truth: FloatArray, generated: FloatArray, *, worst: int = 8) -> WeightTest:
    """Tails and worst showers by calibrated chances to be true.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n,) and (m,)
        Chances between zero and one of either sample, as `ClassifierTest` has them; NaN for a shower that was not judged.
    worst : int
        How many of the worst showers are named.

    Raises
    ------
    DataError
        If a sample has no judged shower, or a chance is no chance.
    """
    judged = [chance[~np.isnan(chance)] for chance in (truth, generated)]
    if any(chance.size == 0 or not ((chance > 0) & (chance < 1)).all() for chance in judged):
        msg = "weights need chances between zero and one, ends excluded, for showers of both samples: calibrate the classifier"
        raise DataError(msg)
    true_weight, weight = (chance / (1 - chance) for chance in judged)
    true_counts, counts = (np.histogram(np.clip(each, _EDGES[0], _EDGES[-1]), _EDGES)[0] for each in (true_weight, weight))
    return WeightTest(
        tails=tuple(_tail(chance, *judged) for chance in THRESHOLDS),
        mean=float(weight.mean()),
        mean_error=float(weight.std(ddof=1) / np.sqrt(len(weight))) if len(weight) > 1 else 0.0,
        effective=float(weight.sum() ** 2 / (weight**2).sum() / len(weight)),
        edges=_EDGES,
        truth=true_counts,
        generated=counts,
        # NaN is sorted last either way
        invented=np.argsort(generated, kind="stable")[: min(worst, len(weight))],
        missed=np.argsort(-truth, kind="stable")[: min(worst, len(true_weight))],
    )


def _tail(threshold: float, truth: FloatArray, generated: FloatArray) -> Tail:
    inside = [chance < threshold if threshold < 0.5 else chance > threshold for chance in (truth, generated)]
    expected = np.sum((1 / truth - 1)[inside[0]]) / len(truth)
    return Tail(threshold, float(inside[0].mean()), float(inside[1].mean()), float(expected))
