"""What enters and leaves the Global Trigger, crossing by crossing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import DataError, SchemaError
from l1ml.hardware.link_words import Words
from l1ml.hardware.ugt_layouts import UgtLayout, ugt_layout

__all__ = ["N_CROSSINGS", "Crossings"]

N_CROSSINGS = 3564
"""Bunch crossings of an LHC orbit."""

_SIGNALS = ("bx", "externals", "algorithms", "final_or")


@dataclass(frozen=True, eq=False)
class Crossings:
    """Inputs and outputs of the Global Trigger for `n` consecutive bunch crossings.

    Parameters
    ----------
    bx : ndarray of int64, shape (n,)
        Number of the crossing in its orbit, 0 to 3563.
    objects : mapping of mapping of ndarray of int64, shape (n, n_slots)
        Decoded fields, for instance ``objects["muon"]["pt"]``; single quantities have one slot.
    externals : ndarray of bool, shape (n, 256)
        External signals by channel.
    algorithms : ndarray of bool, shape (n, 512)
        Algorithm bits by index.
    era : str
        Which layout the words have.
    words : mapping of ndarray of uint64, shape (n, n_words)
        The words as they were received, bits without a meaning included.
    final_or : ndarray of bool, shape (n,)
        Last column of the file; in public vectors it is always set and says nothing.
    """

    bx: NDArray[np.int64]
    objects: Mapping[str, Mapping[str, NDArray[np.int64]]]
    externals: NDArray[np.bool_]
    algorithms: NDArray[np.bool_]
    era: str
    words: Mapping[str, Words]
    final_or: NDArray[np.bool_]

    @classmethod
    def from_words(
        cls,
        era: str,
        words: Mapping[str, Words],
        *,
        bx: ArrayLike | None = None,
        externals: ArrayLike | None = None,
        algorithms: ArrayLike | None = None,
        final_or: ArrayLike | None = None,
    ) -> Self:
        """Crossings from the raw `words` of every column; signals that are not given are off, crossings count from 0.

        Raises
        ------
        SchemaError
            If columns are missing.
        DataError
            If shapes disagree, or a word is wider than its column.
        """
        layout = ugt_layout(era)
        n = _checked_length(layout, words)
        return cls(
            _column("bx", np.arange(n) % N_CROSSINGS if bx is None else bx, (n,), np.int64),
            layout.decode(words),
            _column("externals", externals, (n, layout.n_externals), np.bool_),
            _column("algorithms", algorithms, (n, layout.n_algorithms), np.bool_),
            era,
            words,
            _column("final_or", final_or, (n,), np.bool_),
        )

    @classmethod
    def from_objects(cls, era: str, objects: Mapping[str, Mapping[str, ArrayLike]], n: int, **signals: ArrayLike | None) -> Self:
        """`n` crossings from fields of `objects`, shape (n, n_slots), for orbits made by hand; what is not given is 0.

        Keywords as for `from_words`: bx, externals, algorithms, final_or.

        Raises
        ------
        SchemaError
            If the era has no such object or field.
        DataError
            If a shape is wrong or a value does not fit into its field.
        """
        return cls.from_words(era, ugt_layout(era).encode(objects, n), **signals)

    @classmethod
    def concatenate(cls, parts: Iterable[Crossings]) -> Self:
        """All crossings of `parts`, in order.

        Raises
        ------
        DataError
            If there is nothing to join.
        SchemaError
            If the parts are of different eras.
        """
        given = list(parts)
        if not given:
            msg = "no crossings to concatenate"
            raise DataError(msg)
        eras = sorted({part.era for part in given})
        if len(eras) > 1:
            msg = f"cannot join crossings of the eras {', '.join(eras)}: their words differ"
            raise SchemaError(msg)
        words = {name: np.concatenate([part.words[name] for part in given]) for name in given[0].words}
        joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in given]) for name in _SIGNALS}
        return cls.from_words(eras[0], words, **joined)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return len(self.bx)

    def __len__(self) -> int:
        return self.n

    @property
    def layout(self) -> UgtLayout:
        """What the words mean."""
        return ugt_layout(self.era)

    def select(self, rows: NDArray[Any] | slice) -> Self:
        """The crossings that a mask, an index array or a slice picks."""
        objects = {name: {field: values[rows] for field, values in fields.items()} for name, fields in self.objects.items()}
        words = {name: column[rows] for name, column in self.words.items()}
        externals, algorithms, final_or = self.externals[rows], self.algorithms[rows], self.final_or[rows]
        return type(self)(self.bx[rows], objects, externals, algorithms, self.era, words, final_or)

    def unused_bits(self) -> dict[str, dict[int, int]]:
        """Bits that are set where the era's layout has no field: by column, bit number -> how many words have it.

        Empty where the layout explains every word; a bit that is set often says that the words are of another year.
        """
        counts: dict[str, dict[int, int]] = {}
        for name, bits in self.layout.unused(self.words).items():
            stray = int(np.bitwise_or.reduce(bits, axis=None))
            if stray:
                numbers = [number for number in range(stray.bit_length()) if stray >> number & 1]
                counts[name] = {number: int(np.count_nonzero(bits & np.uint64(1 << number))) for number in numbers}
        return counts


def _checked_length(layout: UgtLayout, words: Mapping[str, Words]) -> int:
    """Number of crossings of `words`, after a look at every column's shape and width."""
    missing = [column.name for column in layout.columns if column.name not in words]
    if missing:
        msg = f"the {layout.era} layout needs the words {', '.join(missing)}; received {', '.join(words)}"
        raise SchemaError(msg)
    n = len(words[layout.columns[0].name])
    for column in layout.columns:
        own = words[column.name]
        if own.shape != (n, column.n_words) or own.dtype != np.uint64:
            msg = f"the words {column.name!r} are {own.dtype}{list(own.shape)}, expected uint64{[n, column.n_words]}"
            raise DataError(msg)
        if column.layout.n_bits < own.dtype.itemsize * 8 and (own >> np.uint64(column.layout.n_bits)).any():
            msg = f"the words {column.name!r} have {column.layout.n_bits} bits, received {int(own.max()):#x}"
            raise DataError(msg)
    return n


def _column(name: str, values: ArrayLike | None, shape: tuple[int, ...], kind: type[Any]) -> NDArray[Any]:
    """`values` as an array of `shape`; nothing given is all zero."""
    column = np.zeros(shape, kind) if values is None else np.asarray(values, dtype=kind)
    if column.shape != shape:
        msg = f"{name} has the shape {column.shape}, expected {shape}"
        raise DataError(msg)
    return column
