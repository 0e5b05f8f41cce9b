"""Test vectors of the Global Trigger as events: every field of every object, external signals and algorithm bits.

Objects and fields have the names of the era's layout (`l1ml.hardware.ugt_layouts`); signals are the objects ``external`` (256
slots), ``algorithm`` (512 slots, by index) and ``final_or``, each with a ``bit``. The identity of a crossing is its number in
the file, counted from 0; its ``bx`` is what the line says. All weights are 1.

Scales: "Scales for inputs to the uGT" (mp7_ugt_legacy documentation, May 2024); what is not a momentum, energy or angle there
is a plain number here.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.reader import Reader
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.data.ugt_crossings import Crossings
from l1ml.data.ugt_vectors import era_of, iterate_vectors
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, HardwareScale
from l1ml.hardware.ugt_layouts import Part, UgtLayout, ugt_layout

__all__ = ["READER", "describe_ugt", "iterate_ugt", "ugt_schema"]

_START = re.compile(rb"\d{4} [0-9a-fA-F]{16} ")
_MUON, _CALORIMETER = GLOBAL_TRIGGER_SCALES["muon"], GLOBAL_TRIGGER_SCALES["egamma"]


def ugt_schema(era: str) -> EventSchema:
    """Everything that a line of a vector file of `era` says.

    Raises
    ------
    SchemaError
        If l1ml knows no layout of that year.
    """
    layout = ugt_layout(era)
    objects = [
        ObjectSchema(
            name, item.n_slots, tuple(Field(field, _scale(layout, name, field, parts)) for field, parts in item.fields.items())
        )
        for name, item in layout.objects.items()
    ]
    bit = (Field("bit", HardwareScale(1.0, 1)),)
    signals = [
        ObjectSchema("external", layout.n_externals, bit),
        ObjectSchema("algorithm", layout.n_algorithms, bit),
        ObjectSchema("final_or", 1, bit),
    ]
    return EventSchema(f"ugt_{era}", 1, (*objects, *signals))


def iterate_ugt(path: Path, *, chunk: int = 3564, era: str | None = None, whole_orbits: bool = True) -> Iterator[Events]:
    """Crossings of the vector file `path` (plain or gzip) in batches of at most `chunk`.

    Parameters
    ----------
    path : Path
        The file.
    chunk : int
        Crossings of a batch; bounds the memory.
    era : str, optional
        Year of the layout; by default what the name of the file says.
    whole_orbits : bool
        Whether the first crossing must be 0 and the last 3563.

    Raises
    ------
    DataError
        If the file is missing, truncated or malformed, or a crossing is missing.
    SchemaError
        If the era is unknown or the lines have the columns of another one.
    """
    schema = ugt_schema(era_of(path) if era is None else era)
    first = 0
    for crossings in iterate_vectors(path, chunk, era=era, whole_orbits=whole_orbits):
        yield _events(schema, crossings, first)
        first += len(crossings)


def describe_ugt(path: Path) -> dict[str, Any]:
    """Era, first crossing and objects; crossings are not counted, because that would read the file."""
    era = era_of(path)
    first = next(islice(iterate_vectors(path, 1, era=era, whole_orbits=False), 1))
    content = ugt_schema(era).to_dict()
    return {"era": era, "n_events": None, "first_bx": int(first.bx[0]), "objects": content["objects"], "missing": []}


def _events(schema: EventSchema, crossings: Crossings, first: int) -> Events:
    """The same crossings as columns of words; `first` is the number of the first one in its file."""
    signals = {
        "external": crossings.externals,
        "algorithm": crossings.algorithms,
        "final_or": crossings.final_or[:, None],
    }
    columns: dict[str, dict[str, NDArray[Any]]] = {name: {"hw_bit": bits.astype(np.int8)} for name, bits in signals.items()}
    for item in schema.objects[: -len(signals)]:
        fields = crossings.objects[item.name]
        columns[item.name] = {entry.column: fields[entry.name].astype(np.int32) for entry in item.fields}
    row = np.arange(first, first + len(crossings), dtype=np.uint64)
    return Events(schema, columns, np.ones(len(crossings)), row, row, crossing={"bx": crossings.bx})


def _scale(layout: UgtLayout, name: str, field: str, parts: tuple[Part, ...]) -> HardwareScale:
    """Scale of one field: its width from the layout, its unit from what it is called."""
    bits = [layout.column(part.column).layout.field(part.field) for part in parts]
    n_bits, signed = sum(item.width for item in bits), bits[0].signed
    angles = _MUON if name == "muon" else _CALORIMETER
    if field in {"eta", "eta_out", "phi", "phi_out"}:
        return HardwareScale(angles[field.removesuffix("_out")].lsb, n_bits, signed, angles[field.removesuffix("_out")].unit)
    if field == "pt":
        return HardwareScale(0.5, n_bits, signed, "GeV", offset=int(name == "muon"))
    if field == "unconstrained_pt":
        return HardwareScale(1.0, n_bits, signed, "GeV", offset=1)
    return HardwareScale(2.0**-8 if (name, field) == ("cicada", "score") else 1.0, n_bits, signed)


def _is_vector_file(path: Path) -> bool:
    """Whether the first line begins with a crossing number and a muon word."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            return _START.match((gzip.GzipFile(fileobj=raw) if packed else raw).read(32)) is not None
    except (OSError, EOFError, zlib.error):
        return False


READER = Reader("ugt", "test vectors of the CMS Global Trigger", (".txt", ".txt.gz"), _is_vector_file, iterate_ugt, describe_ugt)
"""Vector files of the eras 2016 to 2025."""
