"""One number for each class of jets, to be cut on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["class_margins"]


def class_margins(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """How far the logit of each class is above the largest of the others, in counts, shape (n, n_classes).

    The largest stands for the logarithm of the sum of the exponentials, with which the margin would be the log odds of the class.
    It takes comparisons and a subtraction, exact in words. A margin above 0 says that the class wins.

    Examples
    --------
    >>> class_margins(np.array([[5, 1, 3]]))
    array([[ 2, -4, -2]])
    """
    ordered = np.sort(words, axis=1)
    first, second = ordered[:, -1:], ordered[:, -2:-1]
    # of equal winners each has the other one beside it
    is_first = np.arange(words.shape[1]) == words.argmax(axis=1)[:, None]
    return np.asarray(words - np.where(is_first, second, first))
