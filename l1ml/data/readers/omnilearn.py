"""Jets in the HDF5 layout of OmniLearn (arXiv:2404.16091): ``data`` (N, n, f), ``jet`` (N, 4) and ``pid``.

As its public loader and preprocessing have it: the columns of `data` are the first f of `CONSTITUENT_NAMES`, a slot is empty
where the third of them is zero, the columns of `jet` are `JET_NAMES`, and ``pid`` holds the class as number or one-hot row. Files
whose `data` has four axes (two jets an event, with the dijet mass in ``pid``) are refused. The identity of a jet is its row.
Values of float64 are rounded to float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.batches import as_reals, numbered, quantity_names
from l1ml.data.readers.hdf5_rows import Hdf5Arrays, has_datasets, hdf5_arrays
from l1ml.data.readers.jet_arrays import Labels, labels_of
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import Rows, together
from l1ml.data.schema import EventSchema, ObjectSchema, RealField
from l1ml.errors import SchemaError

__all__ = ["CONSTITUENT_NAMES", "JET_NAMES", "READER", "iterate_omnilearn", "schema_of"]

CONSTITUENT_NAMES = (
    *("eta_rel", "phi_rel", "log_pt_rel", "log_pt", "log_energy_rel", "log_energy", "delta_r", "charge"),
    *("is_charged_hadron", "is_neutral_hadron", "is_photon", "is_electron", "is_muon"),
)
"""Quantities of a constituent: ``log_pt_rel`` is ln(1 - pt / pt of the jet), ``log_pt`` is ln(pt / GeV), the same for energy."""
JET_NAMES = ("pt", "eta", "mass", "multiplicity")
"""Quantities of a jet; pt and mass in GeV."""

_DATA, _JET, _PID = "data", "jet", "pid"
_UNITS = {"pt": "GeV", "mass": "GeV"}


def schema_of(path: Path) -> EventSchema:
    """Schema of the file `path`."""
    with hdf5_arrays(path) as arrays:
        return _schema(*_rows(arrays))


def _rows(arrays: Hdf5Arrays) -> tuple[Rows, Rows]:
    data, jet = arrays.rows(_DATA), arrays.rows(_JET)
    data.check((None, None, None))
    jet.check((None, len(JET_NAMES)))
    if not 3 <= data.width <= len(CONSTITUENT_NAMES):
        msg = f"{data} has {data.width} quantities, expected 3 to {len(CONSTITUENT_NAMES)}: {', '.join(CONSTITUENT_NAMES)}"
        raise SchemaError(msg)
    return data, jet


def _schema(data: Rows, jet: Rows) -> EventSchema:
    constituents = tuple(RealField(name) for name in quantity_names(CONSTITUENT_NAMES[: data.width], data.width, "", str(data)))
    jets = tuple(RealField(name, _UNITS.get(name, "")) for name in JET_NAMES[: jet.width])
    objects = ObjectSchema("jet", 1, (), jets), ObjectSchema("constituent", data.shape[1], (), constituents)
    return EventSchema("omnilearn", 1, objects)


def iterate_omnilearn(path: Path, *, chunk: int = 8192, classes: Sequence[str] | None = None) -> Iterator[Events]:
    """Jets of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        An HDF5 file.
    chunk : int
        Most jets of a batch.
    classes : sequence of str, optional
        Names of the classes in ``pid``; numbered otherwise.

    Raises
    ------
    SchemaError
        If the file is of another layout.
    DataError
        If it is damaged, a value is not finite, or a jet has no class.
    """
    with hdf5_arrays(path) as arrays:
        data, jet = _rows(arrays)
        labels = labels_of(arrays.rows(_PID), classes) if _PID in arrays.names else None
        schema = _schema(data, jet)
        rows = {_DATA: data, _JET: jet} | ({} if labels is None else {_PID: labels.rows})
        for start, blocks in together(rows, chunk):
            yield _events(schema, rows, blocks, labels, start)


def _events(
    schema: EventSchema, rows: dict[str, Rows], blocks: dict[str, NDArray[Any]], labels: Labels | None, start: int
) -> Events:
    reals = {
        "constituent": as_reals(blocks[_DATA], str(rows[_DATA]), start),
        "jet": as_reals(blocks[_JET], str(rows[_JET]), start),
    }
    reals["jet"] = reals["jet"][:, None, :]
    collections = {
        item.name: {real.name: np.ascontiguousarray(reals[item.name][..., index]) for index, real in enumerate(item.reals)}
        for item in schema.objects
    }
    masks = {"constituent": reals["constituent"][..., 2] != 0}
    process = None if labels is None else labels.read(blocks[_PID], start)
    n = len(blocks[_DATA])
    return numbered(schema, collections, start, n, masks=masks, process=process, processes=labels.classes if labels else ())


def _describe(path: Path) -> dict[str, Any]:
    with hdf5_arrays(path) as arrays:
        data, jet = _rows(arrays)
        return {
            "n_events": data.n,
            "objects": _schema(data, jet).to_dict()["objects"],
            "missing": [*CONSTITUENT_NAMES[data.width :], *([] if _PID in arrays.names else [_PID])],
            "stored": str(data.dtype),
            "left_out": [name for name in arrays.names if name not in {_DATA, _JET, _PID}],
        }


READER = Reader(
    name="omnilearn",
    title="OmniLearn jets, HDF5 data (N, constituents, quantities), jet (N, 4), pid",
    suffixes=(".h5", ".hdf5"),
    sniff=lambda path: has_datasets(path, _DATA, _JET),
    iterate=iterate_omnilearn,
    describe=_describe,
)
