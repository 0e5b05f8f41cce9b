"""HDF5 files of columns that grow batch by batch, through a journal."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from l1ml.data.event_layout import chunk_rows
from l1ml.data.journalled_file import JournalledFile

__all__ = ["make_column", "new_hdf5"]


def new_hdf5(target: JournalledFile) -> h5py.File:
    """An empty HDF5 file of format 1.10 that stores no times."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, target)
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_obj_track_times(False)
    return h5py.File(h5py.h5f.create(b"events", h5py.h5f.ACC_TRUNC, creation, access))


def make_column(file: h5py.File, name: str, kind: np.dtype[Any], shape: tuple[int, ...], *, compress: bool = True) -> None:
    """An empty column that can grow; its groups are made as needed, without times."""
    timeless = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    timeless.set_obj_track_times(False)
    parts = name.split("/")
    for depth in range(1, len(parts)):
        group = "/".join(parts[:depth])
        if group not in file:
            h5py.h5g.create(file.id, group.encode(), gcpl=timeless)
    rows = chunk_rows(max(1, int(np.prod(shape))) * kind.itemsize)
    file.create_dataset(
        name,
        shape=(0, *shape),
        maxshape=(None, *shape),
        chunks=(rows, *shape),
        dtype=kind,
        shuffle=compress and kind.itemsize > 1,
        compression="lzf" if compress else None,
        fletcher32=True,
    )
