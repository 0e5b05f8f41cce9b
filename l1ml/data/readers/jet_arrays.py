"""Arrays of jets with their classes, wherever they stand: numpy files, and the HDF5 layout of the hls4ml LHC jets.

That layout (Zenodo 3602260) has ``jets`` (N, 59) named by ``jetFeatureNames``, the last of which are one-hot classes
(``j_g, j_q, j_w, j_z, j_t`` and ``j_undef``), and ``jetConstituentList`` (N, n, 16) named by ``particleFeatureNames``. Numpy
files have neither names nor classes: quantities and classes are numbered unless the caller names them, because public files
differ in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.batches import class_of_rows, quantity_names
from l1ml.data.readers.hdf5_rows import Hdf5Arrays, hdf5_arrays, is_hdf5
from l1ml.data.readers.numpy_rows import NumpyArrays, is_numpy, numpy_arrays
from l1ml.data.readers.rows import Rows, together
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError

__all__ = [
    "HLF_CLASSES",
    "HLF_NAMES",
    "JETID_CLASSES",
    "JETID_NAMES",
    "JetArrays",
    "Labels",
    "jet_arrays",
    "labels_of",
    "looks_like_jets",
]

HLF_NAMES = (
    *("zlogz", "c1_b0_mmdt", "c1_b1_mmdt", "c1_b2_mmdt", "c2_b1_mmdt", "c2_b2_mmdt", "d2_b1_mmdt", "d2_b2_mmdt"),
    *("d2_a1_b1_mmdt", "d2_a1_b2_mmdt", "m2_b1_mmdt", "m2_b2_mmdt", "n2_b1_mmdt", "n2_b2_mmdt", "mass_mmdt", "multiplicity"),
)
"""The 16 high-level features of the hls4ml tutorial, in its order (OpenML ``hls4ml_lhc_jets_hlf``)."""
HLF_CLASSES = ("g", "q", "t", "w", "z")
"""Classes of that set, in its order."""
JETID_NAMES = ("pt", "eta_rel", "phi_rel")
"""Quantities of the constituents in the .npy files of JetID-L1; pt in GeV."""
JETID_CLASSES = ("g", "q", "w", "z", "t")
"""Classes of those files, in their order: not that of `HLF_CLASSES`."""

_CLASS_COLUMNS = ("j_g", "j_q", "j_w", "j_z", "j_t", "j_undef")


@dataclass(frozen=True)
class Labels:
    """Where the class of each jet stands: an array, and which of its columns."""

    rows: Rows
    columns: tuple[int, ...]
    classes: tuple[str, ...]

    def read(self, block: NDArray[Any], start: int) -> NDArray[np.int64]:
        """Class of each jet of `block`, as `classes` numbers them."""
        chosen = block[:, list(self.columns)] if block.ndim > 1 else block
        return class_of_rows(chosen, len(self.classes), str(self.rows), start)


@dataclass(frozen=True)
class JetArrays:
    """The quantities of jets or of their constituents, and the classes if there are any.

    Parameters
    ----------
    values : Rows
        Shape (N, quantities) or (N, constituents, quantities).
    names : tuple of str
        Of the chosen columns.
    columns : tuple of int
        Which columns of the last axis these are.
    labels : Labels or None
        Classes.
    left_out : tuple of str
        Other arrays of the file.
    """

    values: Rows
    names: tuple[str, ...]
    columns: tuple[int, ...]
    labels: Labels | None
    left_out: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; none where the file has none."""
        return () if self.labels is None else self.labels.classes

    def described(self, schema: EventSchema) -> dict[str, Any]:
        """What ``l1ml data info`` says of the file."""
        return {
            "n_events": self.values.n,
            "objects": schema.to_dict()["objects"],
            "missing": [] if self.labels else ["classes"],
            "classes": list(self.classes),
            "stored": str(self.values.dtype),
            "left_out": list(self.left_out),
        }

    def batches(self, chunk: int) -> Iterator[tuple[int, NDArray[Any], NDArray[np.int64] | None]]:
        """First row, quantities (n, ..., len(names)), and classes, batch after batch."""
        same = self.labels is not None and self.labels.rows.name == self.values.name and self.labels.rows.path == self.values.path
        arrays = {"values": self.values} | ({} if self.labels is None or same else {"labels": self.labels.rows})
        whole = self.columns == tuple(range(self.values.width))
        for start, blocks in together(arrays, chunk):
            given = blocks["values"]
            values = given if whole else given[..., list(self.columns)]
            classes = None if self.labels is None else self.labels.read(blocks.get("labels", given), start)
            yield start, values, classes


@contextmanager
def jet_arrays(
    path: Path,
    n_axes: int,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    values: str | None = None,
    labels: str | None = None,
) -> Iterator[JetArrays]:
    """The jets of `path`, whose array has `n_axes` axes (2 for features, 3 for constituents).

    Parameters
    ----------
    path : Path
        HDF5 in the layout of the hls4ml jets, .npz or .npy.
    n_axes : int
        Axes of the array.
    names, classes : sequence of str, optional
        Names of the quantities and of the classes, where the file has none; a file that has names keeps them.
    values, labels : str, optional
        Array of a .npz with the quantities and with the classes, where there are several; for a .npy, `labels` is the path of
        the .npy with the classes.

    Raises
    ------
    SchemaError
        If the file is of no such layout.
    DataError
        If it is missing or damaged.
    """
    with ExitStack() as stack:
        if is_hdf5(path):
            yield _of_hdf5(stack.enter_context(hdf5_arrays(path)), n_axes)
            return
        arrays = stack.enter_context(numpy_arrays(path))
        chosen = _values(arrays, n_axes, values)
        found = _numpy_labels(arrays, chosen, labels, classes, stack)
        own = quantity_names(names, chosen.width, "feature", str(chosen))
        used = {chosen.name, *(() if found is None else (found.rows.name,))}
        yield JetArrays(chosen, own, tuple(range(chosen.width)), found, tuple(name for name in arrays.names if name not in used))


def _of_hdf5(arrays: Hdf5Arrays, n_axes: int) -> JetArrays:
    """The layout of the hls4ml jets."""
    dataset, header = ("jets", "jetFeatureNames") if n_axes == 2 else ("jetConstituentList", "particleFeatureNames")
    values, jets = arrays.rows(dataset), arrays.rows("jets")
    values.check((None,) * n_axes)
    jets.check((None, None))
    # the header of the constituents ends with a name (j1_pdgid) that has no column
    given = arrays.text(header)[: values.width if n_axes == 3 else None]
    jet_names = quantity_names(arrays.text("jetFeatureNames"), jets.width, "feature", str(jets))
    flags = tuple(index for index, name in enumerate(jet_names) if name in _CLASS_COLUMNS)
    classes = tuple(jet_names[index].removeprefix("j_") for index in flags)
    quantity_names(given, values.width, "feature", str(values))
    kept = tuple(index for index in range(values.width) if n_axes == 3 or index not in flags)
    used = {dataset, header, "jets", "jetFeatureNames"}
    left_out = tuple(name for name in arrays.names if name not in used)
    labels = Labels(jets, flags, classes) if flags else None
    return JetArrays(values, tuple(given[index] for index in kept), kept, labels, left_out)


def _values(arrays: NumpyArrays, n_axes: int, name: str | None) -> Rows:
    """The array `name`, or the only one with `n_axes` axes that is not one-hot classes by its name."""
    if name is not None:
        chosen = arrays.rows(name)
    else:
        rows = {item: arrays.rows(item) for item in arrays.names if not item.lower().startswith(("y", "label", "target"))}
        fitting = [item for item in rows.values() if len(item.shape) == n_axes and item.dtype.kind == "f"]
        if len(fitting) != 1:
            shapes = ", ".join(f"{item or 'array'} {rows[item].shape}" for item in rows) or "no array"
            msg = f"{arrays.path} holds {shapes}: not one array of floats with {n_axes} axes; name it"
            raise SchemaError(msg)
        chosen = fitting[0]
    chosen.check((None,) * n_axes)
    return chosen


def _numpy_labels(
    arrays: NumpyArrays, values: Rows, name: str | None, classes: Sequence[str] | None, stack: ExitStack
) -> Labels | None:
    """The classes in the file, or in another .npy file."""
    if values.name == "":
        if name is None:
            return None
        return labels_of(stack.enter_context(numpy_arrays(Path(name))).rows(""), classes)
    if name is not None:
        return labels_of(arrays.rows(name), classes)
    found = [item for item in arrays.names if item.lower() in {"y", "label", "labels", "target"}]
    if len(found) > 1:
        msg = f"{arrays.path} has several arrays of classes: {', '.join(found)}; name one"
        raise SchemaError(msg)
    return labels_of(arrays.rows(found[0]), classes) if found else None


def labels_of(rows: Rows, classes: Sequence[str] | None) -> Labels:
    """Classes in an array of one-hot rows, (N, classes), or of class numbers, (N,) or (N, 1), which must be read through once.

    Raises
    ------
    SchemaError
        If the array has another shape, or not as many classes as there are names.
    DataError
        If it is damaged or holds no class numbers.
    """
    if len(rows.shape) > 2:
        rows.check((None, None))
    numbers = rows.width == 1
    width = _classes_of_numbers(rows, classes) if numbers else rows.width
    named = quantity_names(classes, width, "class", str(rows))
    return Labels(rows, (0,) if numbers else tuple(range(width)), named)


def _classes_of_numbers(rows: Rows, classes: Sequence[str] | None) -> int:
    if classes is not None:
        return len(classes)
    most = -1
    for block in rows.stream(1 << 16):
        if not (np.isfinite(block).all() and (block >= 0).all() and (block < 1000).all()):
            msg = f"{rows}: not class numbers (0 to 999)"
            raise DataError(msg)
        most = max(most, int(block.max(initial=-1)))
    return most + 1


def looks_like_jets(path: Path, n_axes: int) -> bool:
    """Whether `path` holds jets with `n_axes` axes; False, never an exception, for anything else."""
    if not (is_hdf5(path) or is_numpy(path)):
        return False
    try:
        with jet_arrays(path, n_axes):
            return True
    except (DataError, SchemaError):
        return False
