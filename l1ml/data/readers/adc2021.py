"""Files of the anomaly detection challenge at 40 MHz (ADC2021), read and written.

HDF5, one dataset ``Particles`` of the shape (N, 19, 4): one missing energy, four e/gamma, four muons, ten jets, each as pt in
GeV, eta, phi in radians and a type (1 missing energy, 2 e/gamma, 3 muon, 4 jet; 0 in an empty slot), which public code drops.
Layout as read by public code of the challenge (mpp-hep/ADC2021-examplecode and forks); the data are those of Govorkova et al.,
arXiv:2107.02157. The file has no event number: the identity of an event is its row.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Collections, Events
from l1ml.data.readers.batches import as_reals, numbered
from l1ml.data.readers.hdf5_rows import hdf5_arrays, is_hdf5
from l1ml.data.readers.hdf5_sink import hdf5_sink
from l1ml.data.readers.level1_words import WordReport, level1_words
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import Rows, together
from l1ml.data.schema import LEVEL1_SCHEMA, EventSchema, Field, ObjectSchema, RealField
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware import HardwareScale

__all__ = ["ADC2021_SCHEMA", "READER", "iterate_adc2021", "write_adc2021"]

_DATASET = "Particles"
_QUANTITIES = (RealField("pt", "GeV"), RealField("eta"), RealField("phi", "rad"))
_SLOTS = {"met": 1, "egamma": 4, "muon": 4, "jet": 10}
_TYPES = {name: number for number, name in enumerate(_SLOTS, start=1)}
_EDGES = tuple(np.cumsum([0, *_SLOTS.values()]).tolist())
_RANGES = dict(zip(_SLOTS, pairwise(_EDGES), strict=True))

ADC2021_SCHEMA = EventSchema(
    "adc2021",
    1,
    tuple(ObjectSchema(name, n, (Field("type", HardwareScale(1, 3)),), _QUANTITIES) for name, n in _SLOTS.items()),
)
"""1 MET, 4 e/gamma, 4 muons, 10 jets as floats, and the type as the file has it; slots of pt 0 are empty."""


def iterate_adc2021(
    path: Path,
    *,
    chunk: int = 8192,
    scales: Literal["real", "ugt"] = "real",
    rounded: bool = False,
    report: WordReport | None = None,
) -> Iterator[Events]:
    """Events of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        An HDF5 file of the challenge.
    chunk : int
        Most events of a batch.
    scales : {"real", "ugt"}
        GeV and radians (`ADC2021_SCHEMA`), or words of the Global Trigger (`LEVEL1_SCHEMA`), see `level1_words`.
    rounded : bool
        Whether float64 values that float32 cannot hold are rounded; otherwise they are an error.
    report : WordReport, optional
        Counts what did not fit its word. Without it, a warning at the end says so.

    Raises
    ------
    ConfigError
        If there are no such scales.
    SchemaError
        If the file has no ``Particles`` or they have another shape.
    DataError
        If the file is damaged, or a value is not finite, or not a type.
    """
    if scales not in {"real", "ugt"}:
        msg = f"scales is {scales!r}, expected 'real' or 'ugt'"
        raise ConfigError(msg)
    found = WordReport() if report is None else report
    with hdf5_arrays(path) as arrays:
        particles = _particles(arrays.rows(_DATASET))
        for start, blocks in together({_DATASET: particles}, chunk):
            events = _events(particles, blocks[_DATASET], start, rounded=rounded)
            yield events if scales == "real" else level1_words(events, found)
    if report is None and found.n_saturated:
        warnings.warn(f"{path}: {found.summary()}", stacklevel=2)


def _particles(rows: Rows) -> Rows:
    rows.check((None, _EDGES[-1], 4))
    return rows


def _events(rows: Rows, block: NDArray[Any], start: int, *, rounded: bool) -> Events:
    reals = as_reals(block[..., :3], str(rows), start, exact=not rounded)
    types = block[..., 3]
    known = (types >= 0) & (types <= len(_TYPES)) & (types == np.floor(types))
    if not known.all():
        row, slot = np.argwhere(~known)[0]
        msg = f"{rows}, row {start + row}, slot {slot}: {types[row, slot]} is not a type (0 to {len(_TYPES)})"
        raise DataError(msg)
    words = types.astype(np.int32)
    collections: dict[str, dict[str, NDArray[Any]]] = {}
    for name, (first, end) in _RANGES.items():
        columns = {item.name: np.ascontiguousarray(reals[:, first:end, axis]) for axis, item in enumerate(_QUANTITIES)}
        collections[name] = {"hw_type": np.ascontiguousarray(words[:, first:end]), **columns}
    masks = {name: columns["pt"] != 0 for name, columns in collections.items()}
    return numbered(ADC2021_SCHEMA, collections, start, len(block), masks=masks)


def write_adc2021(path: Path, batches: Iterable[Events], *, dtype: Literal["f4", "f8"] = "f4") -> int:
    """Write events to `path` in the layout of the challenge; the number of events.

    Parameters
    ----------
    path : Path
        The HDF5 file.
    batches : iterable of Events
        With the objects met (1 slot), egamma (4), muon (4), jet (10) and their reals pt, eta, phi. Where they have no type, an
        object of pt above 0 gets that of its kind.
    dtype : {"f4", "f8"}
        Type of the numbers in the file.

    Raises
    ------
    SchemaError
        If an object or a quantity is missing.
    DataError
        If there are no events, or a real quantity is not finite.
    StorageError
        If the disk is full.
    """
    n = 0
    with hdf5_sink(path) as sink:
        for events in batches:
            _check_schema(events.schema)
            events.validate()
            sink.append({_DATASET: _block(events.collections, events.n, np.dtype(f"<{dtype}"))})
            n += events.n
        if n == 0:
            msg = f"no events to write to {path}"
            raise DataError(msg)
    return n


def _check_schema(schema: EventSchema) -> None:
    for wanted in ADC2021_SCHEMA.objects:
        item = schema.object(wanted.name)
        lacks = [real.name for real in wanted.reals if real.name not in item.columns]
        if lacks or item.n_slots != wanted.n_slots:
            msg = (
                f"schema {schema.name!r}: {item.name} has {item.n_slots} slots of {', '.join(item.columns)}; this format needs "
                f"{wanted.n_slots} slots with pt, eta and phi as real quantities"
            )
            raise SchemaError(msg)


def _block(collections: Collections, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """All objects as (n, 19, 4)."""
    block = np.empty((n, _EDGES[-1], 4), dtype)
    for name, (first, end) in _RANGES.items():
        columns = collections[name]
        for axis, item in enumerate(_QUANTITIES):
            block[:, first:end, axis] = columns[item.name]
        block[:, first:end, 3] = columns["hw_type"] if "hw_type" in columns else np.where(columns["pt"] != 0, _TYPES[name], 0)
    return block


def _sniff(path: Path) -> bool:
    if not is_hdf5(path):
        return False
    try:
        with hdf5_arrays(path) as arrays:
            _particles(arrays.rows(_DATASET))
    except (DataError, SchemaError):
        return False
    return True


def _describe(path: Path) -> dict[str, Any]:
    with hdf5_arrays(path) as arrays:
        rows = _particles(arrays.rows(_DATASET))
        left_out = [name for name in arrays.names if name != _DATASET]
    return {
        "n_events": rows.n,
        "objects": ADC2021_SCHEMA.to_dict()["objects"],
        "missing": [],
        "stored": str(rows.dtype),
        "left_out": left_out,
        "words": f"scales='ugt' gives the words of {LEVEL1_SCHEMA.name!r}",
    }


READER = Reader(
    name="adc2021",
    title="ADC2021 anomaly detection challenge, HDF5 Particles (N, 19, 4)",
    suffixes=(".h5", ".hdf5"),
    sniff=_sniff,
    iterate=iterate_adc2021,
    describe=_describe,
)
