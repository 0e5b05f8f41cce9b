"""What a student aims at: the logarithm of its teacher's score, of several teachers the mean of theirs.

One variational autoencoder scores rare crossings as its seed has it; the mean of the logarithms scatters less, and no teacher
whose scores are large outweighs the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.training.outputs import outputs_of

__all__ = ["explained", "log_scores", "mean_log_scores"]

Floats = NDArray[np.float32]


def log_scores(scorer: Any, words: Floats) -> Floats:
    """log2(1 + score) of `words` (n, n_features), shape (n, 1)."""
    return np.asarray(np.log2(1.0 + outputs_of(scorer, words)), np.float32)


def mean_log_scores(scorers: Sequence[Any], words: Floats) -> Floats:
    """Mean of `log_scores` over `scorers`, shape (n, 1)."""
    return np.asarray(np.mean([log_scores(scorer, words) for scorer in scorers], axis=0), np.float32)


def explained(wanted: Floats, found: Floats) -> float:
    """Share of the variance of `wanted` that `found` explains, crossings all alike; 1 where they are the same."""
    return float(1 - np.mean((wanted - found) ** 2) / np.var(wanted))
