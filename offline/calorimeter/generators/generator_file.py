"""The file of a trained generator: all that drawing needs, and nothing of the training. This text is the specification.

HDF5, layout version 1::

    /               attributes:
        format          "l1ml-shower-generator"
        format_version  1 (integer)
        kind            "cascade" or "diffusion"
        geometry        JSON, see `CalorimeterGeometry.to_dict`
        threshold       float64, MeV: smallest energy of a voxel that has any
        energy_range    float64, shape (2,), MeV: energies of the particles in the training
        flow            JSON: numbers of the `LayerFlow` that are no arrays
        hit_energy      float64, MeV: scale of the `LayerInputs`
        record          JSON: how it was trained
        digest          SHA-256 of all arrays and all other attributes
      of a diffusion:
        least           float64, MeV: scale of the `VoxelScores`
        denoiser        JSON: noise with its parameters, and `NetworkShape`
        drawing         JSON, see `Drawing`
    /flow/<name>    arrays as `LayerFlow.arrays` has them
    /law/<name>     of a cascade, those of `RingLaw.arrays`
    /lean/<name>    of a cascade whose showers lean, those of `Lean.arrays`
    /inputs/<name>, /scores/<name>, /network/<number>
                    of a diffusion, those of its `LayerInputs` and `VoxelScores`, and the weights in the order of the network
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
from offline.calorimeter.generators.diffusion.generator import Diffusion
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["DAMAGE", "generator_in", "put_generator", "read_generator", "write_generator"]

_KINDS: Mapping[str, type[Cascade] | type[Diffusion]] = {kind.kind: kind for kind in (Cascade, Diffusion)}
_FORMAT, _VERSION = "l1ml-shower-generator", 1
DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


def write_generator(path: Path, generator: ShowerGenerator) -> None:
    """Write `generator` to `path`, whole or not at all.

    Raises
    ------
    StorageError
        If `path` cannot be written.
    """
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        put_generator(file, generator)


def put_generator(group: h5py.Group, generator: ShowerGenerator) -> str:
    """Write `generator` into an empty `group`, as its file has it, and say its digest."""
    arrays = dict(generator.arrays())
    attributes: dict[str, Any] = {
        "format": _FORMAT,
        "format_version": _VERSION,
        "kind": generator.kind,
        "geometry": json.dumps(generator.geometry.to_dict()),
        "threshold": generator.threshold,
        "energy_range": list(generator.energy_range),
        "record": json.dumps(generator.record, allow_nan=False),
        **generator.attributes(),
    }
    for name, array in arrays.items():
        packed = {"compression": "gzip", "shuffle": True} if array.size > 1 else {}
        group.create_dataset(name, data=array, **packed)
    digest = _digest(arrays, attributes)
    group.attrs.update({**attributes, "digest": digest})
    return digest


def read_generator(path: Path, geometry: CalorimeterGeometry | None = None) -> ShowerGenerator:
    """The generator in the file `path`; Keras is needed only to draw from a diffusion.

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
            generator = generator_in(file, str(path))
    except L1mlError:
        raise
    except DAMAGE as error:
        msg = f"{path} is damaged or no file of a generator ({error})"
        raise DataError(msg) from error
    if geometry not in {None, generator.geometry}:
        msg = f"the generator {path} is of another geometry, of {generator.geometry.n_voxels} voxels"
        raise DataError(msg)
    return generator


def generator_in(group: h5py.Group, where: str) -> ShowerGenerator:
    """The generator that `put_generator` has put into `group`; `where` says in errors what it is.

    Raises
    ------
    DataError
        If it does not have the digest that it states; other damage is told by one of `DAMAGE`.
    SchemaError
        If there is none, or one of a newer version.
    """
    attributes = {name: _plain(value) for name, value in group.attrs.items()}
    _check_header(where, attributes)
    arrays: dict[str, NDArray[Any]] = {}
    group.visititems(lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    generator = _generator(attributes, arrays)
    if attributes.pop("digest") != _digest(arrays, attributes):
        msg = f"{where} is damaged: its content does not have the digest that it states"
        raise DataError(msg)
    return generator


def _check_header(where: str, attributes: Mapping[str, Any]) -> None:
    """Refuse other files and newer ones."""
    if attributes.get("format") != _FORMAT:
        hint = "; of a bank, say --particle and --eta" if attributes.get("format") == "l1ml-generator-bank" else ""
        msg = f"{where} is no file of a generator: its format is {attributes.get('format')!r}, expected {_FORMAT!r}{hint}"
        raise SchemaError(msg)
    if attributes["format_version"] != _VERSION or attributes["kind"] not in _KINDS:
        what = f"version {attributes['format_version']}, kind {attributes['kind']!r}"
        msg = f"{where} is of {what}; this l1ml reads version {_VERSION} and the kinds {', '.join(_KINDS)}: update it"
        raise SchemaError(msg)


def _generator(attributes: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> ShowerGenerator:
    """The generator of a file's content."""
    geometry = CalorimeterGeometry.from_dict(json.loads(attributes["geometry"]))
    plain = {**attributes, "record": json.loads(attributes["record"])}
    return _KINDS[attributes["kind"]].of_file(geometry, plain, arrays)


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
