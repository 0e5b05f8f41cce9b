"""The file of a trained generator: all that drawing needs, and nothing of the training. This text is the specification.

HDF5, layout version 1::

    /               attributes:
        format          "l1ml-shower-generator"
        format_version  1 (integer)
        kind            "cascade"
        geometry        JSON, see `CalorimeterGeometry.to_dict`
        threshold       float64, MeV: smallest energy of a voxel that has any
        energy_range    float64, shape (2,), MeV: energies of the particles in the training
        flow            JSON: numbers of the `LayerFlow` that are no arrays
        hit_energy      float64, MeV: scale of the `RingLaw`
        record          JSON: how it was trained
        digest          SHA-256 of all arrays and all other attributes
    /flow/<name>, /law/<name>   arrays as `LayerFlow.arrays` and `RingLaw.arrays` have them
    /lean/<name>    those of `Lean.arrays`, where showers lean
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, L1mlError, SchemaError
from l1ml.storage import atomic_path, digest_of
from offline.calorimeter.generators.cascade import Cascade
from offline.calorimeter.generators.dense import Dense
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.lean import Lean
from offline.calorimeter.generators.voxel_draw import RingLaw
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.transforms.layer_code import LayerCode
from offline.calorimeter.transforms.scores import Scores
from offline.calorimeter.transforms.share_scores import ShareScores

__all__ = ["read_generator", "write_generator"]

_FORMAT, _VERSION = "l1ml-shower-generator", 1
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


def write_generator(path: Path, generator: Cascade) -> None:
    """Write `generator` to `path`, whole or not at all.

    Raises
    ------
    StorageError
        If `path` cannot be written.
    """
    flow = generator.flow
    arrays = {f"flow/{name}": array for name, array in flow.arrays().items()}
    if generator.lean is not None:
        arrays |= {f"lean/{name}": array for name, array in generator.lean.arrays().items()}
    arrays |= {f"law/{name}": array for name, array in generator.law.arrays().items()}
    attributes: dict[str, Any] = {
        "format": _FORMAT,
        "format_version": _VERSION,
        "kind": "cascade",
        "geometry": json.dumps(generator.geometry.to_dict()),
        "threshold": generator.threshold,
        "energy_range": list(generator.energy_range),
        "flow": json.dumps({"capacity": list(flow.code.capacity), "steps": flow.steps}),
        "hit_energy": generator.law.hit_energy,
        "record": json.dumps(generator.record, allow_nan=False),
    }
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        for name, array in arrays.items():
            packed = {"compression": "gzip", "shuffle": True} if array.size > 1 else {}
            file.create_dataset(name, data=array, **packed)
        file.attrs.update({**attributes, "digest": _digest(arrays, attributes)})


def read_generator(path: Path, geometry: CalorimeterGeometry | None = None) -> Cascade:
    """The generator in the file `path`; Keras is not needed.

    Raises
    ------
    DataError
        If the file is missing or damaged, or its generator is not one of `geometry`, where that is given.
    SchemaError
        If it is no such file, or of a newer version.
    """
    if not path.is_file():
        msg = f"{path} does not exist; l1ml-offline calo train makes generators"
        raise DataError(msg)
    try:
        with h5py.File(path, "r") as file:
            attributes = {name: _plain(value) for name, value in file.attrs.items()}
            _check_header(path, attributes)
            arrays: dict[str, NDArray[Any]] = {}
            file.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
        generator = _generator(attributes, arrays)
    except L1mlError:
        raise
    except _DAMAGE as error:
        msg = f"{path} is damaged or no file of a generator ({error})"
        raise DataError(msg) from error
    if attributes.pop("digest") != _digest(arrays, attributes):
        msg = f"{path} is damaged: its content does not have the digest that it states"
        raise DataError(msg)
    if geometry not in {None, generator.geometry}:
        msg = f"the generator {path} is of another geometry, of {generator.geometry.n_voxels} voxels"
        raise DataError(msg)
    return generator


def _check_header(path: Path, attributes: Mapping[str, Any]) -> None:
    """Refuse other files and newer ones."""
    if attributes.get("format") != _FORMAT:
        msg = f"{path} is no file of a generator: its format is {attributes.get('format')!r}, expected {_FORMAT!r}"
        raise SchemaError(msg)
    if attributes["format_version"] != _VERSION or attributes["kind"] != "cascade":
        what = f"version {attributes['format_version']}, kind {attributes['kind']!r}"
        msg = f"{path} is of {what}; this l1ml reads version {_VERSION} and the kind 'cascade': update it"
        raise SchemaError(msg)


def _generator(attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Cascade:
    """The generator of a file's content."""
    geometry = CalorimeterGeometry.from_dict(json.loads(attributes["geometry"]))
    settings = json.loads(attributes["flow"])
    velocity = _under("flow/velocity/", arrays)
    flow = LayerFlow(
        code=LayerCode(tuple(settings["capacity"]), attributes["threshold"], ShareScores(**_under("flow/shares/", arrays))),
        scores=Scores(**_under("flow/scores/", arrays)),
        velocity=Dense.from_arrays(velocity) if velocity else None,
        steps=int(settings["steps"]),
    )
    law = RingLaw.from_arrays(geometry, attributes["hit_energy"], _under("law/", arrays))
    low, high = attributes["energy_range"]
    lean = Lean(**_under("lean/", arrays)) if "lean/knots" in arrays else None
    return Cascade(geometry, attributes["threshold"], (low, high), flow, law, json.loads(attributes["record"]), lean)


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Those arrays whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _plain(value: Any) -> Any:
    """An attribute as JSON has it."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _digest(arrays: Mapping[str, NDArray[Any]], attributes: Mapping[str, Any]) -> str:
    """SHA-256 over everything but itself."""
    content = {
        name: [array.dtype.str, list(array.shape), hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()]
        for name, array in arrays.items()
    }
    return digest_of({"arrays": content, "attributes": dict(attributes)})
