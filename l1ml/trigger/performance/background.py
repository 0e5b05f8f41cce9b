"""What two scores of a network say about their own background: closure of the ABCD estimate, and what a signal makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.abcd import EFFICIENCIES, Abcd, abcd_at, contaminated
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.roc import area_error, area_under_curve
from l1ml.trigger.study import ZERO_BIAS

__all__ = ["SIGNAL_FRACTION", "background_estimate"]

SIGNAL_FRACTION = 0.001
"""Signal crossings for each background crossing of the test with a signal, as in arXiv:2111.06417."""

Words = Mapping[str, NDArray[np.int64]]


def background_estimate(
    words: Mapping[str, Words], zero_bias: WeightedSample, efficiencies: Sequence[float] = EFFICIENCIES
) -> dict[str, Any]:
    """Plain values for JSON: the closure test at each background efficiency, and by how much a signal raises the estimate.

    An efficiency that leaves a region empty is unresolved. ``areas`` are those under the curves of region A, both thresholds
    moving together so that each passes the same share of zero bias; ``alone`` are those of each score by itself.

    Parameters
    ----------
    words : mapping of mapping of ndarray of int64, shape (n,)
        ``words[score][process]`` of two scores, "zero_bias" among the processes.
    zero_bias : WeightedSample
        Weights and draws of the zero-bias crossings.
    efficiencies : sequence of float
        Share of the background that A holds where the scores are independent.

    Raises
    ------
    ConfigError
        If an efficiency is not between 0 and 1.
    """
    one, other = words.values()
    rows, unresolved = [], []
    for efficiency in efficiencies:
        try:
            found = abcd_at(one[ZERO_BIAS], other[ZERO_BIAS], zero_bias, efficiency)
        except DataError as error:
            unresolved.append({"asked": efficiency, "reason": str(error)})
            continue
        signals = {name: _signal(found, one[name], other[name]) for name in one if name != ZERO_BIAS}
        rows.append({"asked": efficiency, **found.to_dict(), "signals": signals})
    areas = _areas(one, other, zero_bias)
    return {
        "scores": list(words),
        "signal_fraction": SIGNAL_FRACTION,
        "areas": {name: {"value": value, "error": error} for name, (value, error) in areas.items()},
        "alone": {score: _alone(found, zero_bias) for score, found in words.items()},
        "rows": rows,
        "unresolved": unresolved,
    }


def _areas(one: Words, other: Words, zero_bias: WeightedSample) -> dict[str, tuple[float, float]]:
    """Area and its error for each signal of the smaller of both scores, each in terms of the zero bias that it leaves."""
    passed = {name: np.maximum(_share(one, name, zero_bias), _share(other, name, zero_bias)) for name in one}
    _, order = np.unique(np.concatenate(list(passed.values())), return_inverse=True)
    ends = np.cumsum([shares.size for shares in passed.values()])
    ranks = dict(zip(passed, np.split(-order.astype(np.int64), ends[:-1]), strict=True))
    background, found = ranks.pop(ZERO_BIAS), {}
    for name, signal in ranks.items():
        sample = WeightedSample.from_arrays(np.ones(signal.size), np.arange(signal.size))
        error = area_error(signal, sample, background, zero_bias)
        found[name] = (area_under_curve(signal, background, zero_bias.weight), error)
    return found


def _alone(words: Words, zero_bias: WeightedSample) -> dict[str, float]:
    """Area for each signal of one score."""
    signals = {name: signal for name, signal in words.items() if name != ZERO_BIAS}
    return {name: area_under_curve(signal, words[ZERO_BIAS], zero_bias.weight) for name, signal in signals.items()}


def _share(words: Words, process: str, zero_bias: WeightedSample) -> NDArray[np.float64]:
    """Of each crossing of `process` the share of zero bias whose word is as large as its own, or larger."""
    values, inverse = np.unique(words[ZERO_BIAS], return_inverse=True)
    below = np.concatenate([[0.0], np.cumsum(np.bincount(inverse, zero_bias.weight))])
    return np.asarray(1.0 - below[np.searchsorted(values, words[process])] / below[-1])


def _signal(found: Abcd, one: NDArray[np.int64], other: NDArray[np.int64]) -> dict[str, float]:
    first, second = found.thresholds or (0, 0)
    passed = (one >= first) & (other >= second)
    return {"efficiency": float(passed.mean()), "estimate_ratio": contaminated(found, one, other, SIGNAL_FRACTION)}
