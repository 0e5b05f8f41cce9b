"""Fields of the objects, slot by slot, at the crossing that a condition asks for."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_vectors import N_CROSSINGS, Crossings
from l1ml.errors import DataError, nearest

__all__ = ["COLLECTIONS", "Columns", "shifted"]

Column = NDArray[np.integer[Any]]

COLLECTIONS: dict[str, str] = {
    "MU": "muon",
    "EG": "egamma",
    "TAU": "tau",
    "JET": "jet",
    "ETT": "ett",
    "ETTEM": "ettem",
    "HTT": "htt",
    "ETM": "etm",
    "HTM": "htm",
    "ETMHF": "etmhf",
    "HTMHF": "htmhf",
}
"""Collection of the crossings that holds each object type of the grammar."""


_T = TypeVar("_T", bound=np.generic)


def shifted(values: NDArray[_T], bx_offset: int, *, cyclic: bool) -> NDArray[_T]:
    """`values` of the crossing `bx_offset` later, along the last axis; beyond the ends the other end, or zero if not `cyclic`.

    Examples
    --------
    >>> shifted(np.array([1, 2, 3]), 1, cyclic=False), shifted(np.array([1, 2, 3]), -1, cyclic=True)
    (array([2, 3, 0]), array([3, 1, 2]))
    """
    if bx_offset == 0:
        return values
    if cyclic:
        return np.roll(values, -bx_offset, axis=-1)
    result = np.zeros_like(values)
    if bx_offset > 0:
        result[..., :-bx_offset] = values[..., bx_offset:]
    else:
        result[..., -bx_offset:] = values[..., :bx_offset]
    return result


@dataclass(frozen=True, slots=True)
class Columns:
    """The crossings, seen slot-major.

    Parameters
    ----------
    crossings : Crossings
        Decoded vectors.
    """

    crossings: Crossings
    _fields: dict[tuple[str, str], Column] = field(default_factory=dict, init=False, repr=False, compare=False)
    _masks: dict[tuple[Hashable, ...], NDArray[np.bool_]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return len(self.crossings.bx)

    @property
    def cyclic(self) -> bool:
        """Whether these are whole orbits: then crossing 0 follows on 3563, as in the pattern memories of the firmware."""
        bx = self.crossings.bx
        return self.n > 0 and int(bx[0]) == 0 and int(bx[-1]) == N_CROSSINGS - 1

    def seen(self, values: NDArray[_T], bx_offset: int) -> NDArray[_T]:
        """`values`, crossings along the last axis, of the crossing `bx_offset` later."""
        return shifted(values, bx_offset, cyclic=bool(bx_offset) and self.cyclic)

    def field(self, collection: str, name: str) -> Column:
        """Field `name` of a collection, shape (slots, n), as narrow as its values allow.

        Raises
        ------
        DataError
            If these crossings have no such collection or field.
        """
        key = (collection, name)
        if key not in self._fields:
            self._fields[key] = self._read(collection, name)
        return self._fields[key]

    def once(self, key: tuple[Hashable, ...], make: Callable[[], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """What `make` returns, made once for `key`: most cuts of a menu stand in many of its conditions."""
        if key not in self._masks:
            self._masks[key] = make()
        return self._masks[key]

    def has(self, collection: str, name: str) -> bool:
        """Whether the crossings carry field `name` of a collection."""
        return name in self.crossings.objects.get(collection, {})

    def _read(self, collection: str, name: str) -> Column:
        fields = self.crossings.objects.get(collection)
        if fields is None:
            msg = f"these crossings hold no {collection!r}; {nearest(collection, self.crossings.objects)}"
            raise DataError(msg)
        if name not in fields:
            msg = f"{collection!r} of era {self.crossings.era} has no field {name!r}; {nearest(name, fields)}"
            raise DataError(msg)
        values = np.asarray(fields[name]).reshape(self.n, -1).T
        narrow = np.abs(values).max(initial=0) <= np.iinfo(np.int16).max
        return np.ascontiguousarray(values, dtype=np.int16) if narrow else np.ascontiguousarray(values, dtype=np.int32)
