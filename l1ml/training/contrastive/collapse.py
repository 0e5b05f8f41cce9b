"""Features that say nothing: a training that ends with them has failed, however small its loss is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import TrainingError

__all__ = ["refuse_collapse", "spread_of"]


def spread_of(features: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float64]:
    """Weighted standard deviation of each column of `features` (n, k), shape (k,)."""
    values = features.astype(np.float64)
    mean = np.average(values, axis=0, weights=weight)
    return np.asarray(np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weight)))


def refuse_collapse(features: NDArray[np.float32], weight: NDArray[np.float32], lsb: float) -> None:
    """Check that each feature moves by more than half a step `lsb` of its grid, as the standard deviation says.

    Raises
    ------
    TrainingError
        Naming the features that do not.
    """
    spread = spread_of(features, weight)
    dead = [f"{index} ({value:.3g})" for index, value in enumerate(spread) if not value > lsb / 2]
    if dead:
        msg = (
            f"{len(dead)} of {len(spread)} features have collapsed, with standard deviations of at most half a step of {lsb:g}: "
            f"{', '.join(dead)}; raise variance, lower resolution, loss_probability or sparsity, or ask for fewer features"
        )
        raise TrainingError(msg)
