"""Is it bit-exact? Word for word, without a tolerance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import BitMismatchError, DataError
from l1ml.hardware import FixedPoint

__all__ = ["MismatchReport", "compare"]

_N_SHOWN = 10


@dataclass(frozen=True, slots=True)
class MismatchReport:
    """Answer of `compare`; true when every word agrees.

    Parameters
    ----------
    a, b : str
        Names of the two implementations.
    format_a, format_b : FixedPoint
        Formats of their words.
    n_words, n_mismatched : int
        Words compared and words that differ.
    first_indices : tuple of int
        Crossings of the first words that differ.
    first_words : tuple of (int, int)
        Both words of each of them.
    max_lsb : int
        Largest difference in counts.
    """

    a: str
    b: str
    format_a: FixedPoint
    format_b: FixedPoint
    n_words: int
    n_mismatched: int
    first_indices: tuple[int, ...] = ()
    first_words: tuple[tuple[int, int], ...] = ()
    max_lsb: int = 0

    def __bool__(self) -> bool:
        return self.n_mismatched == 0

    def require_exact(self) -> None:
        """Accept nothing but equality.

        Raises
        ------
        BitMismatchError
            With the first differing crossing, both words and both formats.
        """
        if self:
            return
        word_a, word_b = self.first_words[0]
        msg = (
            f"{self.a} and {self.b} differ in {self.n_mismatched} of {self.n_words} words (up to {self.max_lsb} counts); "
            f"first at crossing {self.first_indices[0]}: {word_a} in {self.format_a} against {word_b} in {self.format_b}"
        )
        raise BitMismatchError(msg)

    def followed_by(self, later: MismatchReport, n_before: int) -> MismatchReport:
        """Both as one report; `later` compares the crossings after the first `n_before`."""
        return replace(
            self,
            n_words=self.n_words + later.n_words,
            n_mismatched=self.n_mismatched + later.n_mismatched,
            first_indices=(*self.first_indices, *(index + n_before for index in later.first_indices))[:_N_SHOWN],
            first_words=(*self.first_words, *later.first_words)[:_N_SHOWN],
            max_lsb=max(self.max_lsb, later.max_lsb),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "a": self.a,
            "b": self.b,
            "n_words": self.n_words,
            "n_mismatched": self.n_mismatched,
            "first_indices": list(self.first_indices),
            "max_lsb": self.max_lsb,
        }


def compare(a: tuple[str, FixedPoint, NDArray[np.int64]], b: tuple[str, FixedPoint, NDArray[np.int64]]) -> MismatchReport:
    """Compare two series of score words, each given as (name, format, words of shape (n,) or (n, n_outputs)).

    Words are compared as values, on the grid of the finer format: formats may differ in width, never in meaning.

    Raises
    ------
    DataError
        If the series have different lengths or are empty: nothing compared is not "equal".
    """
    (name_a, format_a, words_a), (name_b, format_b, words_b) = a, b
    if words_a.shape != words_b.shape or words_a.size == 0:
        msg = f"cannot compare {words_a.shape} words of {name_a} with {words_b.shape} words of {name_b}"
        raise DataError(msg)
    finer = max(format_a.fractional, format_b.fractional)
    difference = (words_a << (finer - format_a.fractional)) - (words_b << (finer - format_b.fractional))
    places = np.nonzero(difference)
    shown = tuple(int(row) for row in places[0][:_N_SHOWN])
    differing = zip(words_a[places][:_N_SHOWN].tolist(), words_b[places][:_N_SHOWN].tolist(), strict=True)
    return MismatchReport(
        name_a,
        name_b,
        format_a,
        format_b,
        n_words=words_a.size,
        n_mismatched=places[0].size,
        first_indices=shown,
        first_words=tuple(differing),
        max_lsb=int(np.abs(difference).max()),
    )
