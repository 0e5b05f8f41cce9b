"""Histograms of every column of an event file by process, filled chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_file import EventFile
from l1ml.data.event_layout import is_bits
from l1ml.data.events import Events
from l1ml.data.schema import EventSchema, Field, ObjectSchema, RealField
from l1ml.progress import SILENT, Progress

__all__ = ["FieldHistogram", "field_histograms"]

_N_BINS = 40


@dataclass(frozen=True, eq=False, slots=True)
class FieldHistogram:
    """One column of one object over all processes of a file.

    Parameters
    ----------
    object_name, column : str
        Which one.
    unit : str
        Unit of the edges.
    edges : ndarray of float64, shape (k + 1,)
        Common edges; those of words lie half way between words.
    values, errors : mapping of str to ndarray of float64, shape (k,)
        For each process the mean number of entries of one crossing in each bin, and its standard deviation with every entry as
        one draw (copies of a hard collision are not recognised here; `l1ml.trigger.distribution` does).
    """

    object_name: str
    column: str
    unit: str
    edges: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]
    errors: Mapping[str, NDArray[np.float64]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, as figures read them."""
        return {
            "quantity": f"{self.object_name} {self.column.removeprefix('hw_')}",
            "unit": self.unit,
            "per": "object",
            "edges": self.edges.tolist(),
            "values": {name: column.tolist() for name, column in self.values.items()},
            "errors": {name: column.tolist() for name, column in self.errors.items()},
        }


def field_histograms(path: Path, *, progress: Progress = SILENT) -> list[FieldHistogram]:
    """Histograms of every column of every object of the event file `path`; the file is read twice, for ranges and for entries.

    Raises
    ------
    DataError
        If the file is missing, damaged or empty.
    """
    with EventFile(path) as file:
        progress.start(f"reading {path.name}", 2 * len(file))
        edges = _ranges(file, progress)
        sums: dict[tuple[str, str, str], NDArray[np.float64]] = {}
        totals: dict[str, float] = {}
        for events in file.iterate():
            for name, mine in _by_process(events):
                totals[name] = totals.get(name, 0.0) + float(mine.weight.sum())
                for key, values, weight in _entries(mine):
                    filled = np.stack([_fill(values, weight, edges[key]), _fill(values, weight**2, edges[key])])
                    sums[(*key, name)] = sums.get((*key, name), 0.0) + filled
            progress.advance(len(events))
        progress.finish()
        scaled = {key: sums[key] / np.array([[totals[key[2]]], [totals[key[2]] ** 2]]) for key in sums}
        return [_histogram(file.schema, key, edges[key], {name: scaled[(*key, name)] for name in totals}) for key in edges]


def _ranges(file: EventFile, progress: Progress) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Edges of each column from what is in the file."""
    limits: dict[tuple[str, str], tuple[float, float]] = {}
    for events in file.iterate():
        for key, values, _ in _entries(events):
            low, high = limits.get(key, (np.inf, -np.inf))
            if values.size:
                low, high = min(low, float(values.min())), max(high, float(values.max()))
            limits[key] = low, high
        progress.advance(len(events))
    edges = {key: _edges(low, high, whole=key[1].startswith("hw_")) for key, (low, high) in limits.items()}
    bits = {(item.name, item.columns[0]): np.arange(-0.5, item.n_slots) for item in file.schema.objects if is_bits(item)}
    return {**edges, **bits}


def _edges(low: float, high: float, *, whole: bool) -> NDArray[np.float64]:
    """About 40 bins; of whole words, an even number of them where calorimeter towers would show a comb."""
    if low > high:
        return np.array([-0.5, 0.5])
    if not whole:
        return np.linspace(
            low, np.nextafter(np.float32(max(high, low + 1e-6)), np.float32(np.inf)), _N_BINS + 1, dtype=np.float64
        )
    step = int(-(-(high - low + 1) // _N_BINS))
    step += step > 1 and step % 2
    return np.arange(low, high + step + 1, step, dtype=np.float64) - 0.5


def _by_process(events: Events) -> Iterator[tuple[str, Events]]:
    """The crossings of each process."""
    if "process" not in events.crossing:
        yield ", ".join(events.processes), events
        return
    for number, name in enumerate(events.processes):
        mine = events.crossing["process"] == number
        if mine.any():
            yield name, events.select(mine)


def _entries(events: Events) -> Iterator[tuple[tuple[str, str], NDArray[Any], NDArray[np.float64]]]:
    """Object and column, values of all objects that are there, weight of their crossings; of bits the numbers of those set."""
    for item in events.schema.objects:
        if is_bits(item):
            rows, slots = np.nonzero(events.collections[item.name][item.columns[0]])
            yield (item.name, item.columns[0]), slots, events.weight[rows]
            continue
        valid = events.valid(item.name)
        weight = np.broadcast_to(events.weight[:, None], valid.shape)[valid]
        for column in item.columns:
            yield (item.name, column), events.collections[item.name][column][valid], weight


def _fill(values: NDArray[Any], weight: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of weights in each bin."""
    bins = np.searchsorted(edges, values, side="right") - 1
    return np.asarray(np.bincount(np.clip(bins, 0, edges.size - 2), weight, minlength=edges.size - 1), np.float64)


def _histogram(
    schema: EventSchema, key: tuple[str, str], edges: NDArray[np.float64], sums: Mapping[str, NDArray[np.float64]]
) -> FieldHistogram:
    """One histogram in physical units."""
    entry = _entry(schema.object(key[0]), key[1])
    if isinstance(entry, Field):
        physical, unit = entry.scale.to_physical(edges), entry.scale.unit
    else:
        physical, unit = edges, entry.unit
    values = {name: pair[0] for name, pair in sums.items()}
    errors = {name: np.sqrt(pair[1]) for name, pair in sums.items()}
    return FieldHistogram(*key, unit, np.asarray(physical, np.float64), values, errors)


def _entry(item: ObjectSchema, column: str) -> Field | RealField:
    """The field or real quantity with that column."""
    entries: tuple[Field | RealField, ...] = (*item.fields, *item.reals)
    return next(entry for entry in entries if entry.column == column)
