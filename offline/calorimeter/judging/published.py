"""Tables of the CaloChallenge's submissions, for those who have them (arXiv:2410.21611, final_results of its homepage)."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy._core import multiarray

from l1ml.errors import DataError

__all__ = ["Submission", "read_submissions"]

_COLUMNS = {
    "fpd": ("FPD * 1e3", 1e-3),
    "kpd": ("KPD * 1e3", 1e-3),
    "auc_low": ("binary cls low", 1.0),
    "auc_high": ("binary cls high", 1.0),
    "cpu_ms": ("time CPU 100", 1.0),
    "gpu_ms": ("time GPU 100", 1.0),
}


@dataclass(frozen=True, slots=True)
class Submission:
    """One row; None where the table has nothing.

    Parameters
    ----------
    name : str
        Of the submission; the simulation against itself is one of them.
    fpd, kpd : float, optional
        Distances, not in thousandths.
    auc_low, auc_high : float, optional
        Of voxels and of features.
    cpu_ms, gpu_ms : float, optional
        Time for a shower at batch 100. The file names no unit; milliseconds are what its figures have.
    """

    name: str
    fpd: float | None
    kpd: float | None
    auc_low: float | None
    auc_high: float | None
    cpu_ms: float | None
    gpu_ms: float | None


def read_submissions(path: Path) -> tuple[Submission, ...]:
    """Rows of a table ``CaloChallenge_results_*.hdf``.

    The file was written by pandas, with its names pickled; a pickle may run anything, so only the arrays of text that belong
    there are read from it.

    Raises
    ------
    DataError
        If it is missing or no such table.
    """
    try:
        with h5py.File(path) as file:
            group = file[next(iter(file))]
            numbers = {
                name.decode(): column for name, column in zip(group["block0_items"], group["block0_values"][()].T, strict=True)
            }
            texts = _texts(group["block1_values"][0].tobytes())
            names = texts[:, [name.decode() for name in group["block1_items"]].index("submission name")]
        columns = {name: _known(numbers[column] * scale) for name, (column, scale) in _COLUMNS.items()}
    except (OSError, KeyError, ValueError, StopIteration, pickle.UnpicklingError, EOFError, AttributeError) as error:
        msg = f"{path} is no table of results of the CaloChallenge: {error}"
        raise DataError(msg) from error
    return tuple(Submission(str(name), **{key: column[row] for key, column in columns.items()}) for row, name in enumerate(names))


def _known(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _texts(pickled: bytes) -> Any:
    """Array of objects, shape (rows, columns)."""
    return _OnlyArrays(io.BytesIO(pickled)).load()


class _OnlyArrays(pickle.Unpickler):
    """Knows nothing but numpy's own arrays and numbers."""

    def find_class(self, module: str, name: str) -> Any:
        known = {("numpy", "ndarray"): np.ndarray, ("numpy", "dtype"): np.dtype}
        inner = {("numpy.core.multiarray", name): getattr(multiarray, name) for name in ("_reconstruct", "scalar")}
        if (module, name) not in known | inner:
            msg = f"it holds {module}.{name}, which is no array"
            raise pickle.UnpicklingError(msg)
        return (known | inner)[module, name]
