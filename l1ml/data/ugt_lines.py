"""The fixed-width lines of a Global Trigger vector file: text to crossings and back."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.errors import DataError, SchemaError
from l1ml.hardware.link_words import Words
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS, Column, UgtLayout

__all__ = ["VectorLines"]

_SPACE = ord(" ")
_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
_DECIMAL_DIGITS = frozenset(b"0123456789")


@dataclass(frozen=True, slots=True)
class _Span:
    """Characters `start` to `stop` of a line."""

    name: str
    start: int
    stop: int
    digits: frozenset[int]


class VectorLines:
    """Reader and writer of the lines of one layout.

    All columns but the last (the final OR, one digit) have an even number of digits, so that a line without its spaces is a
    row of bytes.
    """

    def __init__(self, layout: UgtLayout) -> None:
        self.layout = layout
        self._spans = tuple(_spans(layout))
        self._length = self._spans[-1].stop
        self._is_digit = np.zeros(self._length, np.bool_)
        for span in self._spans:
            self._is_digit[span.start : span.stop] = True
        self._is_even_digit = self._is_digit.copy()
        self._is_even_digit[-1] = False

    def read(self, lines: list[bytes], path: Path, first: int) -> Crossings:
        """Crossings of `lines`, the first of which has the number `first` in the file `path`.

        Raises
        ------
        DataError
            If a line is malformed: file, line and column are named.
        SchemaError
            If a line has the columns of another era.
        """
        bare = [line.rstrip(b"\r\n") for line in lines]
        for number, line in enumerate(bare, first):
            if len(line) != self._length:
                self._refuse(line, f"{path}, line {number}")
        text = np.frombuffer(b"".join(bare), np.uint8).reshape(len(bare), self._length)
        payload = self._payload(text)
        if payload is None:
            faults = ((self._first_fault(line), row) for row, line in enumerate(bare))
            row = next(row for fault, row in faults if fault is not None)
            self._refuse(bare[row], f"{path}, line {first + row}")
        return self._decode(payload, text[:, -1] != ord("0"))

    def write(self, crossings: Crossings) -> bytes:
        """Lines of `crossings`.

        Raises
        ------
        DataError
            If a crossing has a number that no orbit has.
        """
        outside = (crossings.bx < 0) | (crossings.bx >= N_CROSSINGS)
        if outside.any():
            msg = f"crossing {int(crossings.bx[outside][0])} cannot be written: an orbit has 0 to {N_CROSSINGS - 1}"
            raise DataError(msg)
        number = np.stack(np.divmod(crossings.bx, 100), axis=1)
        blocks = [(number // 10 * 16 + number % 10).astype(np.uint8)]
        blocks += [_bytes_of(crossings.words[column.name], column) for column in self.layout.columns]
        blocks += [_packed(crossings.externals), _packed(crossings.algorithms)]
        digits = np.frombuffer(binascii.hexlify(np.concatenate(blocks, axis=1).tobytes()), np.uint8)
        text = np.full((crossings.n, self._length + 1), _SPACE, np.uint8)
        text[:, :-1][:, self._is_even_digit] = digits.reshape(crossings.n, -1)
        text[:, -2] = crossings.final_or + ord("0")
        text[:, -1] = ord("\n")
        return text.tobytes()

    def _payload(self, text: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
        """Bytes of whole lines without the final OR, shape (n, n_bytes), or nothing if a character is out of place."""
        if (text[:, ~self._is_digit] != _SPACE).any() or not np.isin(text[:, -1], (ord("0"), ord("1"))).all():
            return None
        try:
            payload = np.frombuffer(binascii.unhexlify(text[:, self._is_even_digit].tobytes()), np.uint8)
        except binascii.Error:
            return None
        rows = payload.reshape(len(text), -1)
        decimal = (rows[:, :2] & 15 < 10).all() and (rows[:, :2] >> 4 < 10).all()
        return rows if decimal else None

    def _decode(self, payload: NDArray[np.uint8], final_or: NDArray[np.bool_]) -> Crossings:
        """Crossings of the bytes of whole lines."""
        pairs = ((payload[:, :2] >> 4) * 10 + (payload[:, :2] & 15)).astype(np.int64)
        words: dict[str, Words] = {}
        start = 2
        for column in self.layout.columns:
            size = column.n_digits // 2
            own = np.ascontiguousarray(payload[:, start : start + size * column.n_words])
            words[column.name] = own.view(f">u{size}").astype(np.uint64)
            start += size * column.n_words
        middle = start + self.layout.n_externals // 8
        return Crossings.from_words(
            self.layout.era,
            words,
            bx=pairs[:, 0] * 100 + pairs[:, 1],
            externals=_unpacked(payload[:, start:middle]),
            algorithms=_unpacked(payload[:, middle:]),
            final_or=final_or,
        )

    def _refuse(self, line: bytes, where: str) -> NoReturn:
        """Say what is wrong with `line`."""
        n_columns = len(line.split())
        eras = [era for era, layout in UGT_LAYOUTS.items() if layout.n_columns == n_columns]
        if eras and n_columns != self.layout.n_columns:
            msg = f"{where}: {n_columns} columns, {self.layout.era} has {self.layout.n_columns}; pass the era: {', '.join(eras)}"
            raise SchemaError(msg)
        place = self._first_fault(line) or 0
        span = next((span for span in self._spans if place < span.stop), self._spans[-1])
        wanted = "a space" if place < span.start else f"a digit of {span.name}"
        if place >= self._length:
            wanted = "the end of the line"
        found = repr(chr(line[place])) if place < len(line) else "the end of the line"
        msg = f"{where}, column {place + 1}: {found} where {wanted} belongs ({len(line)} characters, expected {self._length})"
        raise DataError(msg)

    def _first_fault(self, line: bytes) -> int | None:
        """First place where `line` is not of its form, if there is one."""
        wanted = [frozenset([_SPACE])] * self._length
        for span in self._spans:
            wanted[span.start : span.stop] = [span.digits] * (span.stop - span.start)
        for place, character in enumerate(line[: self._length]):
            if character not in wanted[place]:
                return place
        return None if len(line) == self._length else min(len(line), self._length)


def _spans(layout: UgtLayout) -> Iterator[_Span]:
    """Columns of a line, in order."""
    names = [("the crossing number", len(str(N_CROSSINGS)))]
    names += [(f"{column.name} word {slot}", column.n_digits) for column in layout.columns for slot in range(column.n_words)]
    names += [("the externals", layout.n_externals // 4), ("the algorithms", layout.n_algorithms // 4), ("the final OR", 1)]
    kinds = [_DECIMAL_DIGITS, *[_HEX_DIGITS] * (len(names) - 2), frozenset(b"01")]
    start = 0
    for (name, width), digits in zip(names, kinds, strict=True):
        yield _Span(name, start, start + width, digits)
        start += width + 1


def _bytes_of(words: Words, column: Column) -> NDArray[np.uint8]:
    """Bytes of `words`, the most significant first, shape (n, n_words * size)."""
    size = column.n_digits // 2
    return np.ascontiguousarray(words.astype(f">u{size}")).view(np.uint8).reshape(len(words), column.n_words * size)


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Bytes, the most significant first, of rows of `bits`, the least significant first."""
    return np.packbits(bits, axis=1, bitorder="little")[:, ::-1]


def _unpacked(content: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Bits, the least significant first, of rows of bytes, the most significant first."""
    return np.unpackbits(content[:, ::-1], axis=1, bitorder="little").astype(np.bool_)
