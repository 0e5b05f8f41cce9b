"""Jets as tables of high-level features: numpy files, and ``jets`` in the HDF5 layout of the hls4ml LHC jets.

The jet is one object with one slot and a real quantity per column, named as in the file; the class is the process of the
crossing. The file has no event number: the identity of a jet is its row. Values of float64 are rounded to float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.data.events import Events
from l1ml.data.readers.batches import as_reals, numbered
from l1ml.data.readers.jet_arrays import JetArrays, jet_arrays, looks_like_jets
from l1ml.data.readers.reader import Reader
from l1ml.data.schema import EventSchema, ObjectSchema, RealField

__all__ = ["READER", "iterate_jet_features", "schema_of"]


def schema_of(path: Path, *, names: Sequence[str] | None = None, features: str | None = None) -> EventSchema:
    """Schema of the file `path`; for the options see `iterate_jet_features`."""
    with jet_arrays(path, 2, names=names, values=features) as jets:
        return _schema(jets)


def _schema(jets: JetArrays) -> EventSchema:
    reals = tuple(RealField(name) for name in jets.names)
    return EventSchema("jet_features", 1, (ObjectSchema("jet", 1, (), reals),))


def iterate_jet_features(
    path: Path,
    *,
    chunk: int = 8192,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    features: str | None = None,
    labels: str | None = None,
) -> Iterator[Events]:
    """Jets of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        HDF5 in the layout of the hls4ml jets, .npz with an array (N, features) and one of classes, or .npy (N, features).
    chunk : int
        Most jets of a batch.
    names, classes : sequence of str, optional
        What the columns and the classes of a numpy file are, which it does not say: for instance
        `l1ml.data.readers.jet_arrays.HLF_NAMES`. Otherwise they are numbered.
    features, labels : str, optional
        Array of a .npz, where it has several; `labels` of a .npy is the path of another .npy.

    Raises
    ------
    SchemaError
        If the file is of no such layout.
    DataError
        If it is damaged, a value is not finite, or a jet has no class.
    """
    with jet_arrays(path, 2, names=names, classes=classes, values=features, labels=labels) as jets:
        schema = _schema(jets)
        for start, values, process in jets.batches(chunk):
            reals = as_reals(values, str(jets.values), start)
            columns = {name: np.ascontiguousarray(reals[:, index : index + 1]) for index, name in enumerate(jets.names)}
            yield numbered(schema, {"jet": columns}, start, len(reals), process=process, processes=jets.classes)


def _describe(path: Path) -> dict[str, Any]:
    with jet_arrays(path, 2) as jets:
        return jets.described(_schema(jets))


READER = Reader(
    name="jet_features",
    title="jets as high-level features: .npz, .npy or the HDF5 of the hls4ml LHC jets",
    suffixes=(".npz", ".npy", ".h5", ".hdf5"),
    sniff=lambda path: looks_like_jets(path, 2),
    iterate=iterate_jet_features,
    describe=_describe,
)
