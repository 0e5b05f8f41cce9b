"""What two scores of a network say about their own background: closure of the ABCD estimate, and what a signal makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.abcd import EFFICIENCIES, Abcd, abcd_at, contaminated
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.study import ZERO_BIAS

__all__ = ["SIGNAL_FRACTION", "background_estimate"]

SIGNAL_FRACTION = 0.001
"""Signal crossings for each background crossing of the test with a signal, as in arXiv:2111.06417."""

Words = Mapping[str, NDArray[np.int64]]


def background_estimate(
    words: Mapping[str, Words], zero_bias: WeightedSample, efficiencies: Sequence[float] = EFFICIENCIES
) -> dict[str, Any]:
    """Plain values for JSON: the closure test at each background efficiency, and by how much a signal raises the estimate.

    An efficiency that leaves a region empty is unresolved.

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
    return {"scores": list(words), "signal_fraction": SIGNAL_FRACTION, "rows": rows, "unresolved": unresolved}


def _signal(found: Abcd, one: NDArray[np.int64], other: NDArray[np.int64]) -> dict[str, float]:
    first, second = found.thresholds or (0, 0)
    passed = (one >= first) & (other >= second)
    return {"efficiency": float(passed.mean()), "estimate_ratio": contaminated(found, one, other, SIGNAL_FRACTION)}
