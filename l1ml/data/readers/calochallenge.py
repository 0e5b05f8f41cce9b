"""Showers of the Fast Calorimeter Simulation Challenge (CaloChallenge 2022), read and written.

HDF5 with two datasets: ``incident_energies`` (N, 1) and ``showers`` (N, voxels), both in MeV; arXiv:2410.21611. What a voxel is
stands in an XML file beside it, see `l1ml.data.readers.shower_binning`. The file has no event number: the identity of a shower
is its row. Events keep float32, as do the files; a file in float64 is refused where a value would change, unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from l1ml.data.events import Events
from l1ml.data.readers.batches import as_reals, numbered
from l1ml.data.readers.hdf5_rows import Hdf5Arrays, has_datasets, hdf5_arrays
from l1ml.data.readers.hdf5_sink import hdf5_sink
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import Rows, together
from l1ml.data.readers.shower_binning import read_binning
from l1ml.data.schema import EventSchema, ObjectSchema, RealField
from l1ml.errors import DataError, SchemaError

__all__ = ["READER", "iterate_calochallenge", "schema_of", "shower_schema", "write_calochallenge"]

_INCIDENT, _SHOWERS = "incident_energies", "showers"
_ENERGY = (RealField("energy", "MeV"),)


def shower_schema(n_voxels: int) -> EventSchema:
    """Schema of showers of `n_voxels` voxels: the object "incident" with one energy and "shower" with one per voxel."""
    return EventSchema(
        "calochallenge", 1, (ObjectSchema("incident", 1, (), _ENERGY), ObjectSchema("shower", n_voxels, (), _ENERGY))
    )


def schema_of(path: Path) -> EventSchema:
    """Schema of the file `path`.

    Raises
    ------
    SchemaError
        If the file has not the two datasets.
    DataError
        If the file is damaged.
    """
    with hdf5_arrays(path) as arrays:
        return shower_schema(_rows(arrays)[_SHOWERS].width)


def _rows(arrays: Hdf5Arrays) -> dict[str, Rows]:
    """Both datasets, checked."""
    incident, showers = arrays.rows(_INCIDENT), arrays.rows(_SHOWERS)
    incident.check((None, 1))
    showers.check((None, None))
    return {_INCIDENT: incident, _SHOWERS: showers}


def iterate_calochallenge(
    path: Path, *, chunk: int = 1024, binning: str | None = None, rounded: bool = False
) -> Iterator[Events]:
    """Showers of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        An HDF5 file of the challenge, or one in its layout.
    chunk : int
        Most showers of a batch; fewer where they are large.
    binning : str, optional
        The binning XML; its number of voxels must be that of the file.
    rounded : bool
        Whether float64 values that float32 cannot hold are rounded; otherwise they are an error.

    Raises
    ------
    SchemaError
        If a dataset is missing or has another shape.
    DataError
        If the file is damaged or a value is not finite.
    """
    with hdf5_arrays(path) as arrays:
        rows = _rows(arrays)
        if binning is not None:
            read_binning(Path(binning)).check_voxels(rows[_SHOWERS].width, str(path))
        schema = shower_schema(rows[_SHOWERS].width)
        for start, blocks in together(rows, chunk):
            energies = {name: as_reals(block, str(rows[name]), start, exact=not rounded) for name, block in blocks.items()}
            collections = {"incident": {"energy": energies[_INCIDENT]}, "shower": {"energy": energies[_SHOWERS]}}
            yield numbered(schema, collections, start, len(energies[_SHOWERS]))


def write_calochallenge(
    path: Path, batches: Iterable[Events], *, dtype: Literal["f4", "f8"] = "f4", attributes: dict[str, str] | None = None
) -> int:
    """Write showers to `path` in the layout of the challenge; the number of showers.

    Raises
    ------
    SchemaError
        If the events are not showers of `shower_schema`.
    DataError
        If there are none, or an energy is not finite.
    StorageError
        If the disk is full.
    """
    n = 0
    with hdf5_sink(path) as sink:
        sink.attributes(attributes or {})
        for events in batches:
            if events.schema.digest != shower_schema(events.schema.object("shower").n_slots).digest:
                msg = f"{path} takes showers, received events of schema {events.schema.name!r}"
                raise SchemaError(msg)
            events.validate()
            blocks = {_INCIDENT: events.collections["incident"], _SHOWERS: events.collections["shower"]}
            sink.append({name: columns["energy"].astype(np.dtype(f"<{dtype}")) for name, columns in blocks.items()})
            n += events.n
        if n == 0:
            msg = f"no showers to write to {path}"
            raise DataError(msg)
    return n


def _describe(path: Path) -> dict[str, Any]:
    with hdf5_arrays(path) as arrays:
        rows = _rows(arrays)
        return {
            "n_events": rows[_SHOWERS].n,
            "objects": shower_schema(rows[_SHOWERS].width).to_dict()["objects"],
            "missing": ["binning (an XML file beside this one)"],
            "stored": {name: str(item.dtype) for name, item in rows.items()},
            "attributes": arrays.attributes(),
            "left_out": [name for name in arrays.names if name not in rows],
        }


def _sniff(path: Path) -> bool:
    return has_datasets(path, _INCIDENT, _SHOWERS)


READER = Reader(
    name="calochallenge",
    title="CaloChallenge showers, HDF5 incident_energies (N, 1) and showers (N, voxels) in MeV",
    suffixes=(".h5", ".hdf5"),
    sniff=_sniff,
    iterate=iterate_calochallenge,
    describe=_describe,
)
