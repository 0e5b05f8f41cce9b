"""Fields of the objects, slot by slot, at the crossing that a condition asks for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import ObjectSchema
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.errors import DataError, SchemaError, nearest
from l1ml.hardware.objects import GLOBAL_TRIGGER_SCALES
from l1ml.hardware.scales import HardwareScale

__all__ = ["COLLECTIONS", "Columns", "event_collection", "shifted"]

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

_EVENT_NAMES = {"met": "etmhf"}
_EXTERNAL = "external"
_CALORIMETER, _SUM = GLOBAL_TRIGGER_SCALES["egamma"], GLOBAL_TRIGGER_SCALES["met"]
_SCALES: dict[str, Mapping[str, HardwareScale]] = {
    "muon": GLOBAL_TRIGGER_SCALES["muon"],
    "egamma": _CALORIMETER,
    "tau": _CALORIMETER,
    "jet": GLOBAL_TRIGGER_SCALES["jet"],
    **{name: _SUM for kind, name in COLLECTIONS.items() if kind not in {"MU", "EG", "TAU", "JET"}},
}

_T = TypeVar("_T", bound=np.generic)


def event_collection(name: str) -> str:
    """Collection of the crossings that an object of the events stands for: missing energy is that of all towers."""
    return _EVENT_NAMES.get(name, name)


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
    """Objects of `n` crossings, seen slot-major; made by `of_crossings` or `of_events`.

    Parameters
    ----------
    n : int
        Number of crossings.
    objects : mapping of mapping of integer ndarray, shape (n, slots) or (n,)
        Words of each field of each collection.
    source : str
        Which objects these are, for messages.
    era : str
        Era of the word layout; empty for events, which are read by today's rules.
    bx : ndarray of int64, shape (n,), optional
        Number of each crossing in its orbit, where it is known.
    externals : ndarray of bool, shape (n, 256), optional
        External signals by channel.
    consecutive : bool
        Whether each crossing follows on the one before it; events do not.
    """

    n: int
    objects: Mapping[str, Mapping[str, Column]]
    source: str
    era: str = ""
    bx: NDArray[np.int64] | None = None
    externals: NDArray[np.bool_] | None = None
    consecutive: bool = False
    _fields: dict[tuple[str, str], Column] = field(default_factory=dict, init=False, repr=False, compare=False)
    _masks: dict[tuple[Hashable, ...], NDArray[np.bool_]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of_crossings(cls, crossings: Crossings) -> Self:
        """Columns of decoded vectors."""
        source = f"era {crossings.era}"
        return cls(crossings.n, crossings.objects, source, crossings.era, crossings.bx, crossings.externals, consecutive=True)

    @classmethod
    def of_events(cls, events: Events) -> Self:
        """Columns of events by the names of their objects; they have no neighbouring crossings.

        The object "met" is the missing energy of all towers, ETMHF in the grammar; "external" holds the external signals.

        Raises
        ------
        SchemaError
            If an object is on other scales than those that menus cut on.
        """
        objects = {event_collection(schema.name): _words(schema, events) for schema in events.schema.objects if schema.fields}
        signals = objects.pop(_EXTERNAL, {}).get("bit")
        externals = None if signals is None else signals.astype(np.bool_)
        return cls(events.n, objects, f"schema {events.schema.name!r}", "", events.crossing.get("bx"), externals)

    @property
    def cyclic(self) -> bool:
        """Whether these are whole orbits: then crossing 0 follows on 3563, as in the pattern memories of the firmware."""
        return (
            self.consecutive
            and self.bx is not None
            and self.n > 0
            and int(self.bx[0]) == 0
            and int(self.bx[-1]) == N_CROSSINGS - 1
        )

    def seen(self, values: NDArray[_T], bx_offset: int) -> NDArray[_T]:
        """`values`, crossings along the last axis, of the crossing `bx_offset` later.

        Raises
        ------
        DataError
            If there are no neighbouring crossings.
        """
        if bx_offset and not self.consecutive:
            msg = f"events of {self.source} are not consecutive crossings, and another crossing is asked for"
            raise DataError(msg)
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
        return name in self.objects.get(collection, {})

    def _read(self, collection: str, name: str) -> Column:
        fields = self.objects.get(collection)
        if fields is None:
            msg = f"crossings of {self.source} hold no {collection!r}; {nearest(collection, self.objects)}"
            raise DataError(msg)
        if name not in fields:
            msg = f"{collection!r} of {self.source} has no field {name!r}; {nearest(name, fields)}"
            raise DataError(msg)
        values = np.asarray(fields[name])
        values = values[:, np.newaxis] if values.ndim == 1 else values
        narrow = max(int(values.max(initial=0)), -int(values.min(initial=0))) <= np.iinfo(np.int16).max
        return np.ascontiguousarray(values.astype(np.int16 if narrow else np.int32).T)


def _words(schema: ObjectSchema, events: Events) -> dict[str, Column]:
    """Words of an object, on the scales that menus cut on."""
    scales = _SCALES.get(event_collection(schema.name), {})
    for item in schema.fields:
        if item.name in scales and item.scale != scales[item.name]:
            expected = scales[item.name]
            msg = f"{schema.name} {item.name} words of these events are on {item.scale}, menus cut on {expected}"
            raise SchemaError(msg)
    return {item.name: events.collections[schema.name][item.column] for item in schema.fields}
