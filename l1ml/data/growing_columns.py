"""HDF5 files of columns that grow batch by batch, through a journal."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from l1ml.data.event_layout import BLOCK_ROWS, chunk_rows
from l1ml.data.journalled_file import JournalledFile

__all__ = ["append_chunks", "make_column", "new_hdf5", "takes_chunks"]


def new_hdf5(target: JournalledFile) -> h5py.File:
    """An empty HDF5 file of format 1.10 that stores no times."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_libver_bounds(h5py.h5f.LIBVER_V110, h5py.h5f.LIBVER_V110)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, target)
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_obj_track_times(False)
    return h5py.File(h5py.h5f.create(b"events", h5py.h5f.ACC_TRUNC, creation, access))


def make_column(
    file: h5py.File, name: str, kind: np.dtype[Any], shape: tuple[int, ...], *, rows: int = BLOCK_ROWS, compress: bool = True
) -> None:
    """An empty column that can grow, in chunks of at most `rows`; its groups are made as needed, without times."""
    timeless = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    timeless.set_obj_track_times(False)
    parts = name.split("/")
    for depth in range(1, len(parts)):
        group = "/".join(parts[:depth])
        if group not in file:
            h5py.h5g.create(file.id, group.encode(), gcpl=timeless)
    rows = chunk_rows(max(1, int(np.prod(shape))) * kind.itemsize, rows)
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


def takes_chunks(target: h5py.Dataset, source: h5py.Dataset) -> bool:
    """Whether chunks of `source` can go behind the rows of `target` as they are: chunks of the same kind, the last one full."""
    alike = (target.dtype, target.shape[1:], _storage(target)) == (source.dtype, source.shape[1:], _storage(source))
    return alike and target.shape[0] % target.chunks[0] == 0


def _storage(column: h5py.Dataset) -> tuple[object, ...]:
    """Size of the chunks, and the filters in order with what they were told."""
    plist = column.id.get_create_plist()
    return column.chunks, *(plist.get_filter(index) for index in range(plist.get_nfilters()))


def append_chunks(target: h5py.Dataset, source: h5py.Dataset) -> None:
    """Add all rows of `source`, packed as they are, where `takes_chunks`: checksums go with them, for whoever reads the rows."""
    begin, n = target.shape[0], source.shape[0]
    target.resize(begin + n, axis=0)
    slots = (0,) * (target.ndim - 1)
    for row in range(0, n, target.chunks[0]):
        unused_filters, packed = source.id.read_direct_chunk((row, *slots))
        target.id.write_direct_chunk((begin + row, *slots), packed, unused_filters)
