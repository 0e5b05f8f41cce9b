"""Input words that no physics sample would give: random and extreme crossings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint

__all__ = ["extreme_words", "random_words"]


def extreme_words(formats: Sequence[FixedPoint]) -> NDArray[np.int32]:
    """All-zero, all-smallest, all-largest crossings, and each input alone at its ends; shape (3 + 4 n_features, n_features)."""
    low = np.array([item.min_word for item in formats], np.int32)
    high = np.array([item.max_word for item in formats], np.int32)
    zero = np.zeros_like(low)
    rows = [zero, low, high]
    for background, ends in ((zero, (low, high)), (high, (low, zero))):
        for end in ends:
            alone = np.tile(background, (len(low), 1))
            np.fill_diagonal(alone, end)
            rows.extend(alone)
    return np.stack(rows)


def random_words(formats: Sequence[FixedPoint], n: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """`n` crossings: the extreme ones first, then uniform words, one in four inputs of which sits at an end of its range.

    Returns
    -------
    ndarray of int32, shape (n, n_features)
    """
    low = np.array([item.min_word for item in formats], np.int32)
    high = np.array([item.max_word for item in formats], np.int32)
    words = rng.integers(low, high, size=(n, len(low)), endpoint=True, dtype=np.int32)
    choice = rng.integers(0, 12, size=words.shape, dtype=np.int8)
    for value, end in enumerate((low, high, np.zeros_like(low))):
        words = np.where(choice == value, end, words)
    extremes = extreme_words(formats)[:n]
    words[: len(extremes)] = extremes
    return words
