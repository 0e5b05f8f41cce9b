"""Files of showers, HDF5 as the CaloChallenge has them (arXiv:2410.21611). This text is the specification.

::

    /incident_energies  float64, shape (n, 1), MeV
    /showers            float32, shape (n, n_voxels), MeV: radius fastest, then alpha, then layer; chunked, shuffle and gzip

and, where l1ml has written it, attributes of the root that other readers do not look at::

    format              "l1ml-showers"
    geometry            JSON: the layers, see `CalorimeterGeometry.to_dict`
    threshold           float64, MeV: no voxel holds less than that, zero apart
    record              JSON: who made the showers, with which settings and seed

The files of the challenge have none of these: their geometry stands in a binning file, and their threshold in the paper (15.15
keV for datasets 2 and 3, 1 MeV for dataset 1). Showers are read and written in batches: memory does not depend on their number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, L1mlError
from l1ml.storage import atomic_path
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers, checked_energies

__all__ = ["ShowerFile", "ShowerWriter", "new_shower_file", "write_showers"]

_FORMAT = "l1ml-showers"
_CHUNK = 1 << 18
"""Voxels in a chunk: 1 MB, 40 showers of 6480 voxels."""

_BATCH = 1000
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


@dataclass(frozen=True, slots=True)
class ShowerFile:
    """A file of showers that is there; nothing of it is kept in memory.

    Parameters
    ----------
    path : Path
        The file.
    geometry : CalorimeterGeometry
        Its voxels.
    n : int
        Number of showers.
    threshold : float
        Energy of a voxel below which there is none, MeV; 0 where the file does not say.
    record : mapping
        How it was made; empty where the file does not say.
    """

    path: Path
    geometry: CalorimeterGeometry
    n: int
    threshold: float = 0.0
    record: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.n

    @classmethod
    def open(cls, path: Path, geometry: CalorimeterGeometry | None = None) -> Self:
        """The file `path`; `geometry` is needed where it names none, and must be its own where it does.

        Raises
        ------
        DataError
            If it is missing, damaged, no such file, or of another geometry.
        """
        with _opened(path) as file:
            missing = [name for name in ("incident_energies", "showers") if name not in file]
            if missing:
                msg = f"{path} has no dataset {missing[0]!r}: it is no file of showers"
                raise DataError(msg)
            # attributes of others may have the same names
            attributes = dict(file.attrs) if file.attrs.get("format") == _FORMAT else {}
            shape, energies = file["showers"].shape, file["incident_energies"].shape
        own = CalorimeterGeometry.from_dict(json.loads(attributes["geometry"])) if "geometry" in attributes else None
        found = _agreed(path, own, geometry)
        if shape != (energies[0], found.n_voxels) or energies not in {(shape[0],), (shape[0], 1)} or not shape[0]:
            msg = (
                f"{path} holds showers of the shape {shape} and energies of the shape {energies}; a geometry of "
                f"{found.n_voxels} voxels needs (n, {found.n_voxels}) and (n, 1), with one shower or more"
            )
            raise DataError(msg)
        record = json.loads(attributes.get("record", "{}"))
        return cls(path, found, shape[0], float(attributes.get("threshold", 0.0)), record)

    def read(self, start: int = 0, stop: int | None = None) -> Showers:
        """Showers from `start` up to `stop`, all of them without these.

        Raises
        ------
        DataError
            If the file is damaged or an energy is none.
        """
        with _opened(self.path) as file:
            incident, energies = file["incident_energies"][start:stop], file["showers"][start:stop]
        try:
            return Showers(self.geometry, incident, energies)
        except DataError as error:
            msg = f"{self.path}, showers from {start}: {error}"
            raise DataError(msg) from error

    def incident_energies(self, size: int = _BATCH) -> Iterator[NDArray[np.float64]]:
        """Energies of all particles, `size` at a time, MeV."""
        for start in range(0, self.n, size):
            with _opened(self.path) as file:
                energies = file["incident_energies"][start : start + size]
            yield checked_energies(energies)

    def batches(self, size: int = _BATCH) -> Iterator[Showers]:
        """All showers, `size` at a time."""
        for start in range(0, self.n, size):
            yield self.read(start, min(start + size, self.n))


class ShowerWriter:
    """Appends showers to a file that is being made; see `new_shower_file`."""

    def __init__(self, file: h5py.File, geometry: CalorimeterGeometry, threshold: float) -> None:
        rows = max(1, _CHUNK // geometry.n_voxels)
        packed: dict[str, Any] = {"shuffle": True, "compression": "gzip", "compression_opts": 1}
        empty = {"incident_energies": ((0, 1), "<f8"), "showers": ((0, geometry.n_voxels), "<f4")}
        for name, (shape, kind) in empty.items():
            file.create_dataset(name, shape, kind, maxshape=(None, shape[1]), chunks=(rows, shape[1]), **packed)
        self._file, self._geometry, self._threshold = file, geometry, threshold
        self.n = 0

    def append(self, showers: Showers) -> None:
        """Add `showers` behind those that are there.

        Raises
        ------
        DataError
            If they are of another geometry, or a voxel holds less than the threshold.
        """
        if showers.geometry != self._geometry:
            msg = (
                f"showers of {showers.geometry.n_layers} layers and {showers.geometry.n_voxels} voxels cannot go into a file of "
                f"another geometry, of {self._geometry.n_layers} and {self._geometry.n_voxels}"
            )
            raise DataError(msg)
        low = (showers.energies > 0) & (showers.energies < np.float32(self._threshold))
        if low.any():
            few = f"{int(low.sum())} voxels hold less than the threshold of {self._threshold:g} MeV"
            msg = f"{few}: cut with showers.above(threshold)"
            raise DataError(msg)
        start, self.n = self.n, self.n + len(showers)
        for name, values in (("incident_energies", showers.incident_energy[:, None]), ("showers", showers.energies)):
            dataset = self._file[name]
            dataset.resize(self.n, axis=0)
            dataset[start:] = values


@contextmanager
def new_shower_file(
    path: Path, geometry: CalorimeterGeometry, *, threshold: float = 0.0, record: Mapping[str, Any] | None = None
) -> Iterator[ShowerWriter]:
    """A writer to `path`, which appears when the block ends well, and only then.

    Raises
    ------
    DataError
        If the threshold is none, or no shower was written.
    StorageError
        If `path` cannot be written.
    """
    if not 0 <= threshold < np.inf:
        msg = f"a threshold is 0 MeV or more, received {threshold}"
        raise DataError(msg)
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        writer = ShowerWriter(file, geometry, threshold)
        yield writer
        if not writer.n:
            msg = f"no shower was written to {path}"
            raise DataError(msg)
        text = {"format": _FORMAT, "geometry": json.dumps(geometry.to_dict())}
        file.attrs.update({**text, "record": json.dumps(record or {}, allow_nan=False), "threshold": threshold})


def write_showers(
    path: Path,
    batches: Iterable[Showers],
    geometry: CalorimeterGeometry,
    *,
    threshold: float = 0.0,
    record: Mapping[str, Any] | None = None,
) -> int:
    """Write all `batches` to `path`, whole or not at all; returns the number of showers.

    Raises
    ------
    DataError
        If showers are of another geometry or below the threshold, or there are none.
    StorageError
        If `path` cannot be written.
    """
    with new_shower_file(path, geometry, threshold=threshold, record=record) as writer:
        for showers in batches:
            writer.append(showers)
    return writer.n


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    if not path.is_file():
        msg = f"{path} does not exist; l1ml-offline calo simulate makes files of showers"
        raise DataError(msg)
    try:
        with h5py.File(path, "r") as file:
            yield file
    except L1mlError:
        raise
    except _DAMAGE as error:
        msg = f"{path} is damaged or no file of showers ({error})"
        raise DataError(msg) from error


def _agreed(path: Path, own: CalorimeterGeometry | None, asked: CalorimeterGeometry | None) -> CalorimeterGeometry:
    """The geometry of the file: its `own`, the one `asked` for, and one of both if they agree."""
    found = own or asked
    if found is None:
        msg = f"{path} does not say what its voxels are: give their geometry, a name or a binning file of the CaloChallenge"
        raise DataError(msg)
    if asked is not None and found != asked:
        has, given = (f"{one.n_layers} layers with {one.n_voxels} voxels" for one in (found, asked))
        msg = f"{path} is of another geometry than the one that was given: it has {has}, not {given}, or others of as many"
        raise DataError(msg)
    return found
