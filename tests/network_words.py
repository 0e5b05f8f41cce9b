"""All words that a network gives, where an emulator gives the one of a score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation import IntegerEmulator
from l1ml.model import Network

__all__ = ["all_words"]


def all_words(network: Network, words: NDArray[np.integer]) -> NDArray[np.int64]:
    """Words after the last operation, shape (n, n_outputs)."""
    return IntegerEmulator(network).predict(words).reshape(len(words), -1)
