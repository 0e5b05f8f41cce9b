"""Particles of generated events as objects with one slot each: integers as words, momenta in float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.batches import as_reals, padded
from l1ml.data.readers.particle_text import Column, whole_numbers
from l1ml.data.schema import Field, ObjectSchema, RealField
from l1ml.errors import DataError
from l1ml.hardware import HardwareScale

__all__ = ["INTEGER", "particle_columns", "particle_object", "slots_for"]

INTEGER = HardwareScale(1, 32, signed=True)
"""Scale of integers that no hardware carries: PDG numbers, status codes, positions in the event."""
_UNITS = {"px": "GeV", "py": "GeV", "pz": "GeV", "energy": "GeV", "mass": "GeV", "lifetime": "mm"}


def particle_object(n_slots: int, words: Sequence[str], reals: Sequence[str]) -> ObjectSchema:
    """The object "particle" with these integers and real quantities."""
    fields = tuple(Field(name, INTEGER) for name in words)
    return ObjectSchema("particle", n_slots, fields, tuple(RealField(name, _UNITS.get(name, "")) for name in reals))


def slots_for(found: int, asked: int | None, where: str) -> int:
    """Slots for the particles of an event: as many as asked for, or else as the largest event of the file has.

    Raises
    ------
    DataError
        If `asked` is not positive.
    """
    if asked is not None and asked < 1:
        msg = f"{where}: slots is {asked}, must be 1 or more"
        raise DataError(msg)
    return max(1, found) if asked is None else asked


def particle_columns(
    item: ObjectSchema, columns: Mapping[str, Column], counts: NDArray[np.int64], where: str, first: int, *, truncate: bool
) -> tuple[dict[str, NDArray[np.generic]], NDArray[np.bool_]]:
    """Columns of the object `item`, shape (n, slots), from flat `columns`, and which slots hold a particle.

    Parameters
    ----------
    item : ObjectSchema
        As `particle_object` makes it.
    columns : mapping of ndarray of float64, shape (particles of all events,)
        By the names of fields and reals.
    counts : ndarray of int, shape (n,)
        Particles of each event.
    where : str
        The file, for messages.
    first : int
        Number of the first event in it.
    truncate : bool
        Whether particles beyond the slots are left out; otherwise they are an error.

    Raises
    ------
    DataError
        If an event has too many particles, or an integer is none.
    """
    slots = item.n_slots
    if not truncate and counts.max(initial=0) > slots:
        event = int(np.argmax(counts > slots))
        msg = (
            f"{where}, event {first + event}: {counts[event]} particles, {slots} slots; pass truncate=True to leave the rest out"
        )
        raise DataError(msg)
    rank = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    keep, kept = rank < slots, np.minimum(counts, slots)
    found: dict[str, NDArray[np.generic]] = {}
    for field in item.fields:
        words = whole_numbers(columns[field.name], f"{where}: {field.name}, events {first} to {first + len(counts) - 1}")
        found[field.column] = padded(kept, words[keep], slots, np.int32)
    for real in item.reals:
        values = as_reals(columns[real.name], f"{where}: {real.name}, particles from event {first} on", 0)
        found[real.name] = padded(kept, values[keep], slots, np.float32)
    return found, np.arange(slots) < kept[:, None]
