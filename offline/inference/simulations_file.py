"""The file of simulations. This text is the specification.

HDF5, layout version 1::

    /          attributes: format "l1ml-simulations", format_version 1 (integer), digest,
               prior: JSON, {name: {"kind": "uniform", "low": ..., "high": ...}} in the order of the columns
    /theta     float64, shape (n, d)
    /x         float64, shape (n, k) or (n, m, k)
    /mask      bool, shape (n, m), where sets are of different size; what it leaves out is zero

The digest is the SHA-256 of the JSON list of the prior and of [shape, SHA-256 of the little-endian bytes] of each dataset that
is there, in the order above.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from l1ml.data.event_layout import text_of
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.storage import atomic_path, digest_of
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

__all__ = ["FORMAT", "FORMAT_VERSION", "digest_of_simulations", "read_simulations", "write_simulations"]

FORMAT = "l1ml-simulations"
FORMAT_VERSION = 1


def write_simulations(path: Path, simulations: Simulations) -> None:
    """Write `simulations` to `path`, whole or not at all."""
    with atomic_path(path) as part, h5py.File(part, "w", libver=("v110", "v110")) as file:
        for name, values in _arrays(simulations).items():
            chunks = (min(len(values), 4096), *values.shape[1:]) if values.size else None
            file.create_dataset(name, data=values, chunks=chunks, compression="gzip" if chunks else None, track_times=False)
        file.attrs.update({"format": FORMAT, "format_version": FORMAT_VERSION})
        # h5py gives attributes in alphabetical order, and so would sorted JSON: the order is that of the columns
        file.attrs.update({"prior": json.dumps(simulations.prior.to_dict()), "digest": digest_of_simulations(simulations)})


def read_simulations(path: Path) -> Simulations:
    """The simulations in the file `path`, after a check of their digest.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it is not such a file, or of a newer version.
    """
    if not path.is_file():
        msg = f"{path} does not exist; make it with write_simulations, or with: l1ml-offline infer train <configuration>"
        raise DataError(msg)
    try:
        with h5py.File(path, "r") as file:
            _check_header(file, path)
            prior = Prior.from_dict(json.loads(text_of(file.attrs["prior"])))
            mask = file["mask"][:] if "mask" in file else None
            simulations, digest = Simulations(prior, file["theta"][:], file["x"][:], mask), text_of(file.attrs["digest"])
    except (OSError, KeyError, RuntimeError, json.JSONDecodeError, ConfigError) as error:
        msg = f"{path} is not a readable file of simulations (truncated or damaged): {error}"
        raise DataError(msg) from error
    if digest_of_simulations(simulations) != digest:
        msg = f"{path} is damaged or was edited: its content does not have the SHA-256 that it was written with"
        raise DataError(msg)
    return simulations


def digest_of_simulations(simulations: Simulations) -> str:
    """What the file carries, see the top of this module."""
    arrays = [[list(values.shape), hashlib.sha256(values.data).hexdigest()] for values in _arrays(simulations).values()]
    # the order of the parameters counts
    return digest_of([list(simulations.prior.to_dict().items()), *arrays])


def _arrays(simulations: Simulations) -> dict[str, Any]:
    arrays = {"theta": simulations.theta, "x": simulations.x}
    if simulations.mask is not None:
        # what is left out has no say in the digest
        arrays |= {"x": np.where(simulations.mask[..., None], simulations.x, 0.0)}
        return {name: np.ascontiguousarray(values, "<f8") for name, values in arrays.items()} | {
            "mask": np.ascontiguousarray(simulations.mask)
        }
    return {name: np.ascontiguousarray(values, "<f8") for name, values in arrays.items()}


def _check_header(file: h5py.File, path: Path) -> None:
    """Refuse a file of another kind or of a newer version."""
    if (name := text_of(file.attrs.get("format"))) != FORMAT:
        msg = f"{path} is not a file of simulations: its attribute 'format' is {name!r}, expected {FORMAT!r}"
        raise SchemaError(msg)
    if (version := int(file.attrs["format_version"])) > FORMAT_VERSION:
        msg = f"{path} has format version {version}, this l1ml reads versions up to {FORMAT_VERSION}: install a newer one"
        raise SchemaError(msg)
