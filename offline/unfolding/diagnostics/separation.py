"""Whether a classifier still tells the unfolded events from the true ones, in all quantities at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.splits import split_of
from l1ml.errors import DataError
from offline.unfolding.sample import FloatArray, IdentityArray

__all__ = ["Sample", "Separation", "area_under_curve", "density_ratio", "separation"]


@dataclass(frozen=True, slots=True)
class Separation:
    """Area under the ROC curve of a classifier that never saw the events that it is judged by.

    Parameters
    ----------
    auc : float
        0.5 if nothing distinguishes the samples; below only by chance.
    floor : float
        Standard deviation of the area for equal samples of these effective sizes (Mann and Whitney).
    """

    auc: float
    floor: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"auc": self.auc, "floor": self.floor}


class Sample(NamedTuple):
    """Weighted events: values of shape (n, d), weights and identities of shape (n,)."""

    values: FloatArray
    weight: FloatArray
    event: IdentityArray


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Two samples as one, each of total weight one half."""

    values: FloatArray
    weight: FloatArray
    label: NDArray[np.int64]
    event: IdentityArray


def separation(one: Sample, two: Sample, *, folds: int = 2, rows: int = 100_000, seed: int = 1) -> Separation:
    """Cross-validated by event identity with gradient-boosted trees of scikit-learn.

    Parameters
    ----------
    one, two : Sample
        Events; their totals of weight do not matter. Those of negative weight are judged by but not trained on.
    folds : int
        Parts; each is judged by trees of the others.
    rows : int
        Most events of each sample.
    seed : int
        Of rows and trees.
    """
    both = _labelled(one, two, rows, np.random.default_rng(seed))
    part = split_of(both.event, [1 / folds] * folds, salt="separation")
    score = np.empty(len(part))
    for fold in range(folds):
        score[part == fold] = _chance(_trees(both, part != fold, seed), both.values[part == fold])
    # trees of different folds are on different scales: areas within the folds, not of all scores together
    areas = [_area(score, both, part == fold) for fold in range(folds)]
    return Separation(float(np.mean(areas)), _spread(both))


def _labelled(one: Sample, two: Sample, rows: int, rng: np.random.Generator) -> _Labelled:
    chosen = [rng.permutation(len(sample[0]))[:rows] for sample in (one, two)]
    columns = [[column[rows_of] for column in sample] for sample, rows_of in zip((one, two), chosen, strict=True)]
    values, weight, event = (np.concatenate(pair) for pair in zip(*columns, strict=True))
    label = np.repeat([1, 0], [len(rows_of) for rows_of in chosen])
    for which in (0, 1):
        weight[label == which] *= 0.5 / weight[label == which].sum()
    return _Labelled(values, weight, label, event)


def _trees(both: _Labelled, rows: NDArray[np.bool_], seed: int) -> Any:
    """Classifier trained on `rows`."""
    rows = rows & (both.weight > 0)
    trees = require("sklearn.ensemble").HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=100, early_stopping=False, random_state=seed
    )
    mean = both.weight[rows].mean()  # the regularisation of leaves is meant for weights around one
    with _one_thread():
        return trees.fit(both.values[rows], both.label[rows], both.weight[rows] / mean)


def _one_thread() -> Any:
    """OpenMP without its threads: on processors that others use too they wait for each other a hundred times longer."""
    return require("threadpoolctl").threadpool_limits(limits=1, user_api="openmp")


def _chance(trees: Any, values: FloatArray) -> FloatArray:
    """Chance that an event belongs to the first sample, shape (n,)."""
    with _one_thread():
        return np.asarray(trees.predict_proba(values)[:, 1])


def _area(score: FloatArray, both: _Labelled, rows: NDArray[np.bool_]) -> float:
    return area_under_curve(score[rows], both.weight[rows], both.label[rows] == 1)


def area_under_curve(score: FloatArray, weight: FloatArray, signal: NDArray[np.bool_]) -> float:
    """Chance that a signal event has a higher score than another one, ties counting one half; weights may be negative.

    Raises
    ------
    DataError
        If the weights of a side add up to nothing.
    """
    _, place = np.unique(score, return_inverse=True)
    ours = np.bincount(place[signal], weight[signal], place.max() + 1)
    others = np.bincount(place[~signal], weight[~signal], place.max() + 1)
    if ours.sum() == 0 or others.sum() == 0:
        msg = f"{int(signal.sum())} and {int((~signal).sum())} events to tell two samples apart, one side without weight: too few"
        raise DataError(msg)
    below = np.cumsum(others) - 0.5 * others
    return float(ours @ below / (ours.sum() * others.sum()))


def _spread(both: _Labelled) -> float:
    """Standard deviation of the area for equal samples."""
    sizes = [both.weight[both.label == which] for which in (0, 1)]
    one, two = (float(weight.sum() ** 2 / (weight**2).sum()) for weight in sizes)
    return float(np.sqrt((one + two + 1) / (12 * one * two)))


def density_ratio(one: Sample, two: Sample, *, rows: int = 200_000, seed: int = 1) -> FloatArray:
    """Ratio of the densities of `one` and `two`, both normalised, at the events of `two`; shape (m,). An estimate by trees."""
    both = _labelled(one, two, rows, np.random.default_rng(seed))
    chance = _chance(_trees(both, np.ones(len(both.label), np.bool_), seed), two.values)
    return chance / (1 - chance)
