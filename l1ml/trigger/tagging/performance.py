"""Accuracy, area under the curve and working points of a classifier of jets, from its words, with errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.efficiency import Efficiency, efficiency
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.roc import area_error, area_under_curve
from l1ml.trigger.tagging.margins import class_margins
from l1ml.trigger.tagging.working_point import TaggedJets, WorkingPoint, working_points

__all__ = ["ClassPerformance", "ScoredJets", "TaggingConfig", "TaggingPerformance", "class_performance", "tagging_performance"]

_POINTS = 64
"""Of a curve."""


@dataclass(frozen=True, slots=True)
class TaggingConfig:
    """What is asked about each class.

    Parameters
    ----------
    signal : tuple of float
        Shares of its jets to be kept.
    background : tuple of float
        Shares of all other jets to be kept at most.

    Raises
    ------
    ConfigError
        If a share is not between 0 and 1.
    """

    signal: tuple[float, ...] = (0.3, 0.5, 0.8)
    background: tuple[float, ...] = (0.1, 0.01)

    def __post_init__(self) -> None:
        if not all(0 < share < 1 for share in (*self.signal, *self.background)):
            msg = f"shares of jets are between 0 and 1, received {[*self.signal, *self.background]}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class ScoredJets:
    """Logit words (n, n_classes), class and collision of each jet (n,)."""

    words: NDArray[np.int64]
    classes: NDArray[np.int64]
    group: NDArray[Any]

    def tagged(self, index: int) -> TaggedJets:
        """Margins of the class `index`."""
        margins, own = class_margins(self.words)[:, index], self.classes == index
        return TaggedJets(margins[own], margins[~own], self.group[own], self.group[~own])


@dataclass(frozen=True, slots=True)
class ClassPerformance:
    """One class against all others: area under its curve with its error, the curve, and thresholds."""

    area: float
    area_error: float
    curve: Mapping[str, list[float]]
    points: tuple[WorkingPoint, ...]
    unresolved: tuple[Mapping[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        points = [point.to_dict() for point in self.points]
        content = {"area": self.area, "area_error": self.area_error, "curve": dict(self.curve), "points": points}
        return {**content, "unresolved": [dict(item) for item in self.unresolved]}


@dataclass(frozen=True, slots=True)
class TaggingPerformance:
    """All classes together, and each.

    Parameters
    ----------
    accuracy : Efficiency
        Share of jets whose largest logit is that of their class; of equal ones the first counts.
    confusion : tuple of tuple of int
        Jets of each class (rows) by the class that won (columns).
    classes : mapping
        By name.
    """

    accuracy: Efficiency
    confusion: tuple[tuple[int, ...], ...]
    classes: Mapping[str, ClassPerformance]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "accuracy": self.accuracy.to_dict(),
            "confusion": [list(row) for row in self.confusion],
            "classes": {name: item.to_dict() for name, item in self.classes.items()},
        }


def tagging_performance(
    derived: ScoredJets, tried: ScoredJets, names: tuple[str, ...], config: TaggingConfig
) -> TaggingPerformance:
    """Performance on the jets `tried`, at thresholds from those `derived`; neither has been trained on.

    Raises
    ------
    DataError
        If there is not a logit for each of `names`, or a class is missing.
    """
    for jets in (derived, tried):
        _check(jets, names)
    winner, n = tried.words.argmax(axis=1), len(names)
    confusion = np.bincount(tried.classes * n + winner, minlength=n * n).reshape(n, n)
    classes = {name: class_performance(derived.tagged(index), tried.tagged(index), config) for index, name in enumerate(names)}
    table = tuple(tuple(int(count) for count in row) for row in confusion)
    return TaggingPerformance(efficiency(winner == tried.classes, tried.group), table, classes)


def _check(jets: ScoredJets, names: tuple[str, ...]) -> None:
    if jets.words.ndim != 2 or jets.words.shape[1] != len(names):
        msg = f"received words of shape {jets.words.shape} for the {len(names)} classes {', '.join(names)}"
        raise DataError(msg)
    count = np.bincount(jets.classes, minlength=len(names))
    if missing := [name for name, number in zip(names, count, strict=True) if number < 2]:
        msg = f"fewer than two jets of {', '.join(missing)} among {len(jets.classes)}: generate more"
        raise DataError(msg)


def class_performance(derived: TaggedJets, tried: TaggedJets, config: TaggingConfig) -> ClassPerformance:
    """Performance of one score on `tried`, at thresholds from `derived`; neither has been trained on."""
    signal, background = (
        WeightedSample.from_arrays(np.ones(len(group)), group) for group in (tried.signal_group, tried.background_group)
    )
    points, unresolved = working_points(derived, tried, config.signal, config.background)
    return ClassPerformance(
        area_under_curve(tried.signal, tried.background, background.weight),
        area_error(tried.signal, signal, tried.background, background),
        _curve(tried),
        tuple(points),
        tuple(unresolved),
    )


def _curve(jets: TaggedJets) -> dict[str, list[float]]:
    """Shares kept at some thresholds, from the highest to the lowest; evenly many jets of the signal between them."""
    steps = np.unique(np.quantile(jets.signal, np.linspace(0, 1, _POINTS), method="lower"))[::-1]
    shares = [1.0 - np.searchsorted(np.sort(margins), steps) / len(margins) for margins in (jets.signal, jets.background)]
    return {"threshold": steps.tolist(), "signal": shares[0].tolist(), "background": shares[1].tolist()}
