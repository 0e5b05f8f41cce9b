"""The first crossings of a file as a person reads them: words with the quantities that they stand for."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from l1ml.data.event_file import EventFile
from l1ml.data.event_layout import is_bits
from l1ml.data.events import Events
from l1ml.data.readers import reader_called, reader_of
from l1ml.data.schema import Field, ObjectSchema, RealField

__all__ = ["event_rows", "first_events"]


def first_events(path: Path, n: int, *, name: str | None = None) -> Events:
    """The first `n` crossings of a file of any format (or of the format `name`), unfinished event files included.

    Raises
    ------
    DataError
        If the file is missing, damaged or empty.
    SchemaError
        If no reader knows it.
    """
    if name is None and (not path.is_file() or path.suffix == ".part"):
        with EventFile(path, unfinished=True) as file:
            return file[:n]
    reader = reader_of(path) if name is None else reader_called(name)
    batches = reader.iterate(path, chunk=n)
    return Events.concatenate(list(islice(batches, 1))).select(slice(0, n))


def event_rows(events: Events) -> list[dict[str, Any]]:
    """JSON values of each crossing: identity, and every object that is there, with words and physical values.

    An object has a key for each word, such as ``hw_pt``, and one of the same name without ``hw_`` for what it stands for.
    """
    return [_row(events, number) for number in range(len(events))]


def _row(events: Events, number: int) -> dict[str, Any]:
    """One crossing."""
    identity = {name: int(column[number]) for name, column in events.crossing.items() if name != "process"}
    if "process" in events.crossing:
        identity["process"] = events.processes[int(events.crossing["process"][number])]  # type: ignore[assignment]
    return {
        "event": int(events.event[number]),
        "group": int(events.group[number]),
        **identity,
        "weight": float(events.weight[number]),
        "truth": {name: float(values[number]) for name, values in events.truth.items()},
        "objects": {item.name: _objects(events, item, number) for item in events.schema.objects},
    }


def _objects(events: Events, item: ObjectSchema, number: int) -> list[dict[str, Any]]:
    """The objects of one collection that are there, with the slot of each; of single bits those that are set."""
    there = events.valid(item.name)[number]
    if is_bits(item):
        there = events.collections[item.name][item.columns[0]][number] != 0
    return [{"slot": int(slot), **_values(events, item, number, int(slot))} for slot in there.nonzero()[0]]


def _values(events: Events, item: ObjectSchema, number: int, slot: int) -> dict[str, Any]:
    """Words and physical values of one object."""
    values: dict[str, Any] = {}
    entries: tuple[Field | RealField, ...] = (*item.fields, *item.reals)
    for entry in entries:
        stored = events.collections[item.name][entry.column][number, slot]
        if isinstance(entry, Field):
            values[entry.column] = int(stored)
            values[entry.name] = float(entry.scale.to_physical(stored))
        else:
            values[entry.column] = float(stored)
    return values
