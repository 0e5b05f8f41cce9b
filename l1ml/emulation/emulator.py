"""What every bit-exact software of a trigger network has in common."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.hardware import FixedPoint

__all__ = ["Emulator", "check_words", "score_words"]


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


def check_words(words: NDArray[np.integer], formats: tuple[FixedPoint, ...]) -> None:
    """Refuse inputs that no link could carry.

    Raises
    ------
    DataError
        If `words` are no integers of shape (n, n_features) or one lies outside its declared width.
    """
    if words.ndim != 2 or words.shape[1] != len(formats) or not np.issubdtype(words.dtype, np.integer):
        msg = f"expected integer words of shape (n, {len(formats)}), received {words.dtype} of shape {words.shape}"
        raise DataError(msg)
    low = np.array([item.min_word for item in formats])
    high = np.array([item.max_word for item in formats])
    # the ends of each column first: a comparison of every word costs as much as a network
    if len(words) and ((words.min(axis=0) < low).any() or (words.max(axis=0) > high).any()):
        outside = (words < low) | (words > high)
        row, column = (int(index[0]) for index in np.nonzero(outside))
        limits = f"{low[column]}..{high[column]} of {formats[column]}"
        msg = f"input {column} of crossing {row} is {int(words[row, column])}, outside {limits}"
        raise DataError(msg)
