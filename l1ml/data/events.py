"""A batch of bunch crossings as columns of integer words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["CROSSING_COLUMNS", "Collections", "Events"]

Collections = Mapping[str, Mapping[str, NDArray[Any]]]

CROSSING_COLUMNS = ("run", "luminosity_block", "orbit", "bx", "process", "collisions")
"""What may be known about where a crossing comes from, and how many collisions it has."""

_ROWS_AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class Events:
    """Columns of `n` crossings.

    Parameters
    ----------
    schema : EventSchema
        Which collections there are and what their words mean.
    collections : mapping of mapping of ndarray, shape (n, n_slots)
        Words (int32), for instance ``collections["jet"]["hw_pt"]``, and real quantities (float32) of each object.
    weight : ndarray of float64, shape (n,)
        Share of the process that a crossing stands for.
    event : ndarray of uint64, shape (n,)
        Identity of the crossing.
    group : ndarray of uint64, shape (n,)
        Crossings that share a hard collision have the same group: one draw for an error, one side of a split.
    truth : mapping of ndarray of float32, shape (n,)
        Generator quantities in GeV, for the axes of plots only; ``pileup`` is mu, a plain number.
    masks : mapping of ndarray of bool, shape (n, n_slots)
        Which slots of a collection hold an object, where its pt word does not say so; see `valid`.
    crossing : mapping of ndarray of int64, shape (n,)
        What is known of each crossing: any of `CROSSING_COLUMNS`. `bx` counts 0 to 3563; `process` is an index into `processes`;
        `collisions` counts inelastic ones, that of a signal included.
    processes : tuple of str
        Names of the physics processes; one name where all events are of it.

    Raises
    ------
    SchemaError
        If collections or fields are missing.
    DataError
        If shapes disagree.
    """

    schema: EventSchema
    collections: Collections
    weight: NDArray[np.float64]
    event: NDArray[np.uint64]
    group: NDArray[np.uint64]
    truth: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    crossing: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    processes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for item in self.schema.objects:
            if item.name not in self.collections:
                msg = f"events lack the collection {item.name!r}; received {', '.join(self.collections)}"
                raise SchemaError(msg)
            for column in item.columns:
                if column not in self.collections[item.name]:
                    msg = f"events lack {item.name}/{column}; received {', '.join(self.collections[item.name])}"
                    raise SchemaError(msg)
                self._check_shape(f"{item.name}/{column}", self.collections[item.name][column], (self.n, item.n_slots))
        self._check_shape("event", self.event, (self.n,))
        self._check_shape("group", self.group, (self.n,))
        for name, values in self.truth.items():
            self._check_shape(f"truth/{name}", values, (self.n,))
        for name, mask in self.masks.items():
            self._check_shape(f"{name}/valid", mask, (self.n, self.schema.object(name).n_slots))
        for name, numbers in self.crossing.items():
            self._check_crossing(name, numbers)

    def _check_crossing(self, name: str, column: NDArray[Any]) -> None:
        if name not in CROSSING_COLUMNS:
            msg = f"unknown crossing column {name!r}; {nearest(name, CROSSING_COLUMNS)}"
            raise SchemaError(msg)
        self._check_shape(f"crossing/{name}", column, (self.n,))

    @staticmethod
    def _check_shape(name: str, column: NDArray[Any], shape: tuple[int, ...]) -> None:
        if column.shape != shape:
            msg = f"{name} has the shape {column.shape}, expected {shape}"
            raise DataError(msg)

    @classmethod
    def empty(cls, schema: EventSchema) -> Self:
        """No crossings at all."""
        collections = {
            item.name: {
                **{entry.column: np.zeros((0, item.n_slots), np.int32) for entry in item.fields},
                **{entry.column: np.zeros((0, item.n_slots), np.float32) for entry in item.reals},
            }
            for item in schema.objects
        }
        none = np.zeros(0, np.uint64)
        return cls(schema, collections, np.zeros(0), none, none)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return len(self.weight)

    def __len__(self) -> int:
        return self.n

    def valid(self, collection: str) -> NDArray[np.bool_]:
        """Which slots hold an object, shape (n, n_slots): what `masks` says, else those whose pt word is not zero, else all."""
        if collection in self.masks:
            return self.masks[collection]
        columns = self.collections[collection]
        if "hw_pt" in columns:
            return np.asarray(columns["hw_pt"] != 0)
        return np.ones((self.n, self.schema.object(collection).n_slots), dtype=np.bool_)

    def features(self) -> NDArray[np.int32]:
        """All words in the order of ``schema.features``, shape (n, n_features)."""
        words = np.empty((self.n, self._n_features), np.int32)
        # a few rows at a time, which are turned from features to rows while they are still in the cache
        for start in range(0, self.n, _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            words[rows] = self.feature_rows(rows, np.int32)
        return words

    def feature_rows(self, rows: slice, kind: DTypeLike) -> NDArray[Any]:
        """The words of the crossings `rows` (of step one) as `features` has them, in a new array of the type `kind`.

        In memory they lie feature by feature, as in the columns: half the time of rows, whose loops over the slots are short.
        """
        begin, end, _ = rows.indices(self.n)
        words = np.empty((self._n_features, end - begin), kind)
        first = 0
        for item in self.schema.read:
            n_fields = len(item.fields)
            last = first + item.n_slots * n_fields
            for index, entry in enumerate(item.fields):
                words[first + index : last : n_fields] = self.collections[item.name][entry.column][begin:end].T
            first = last
        return words.T

    @property
    def _n_features(self) -> int:
        return sum(item.n_slots * len(item.fields) for item in self.schema.read)

    def select(self, rows: NDArray[Any] | slice) -> Self:
        """The crossings that a mask, an index array or a slice picks."""
        collections = {
            name: {column: words[rows] for column, words in columns.items()} for name, columns in self.collections.items()
        }
        truth = {name: values[rows] for name, values in self.truth.items()}
        masks = {name: mask[rows] for name, mask in self.masks.items()}
        crossing = {name: column[rows] for name, column in self.crossing.items()}
        weight, event, group = self.weight[rows], self.event[rows], self.group[rows]
        return type(self)(self.schema, collections, weight, event, group, truth, masks, crossing, self.processes)

    @classmethod
    def concatenate(cls, parts: Sequence[Events]) -> Self:
        """All crossings of `parts`, in order.

        Raises
        ------
        DataError
            If there is nothing to join.
        SchemaError
            If the parts have different schemas or truth columns.
        """
        if not parts:
            msg = "no events to concatenate"
            raise DataError(msg)
        first = parts[0]
        for part in parts[1:]:
            if _columns_of(part) != _columns_of(first):
                msg = f"cannot join events of schema {part.schema.name!r} to those of {first.schema.name!r}: the columns differ"
                raise SchemaError(msg)
        collections = {
            name: {column: np.concatenate([part.collections[name][column] for part in parts]) for column in columns}
            for name, columns in first.collections.items()
        }
        return cls(
            first.schema,
            collections,
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.event for part in parts]),
            np.concatenate([part.group for part in parts]),
            {name: np.concatenate([part.truth[name] for part in parts]) for name in first.truth},
            {name: np.concatenate([part.masks[name] for part in parts]) for name in first.masks},
            {name: np.concatenate([part.crossing[name] for part in parts]) for name in first.crossing},
            first.processes,
        )

    def validate(self) -> None:
        """Check every word against its declared width and every float against NaN.

        Raises
        ------
        DataError
            Naming the first column, the row and the offending word.
        """
        self.validate_words()
        _check_finite("weight", self.weight)
        for name, values in self.truth.items():
            _check_finite(f"truth/{name}", values)

    def validate_words(self) -> None:
        """As `validate`, of the objects alone."""
        for item in self.schema.objects:
            for entry in item.fields:
                words, form = self.collections[item.name][entry.column], entry.scale.format
                # the ends first, in one pass each: nearly always they are all there is to look at
                if words.size and not form.min_word <= words.min() <= words.max() <= form.max_word:
                    outside = ~form.contains(words)
                    row, slot = (int(index[0]) for index in np.nonzero(outside))
                    msg = (
                        f"{item.name}/{entry.column} holds {int(words[row, slot])} at row {row}, slot {slot}: outside "
                        f"{entry.scale.min_word}..{entry.scale.max_word} ({entry.scale.n_bits} bits); "
                        f"{int(outside.sum())} words are out of range"
                    )
                    raise DataError(msg)
            for real in item.reals:
                _check_finite(f"{item.name}/{real.column}", self.collections[item.name][real.column])


def _columns_of(events: Events) -> tuple[object, ...]:
    """What two batches must have in common to be joined."""
    return events.schema.digest, set(events.truth), set(events.masks), set(events.crossing), events.processes


def _check_finite(name: str, values: NDArray[Any]) -> None:
    """Refuse a column with a NaN or an infinity."""
    wrong = ~np.isfinite(values)
    if wrong.any():
        msg = f"{name} is NaN or infinite at row {int(np.nonzero(wrong)[0][0])} ({int(wrong.sum())} such rows)"
        raise DataError(msg)
