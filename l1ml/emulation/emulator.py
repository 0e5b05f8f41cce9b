"""What every bit-exact software of a trigger network has in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.hardware import FixedPoint

__all__ = ["Emulator", "WordLimits", "check_words", "score_words"]

_LONG_ROW = 1024
"""Words of a loop of numpy below which its start costs as much as its work."""


@runtime_checkable
class Emulator(Protocol):
    """Integer words in, integer score words out: Keras, numpy, C simulation and RTL simulation alike."""

    @property
    def name(self) -> str:
        """Short name for tables: ``keras``, ``integers``, ``c_simulation``, ``rtl_simulation``."""

    @property
    def input_formats(self) -> tuple[FixedPoint, ...]:
        """Integer format of each input word."""

    @property
    def output_format(self) -> FixedPoint:
        """Format of every score word."""

    @property
    def n_outputs(self) -> int:
        """Number of score words per crossing."""

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words of input `words`, shape (n, n_features): shape (n,) of one output, (n, n_outputs) of several."""


def score_words(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Words (n, n_outputs) in the shape that `Emulator.predict` gives."""
    return rows[:, 0] if rows.shape[1] == 1 else rows


class WordLimits:
    """The ends of each input word, to refuse what no link could carry.

    Parameters
    ----------
    formats : sequence of FixedPoint
        Integer format of each input word.
    """

    def __init__(self, formats: Sequence[FixedPoint]) -> None:
        self._formats = tuple(formats)
        self._low = np.array([item.min_word for item in formats])
        self._high = np.array([item.max_word for item in formats])

    def check_shape(self, words: NDArray[np.integer]) -> None:
        """Raise DataError if `words` are no integers of shape (n, n_features)."""
        n = len(self._formats)
        if words.ndim != 2 or words.shape[1] != n or not np.issubdtype(words.dtype, np.integer):
            msg = f"expected integer words of shape (n, {n}), received {words.dtype} of shape {words.shape}"
            raise DataError(msg)

    def check_range(self, words: NDArray[np.integer], first: int = 0) -> None:
        """Raise DataError if a word of the crossings from number `first` on lies outside its declared width."""
        # the ends of each column first: a comparison of every word costs as much as a network
        if not len(words) or ((_ends(words, np.minimum) >= self._low).all() and (_ends(words, np.maximum) <= self._high).all()):
            return
        row, column = (int(index[0]) for index in np.nonzero((words < self._low) | (words > self._high)))
        limits = f"{self._low[column]}..{self._high[column]} of {self._formats[column]}"
        msg = f"input {column} of crossing {first + row} is {int(words[row, column])}, outside {limits}"
        raise DataError(msg)


def check_words(words: NDArray[np.integer], formats: Sequence[FixedPoint]) -> None:
    """Refuse inputs that no link could carry.

    Raises
    ------
    DataError
        If `words` are no integers of shape (n, n_features) or one lies outside its declared width.
    """
    limits = WordLimits(formats)
    limits.check_shape(words)
    limits.check_range(words)


def _ends(words: NDArray[np.integer], end: np.ufunc) -> NDArray[np.integer]:
    """Smallest or largest word of each column; of several rows at once, because numpy is slow on short ones."""
    n, columns = words.shape
    several = max(min(_LONG_ROW // max(columns, 1), n), 1)
    whole = n // several * several
    if several == 1 or not words.flags.c_contiguous:
        return np.asarray(end.reduce(words, axis=0))
    found = end.reduce(words[:whole].reshape(-1, several * columns), axis=0).reshape(several, columns)
    return np.asarray(end.reduce(np.concatenate([found, words[whole:]]), axis=0))
