"""Bit layouts of the words that travel on the trigger links: named fields in, named fields out, no bit lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import ConfigError, DataError, SchemaError, nearest

__all__ = ["BitField", "WordLayout", "Words"]

Words = NDArray[np.uint64]

_MAX_FIELD_BITS = 62
"""Field values are int64; the widest field of any trigger word has 12 bits."""


@dataclass(frozen=True, slots=True)
class BitField:
    """`width` bits of a word, the lowest one being bit `low`; two's complement if `signed`.

    Raises
    ------
    ConfigError
        If the field has no bits, too many, or starts below bit 0.

    Examples
    --------
    >>> BitField("eta", low=9, width=8, signed=True).decode([0x1FE << 8])
    array([-1])
    """

    name: str
    low: int
    width: int
    signed: bool = False

    def __post_init__(self) -> None:
        if self.low < 0 or not 1 <= self.width <= _MAX_FIELD_BITS:
            msg = f"field {self.name!r} has 1 to {_MAX_FIELD_BITS} bits from bit 0 up; received {self.width} from bit {self.low}"
            raise ConfigError(msg)

    @property
    def high(self) -> int:
        """The highest bit that belongs to the field."""
        return self.low + self.width - 1

    @property
    def mask(self) -> int:
        """The field's bits at their place in the word."""
        return ((1 << self.width) - 1) << self.low

    @property
    def min_value(self) -> int:
        """Smallest value."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max_value(self) -> int:
        """Largest value."""
        return (1 << (self.width - self.signed)) - 1

    def decode(self, words: ArrayLike) -> NDArray[np.int64]:
        """Values of the field in `words` (uint64, any shape)."""
        raw = (np.asarray(words, dtype=np.uint64) >> np.uint64(self.low)) & np.uint64((1 << self.width) - 1)
        values = raw.astype(np.int64)
        return values - ((values > self.max_value) * (1 << self.width)) if self.signed else values

    def encode(self, values: ArrayLike) -> Words:
        """`values` (integers, any shape) as bits at their place in the word.

        Raises
        ------
        DataError
            If a value does not fit into the field.
        """
        given = np.asarray(values, dtype=np.int64)
        outside = (given < self.min_value) | (given > self.max_value)
        if outside.any():
            place = tuple(int(index[0]) for index in np.nonzero(np.atleast_1d(outside)))
            msg = (
                f"field {self.name!r} holds {int(np.atleast_1d(given)[place])} at index {place}: outside "
                f"{self.min_value}..{self.max_value} ({self.width} bits); {int(outside.sum())} values are out of range"
            )
            raise DataError(msg)
        return (given & ((1 << self.width) - 1)).astype(np.uint64) << np.uint64(self.low)


@dataclass(frozen=True, slots=True)
class WordLayout:
    """Which bits of an `n_bits` wide word mean what; bits in no field are *unused*.

    Raises
    ------
    ConfigError
        If fields overlap, share a name or stick out of the word.

    Examples
    --------
    >>> layout = WordLayout("egamma", 32, (BitField("pt", 0, 9), BitField("eta", 9, 8, signed=True)))
    >>> fields = layout.decode([0x1FE05])
    >>> fields["pt"], fields["eta"]
    (array([5]), array([-1]))
    >>> hex(layout.encode(fields)[0])
    '0x1fe05'
    """

    name: str
    n_bits: int
    fields: tuple[BitField, ...]

    def __post_init__(self) -> None:
        taken = 0
        for field in self.fields:
            if field.high >= self.n_bits:
                msg = f"{self.name}: field {field.name!r} ends at bit {field.high}, the word has {self.n_bits} bits"
                raise ConfigError(msg)
            if taken & field.mask:
                msg = f"{self.name}: field {field.name!r} (bits {field.high}..{field.low}) overlaps another field"
                raise ConfigError(msg)
            taken |= field.mask
        if len(set(self.names)) < len(self.fields):
            msg = f"{self.name}: two fields share a name: {', '.join(self.names)}"
            raise ConfigError(msg)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in the order of the layout."""
        return tuple(field.name for field in self.fields)

    @property
    def mask(self) -> int:
        """All bits that belong to a field."""
        return sum(field.mask for field in self.fields)

    def field(self, name: str) -> BitField:
        """The field called `name`.

        Raises
        ------
        SchemaError
            If the word has no such field.
        """
        for field in self.fields:
            if field.name == name:
                return field
        msg = f"{self.name} has no field {name!r}; {nearest(name, self.names)}"
        raise SchemaError(msg)

    def decode(self, words: ArrayLike) -> dict[str, NDArray[np.int64]]:
        """Every field of `words` (uint64, any shape), by name."""
        given = np.asarray(words, dtype=np.uint64)
        return {field.name: field.decode(given) for field in self.fields}

    def encode(self, values: Mapping[str, ArrayLike]) -> Words:
        """Words made of `values`, one array a field, shapes that broadcast; a field that is not given is 0.

        Raises
        ------
        SchemaError
            If the word has no such field.
        DataError
            If a value does not fit into its field or nothing is given.
        """
        if not values:
            msg = f"{self.name}: no field given; known: {', '.join(self.names)}"
            raise DataError(msg)
        encoded = (self.field(name).encode(column) for name, column in values.items())
        words = next(encoded)
        for part in encoded:
            words = words | part
        return words

    def unused(self, words: ArrayLike) -> Words:
        """Bits of `words` (uint64, any shape) that lie in no field: 0 where the layout explains the word."""
        return np.asarray(words, dtype=np.uint64) & np.uint64(~self.mask & 0xFFFF_FFFF_FFFF_FFFF)
