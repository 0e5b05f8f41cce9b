"""Files of calorimeter regions, in the words of `l1ml.data.calo_regions`.

`event` is the number of the row; all weights are 1. HDF5 files of two layouts are read:

* ``CaloRegions`` or ``et_regions``, shape (n, 18, 14), (n, 18, 14, 1) or (n, 252): images, in the order of the words.
* ``l1Region_cyl``, shape (n, slots, 3): et, eta and phi of the regions that are not zero, by falling et, padded with zeros,
  where eta and phi are labels of the region's hottest tower. 28 labels of |eta| and 72 of phi make towers; four consecutive
  ones, from the first label of |eta| (0.1305) and from the 70th of phi (-0.218), make a region: with these groups, and no
  others, no crossing of the public files has a region twice. In those files the labels -0.131 of phi and 2.739 of |eta| never
  occur: regions with their hottest tower there, 1.5 % of all, were lost before the files were written and are 0.
  ``l1Region_cart`` says the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import pi, prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.calo_regions import FIRST_SECTOR, N_ETA, N_PHI, REGION_SCHEMA
from l1ml.data.events import Events
from l1ml.data.readers.reader import Reader
from l1ml.errors import DataError, SchemaError

__all__ = ["READER", "iterate_calo_regions"]

_N = N_PHI * N_ETA
_ET = REGION_SCHEMA.objects[0].fields[0].scale

_IMAGES = ("CaloRegions", "et_regions")
_LIST = "l1Region_cyl"
_DEFAULT_CHUNK = 2000
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError)
_ETA_LABELS = np.concatenate([0.1305 + 0.087 * np.arange(23), [2.217, 2.391, 2.565, 2.739, 2.913]])
_N_PHI_LABELS = 72
_LABEL_PRECISION = 1e-3


def iterate_calo_regions(path: Path, *, chunk: int = _DEFAULT_CHUNK) -> Iterator[Events]:
    """Crossings of the file `path` in batches of at most `chunk`.

    Raises
    ------
    SchemaError
        If the file has no regions, or of another shape.
    DataError
        If it is damaged, an et is no word of 10 bits, a label is no tower or a region is there twice.
    """
    with _damage(path), h5py.File(path, "r") as file:
        name, n = _regions(file, path)
        for start in range(0, n, chunk):
            rows = file[name][start : start + chunk]
            words = _of_list(rows, path, start) if name == _LIST else _of_images(rows, path, start)
            event = np.arange(start, start + len(rows), dtype=np.uint64)
            yield Events(REGION_SCHEMA, {"region": {"hw_et": words}}, np.ones(len(rows)), event, event)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """What h5py raises on a damaged file as a DataError that names it."""
    try:
        yield
    except (DataError, SchemaError):
        raise
    except _DAMAGE as error:
        msg = f"{path} is missing, truncated, damaged or no HDF5 file ({error})"
        raise DataError(msg) from error


def _regions(file: Any, path: Path) -> tuple[str, int]:
    """Name of the data set with the regions and its number of rows, after a look at its shape."""
    for name in (*_IMAGES, _LIST):
        data = file.get(name)
        if not isinstance(data, h5py.Dataset):
            continue
        row = data.shape[1:]
        fits = len(row) == 2 and row[1] == 3 if name == _LIST else row in {(N_PHI, N_ETA), (N_PHI, N_ETA, 1), (_N,)}
        if not fits or data.dtype.kind not in "iuf":
            shapes = "(n, slots, 3)" if name == _LIST else "(n, 18, 14) or (n, 252)"
            msg = f"{path}: {name} is {data.dtype}{list(data.shape)}; expected numbers of the shape {shapes}"
            raise SchemaError(msg)
        _check_storage(data, path)
        return name, data.shape[0]
    msg = f"{path} holds {', '.join(file) or 'nothing'}; expected one of {', '.join((*_IMAGES, _LIST))}"
    raise SchemaError(msg)


def _check_storage(data: Any, path: Path) -> None:
    """Refuse a data set of which parts were never written: HDF5 reads them as zeros."""
    if data.chunks is not None:
        wanted = prod(-(-length // size) for length, size in zip(data.shape, data.chunks, strict=True))
        if data.id.get_num_chunks() != wanted:
            msg = f"{path} is damaged: {data.name} has {data.id.get_num_chunks()} of {wanted} blocks"
            raise DataError(msg)
    elif data.id.get_storage_size() < data.size * data.dtype.itemsize:
        msg = f"{path} is damaged: {data.name} has {data.id.get_storage_size()} bytes of {data.size * data.dtype.itemsize}"
        raise DataError(msg)


def _checked(values: NDArray[Any], path: Path, row_of: Callable[[int], int]) -> NDArray[np.int32]:
    """`values`, of any shape, as words; `row_of` is the row of the file of the i-th of them.

    Raises
    ------
    DataError
        If one is not an integer or does not fit.
    """
    fits = (values >= _ET.min_word) & (values <= _ET.max_word)
    words = np.where(fits, values, 0).astype(np.int32)
    fits &= words == values
    if not fits.all():
        place = int(np.argmax(~fits))
        msg = f"{path}, row {row_of(place)}: et {values.flat[place]} is no count of 0 to {_ET.max_word}"
        raise DataError(msg)
    return words


def _of_images(rows: NDArray[Any], path: Path, start: int) -> NDArray[np.int32]:
    """Words of the 252 slots from images."""
    return _checked(rows.reshape(len(rows), _N), path, lambda i: start + i // _N)


def _of_list(rows: NDArray[Any], path: Path, start: int) -> NDArray[np.int32]:
    """Words of the 252 slots from lists of et, eta, phi."""
    row, place = np.nonzero(rows[:, :, 0])
    et = _checked(rows[row, place, 0], path, lambda i: start + int(row[i]))
    slot = N_ETA * _phi_index(rows[row, place, 2], path, start + row) + _eta_index(rows[row, place, 1], path, start + row)
    words = np.zeros((len(rows), _N), np.int32)
    words[row, slot] = et
    if np.count_nonzero(words) < len(et):
        _, first, counts = np.unique(row * _N + slot, return_index=True, return_counts=True)
        twice = first[counts > 1].min()
        phi, eta = divmod(int(slot[twice]), N_ETA)
        msg = f"{path}, row {start + row[twice]}: the region of phi {phi}, eta {eta} is there twice"
        raise DataError(msg)
    return words


def _eta_index(eta: NDArray[Any], path: Path, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Region of each label of eta, 0 to 13."""
    size = np.abs(eta)
    tower = np.clip(np.searchsorted(_ETA_LABELS, size - _LABEL_PRECISION), 0, len(_ETA_LABELS) - 1)
    _refuse(~(np.abs(_ETA_LABELS[tower] - size) <= _LABEL_PRECISION), "eta", eta, path, rows)
    ring = tower // 4
    return np.asarray(np.where(eta > 0, N_ETA // 2 + ring, N_ETA // 2 - 1 - ring))


def _phi_index(phi: NDArray[Any], path: Path, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Region of each label of phi, 0 to 17."""
    width = 2 * pi / _N_PHI_LABELS
    sane = np.abs(phi) < pi
    tower = np.rint(np.where(sane, phi, 0.0) / width - 0.5)
    near = np.abs((tower + 0.5) * width - np.where(sane, phi, 0.0)) <= _LABEL_PRECISION
    _refuse(~(sane & near), "phi", phi, path, rows)
    index: NDArray[np.int64] = (tower.astype(np.int64) - FIRST_SECTOR) % _N_PHI_LABELS // 4
    return index


def _refuse(wrong: NDArray[np.bool_], what: str, values: NDArray[Any], path: Path, rows: NDArray[np.int64]) -> None:
    if wrong.any():
        place = int(np.argmax(wrong))
        msg = f"{path}, row {rows[place]}: the {what} {values[place]} of a region is no tower"
        raise DataError(msg)


def _describe(path: Path) -> dict[str, Any]:
    """For ``l1ml data info``."""
    with _damage(path), h5py.File(path, "r") as file:
        name, n = _regions(file, path)
        return {"n_events": n, "objects": REGION_SCHEMA.to_dict()["objects"], "dataset": name, "missing": []}


def _sniff(path: Path) -> bool:
    try:
        with h5py.File(path, "r") as file:
            return any(isinstance(file.get(name), h5py.Dataset) for name in (*_IMAGES, _LIST))
    except _DAMAGE:
        return False


READER = Reader("calo_regions", "calorimeter regions 18 x 14", (".h5", ".hdf5"), _sniff, iterate_calo_regions, _describe)
"""HDF5 files with regions as images or lists."""
