"""Making an event file of what a killed writer left."""

from __future__ import annotations

from pathlib import Path

import h5py

from l1ml.data.event_file import EventFile
from l1ml.data.event_layout import as_text, part_path
from l1ml.data.journalled_file import JournalledFile
from l1ml.errors import DataError
from l1ml.storage import disk_errors

__all__ = ["recover_events"]


def recover_events(path: Path, output: Path | None = None) -> int:
    """Make ``<name>.part`` the complete file `path` (or `output`), with every batch whose `EventWriter.append` returned.

    Its provenance gets an entry ``recovered`` with the number of rows, because its maker had not finished.

    Parameters
    ----------
    path : Path
        The file that was being written, or its part.
    output : Path, optional
        Other name for the result.

    Returns
    -------
    int
        Rows that were saved.

    Raises
    ------
    DataError
        If there is no part, it holds no rows, or the result exists already.
    StorageError
        If the writer is still at work.
    """
    path = path.with_suffix("") if path.suffix == ".part" else path
    part, target = part_path(path), output or path
    if not part.is_file():
        msg = f"{part} does not exist: no writer of {path.name} was killed"
        raise DataError(msg)
    if target.exists():
        msg = f"{target} exists; name another file with --output, or delete it first"
        raise DataError(msg)
    with EventFile(part, unfinished=True) as file:
        n, provenance = len(file), file.provenance
    if not n:
        msg = f"{part} holds no complete batch of rows: nothing can be recovered; delete it"
        raise DataError(msg)
    with disk_errors(target), JournalledFile(part, "continue") as held:
        with h5py.File(held, "r+") as hdf5:
            hdf5.attrs["provenance"] = as_text({**provenance, "recovered": {"n_events": n}})
            hdf5.attrs["complete"] = 1
        held.commit()
        part.rename(target)
    return n
