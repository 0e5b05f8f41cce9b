"""Which crossings stay with a model as golden words: usual ones, and one for scores of all sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["golden_places"]


def golden_places(scores: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Places of `n` crossings, or of all if there are fewer: half of them the first ones, half spread over the scores.

    Most crossings of zero bias have one of few low scores: the first ones alone would not show a fault above them. The second
    half are the first crossings of evenly spaced distinct scores, the smallest and the largest among them; where there are fewer
    distinct scores than that, the next of the first crossings fill up.

    Parameters
    ----------
    scores : ndarray of int64, shape (n_crossings,) or (n_crossings, k)
        Score words.
    n : int
        How many, positive.

    Examples
    --------
    >>> golden_places(np.array([0, 0, 0, 0, 7, 3, 9, 5]), 6).tolist()
    [0, 1, 2, 3, 6, 7]
    """
    _, first = np.unique(scores.reshape(len(scores), -1), axis=0, return_index=True)
    spread = first[np.unique(np.linspace(0, first.size - 1, n // 2).round().astype(np.int64))]
    begin = np.setdiff1d(np.arange(min(n, len(scores))), spread)
    return np.sort(np.concatenate([begin[: n - spread.size], spread]))
