"""How far the background estimate of two scores follows the background where its conditions change and the thresholds do not.

Scores that are made independent under one set of conditions close under it, even where one of them is noise. What the estimate is
worth shows where the background is another one than expected: whether the crossings that fail a score rise with those of A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.abcd import abcd
from l1ml.trigger.rates.sample import WeightedSample

__all__ = ["background_shifts"]

Words = NDArray[np.int64]


def background_shifts(
    rows: Sequence[Mapping[str, Any]], shifted: Mapping[str, tuple[Words, Words]], sample: WeightedSample
) -> list[dict[str, Any]]:
    """Plain values for JSON: for each condition and background efficiency what A, its estimate and the closure become.

    Parameters
    ----------
    rows : sequence of mapping
        Those of `l1ml.trigger.performance.background.background_estimate`.
    shifted : mapping of pairs of ndarray of int64, shape (n,)
        For each condition the words of both scores of the same zero-bias crossings.
    sample : WeightedSample
        Weights and draws of the crossings.

    Raises
    ------
    DataError
        If a condition leaves a region empty.

    Examples
    --------
    >>> one, other = (grid.ravel() for grid in np.meshgrid(np.arange(10), np.arange(10)))
    >>> sample = WeightedSample.from_arrays(np.ones(100), np.arange(100))
    >>> row = {"asked": 0.25, **abcd(one, other, sample, (5, 5)).to_dict()}
    >>> (found,) = background_shifts([row], {"first score + 1": (one + 1, other)}, sample)
    >>> found["in_a_ratio"], found["estimate_ratio"], found["closure"]
    (1.2, 1.2, 1.0)
    """
    found = []
    for condition, (one, other) in shifted.items():
        for row in rows:
            first, second = row["thresholds"]
            now = abcd(one, other, sample, (int(first), int(second)))
            ratios = {"in_a_ratio": now.counts[0] / row["counts"][0], "estimate_ratio": now.estimate / row["estimate"]}
            closure = {"closure": now.closure, "closure_error": now.closure_error}
            found.append({"condition": condition, "asked": row["asked"], **ratios, **closure})
    return found
