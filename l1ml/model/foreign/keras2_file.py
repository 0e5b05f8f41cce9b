"""What a Keras 2 file holds, as plain values: the description of its layers, and their weights by name.

A whole model is one HDF5 file with the attribute ``model_config`` (JSON) and the group ``model_weights``; a model in two files is
that JSON and an HDF5 file whose root is the group of weights. Attributes that are too long are parted by Keras into ``name0``,
``name1``, ... (keras/src/saving/legacy/hdf5_format.py of 2.13). Nothing in the file is executed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.damage import damage
from l1ml.errors import ConversionError, DataError

__all__ = ["Keras2File", "LayerWeights", "open_keras2"]

LayerWeights = dict[str, NDArray[np.float32]]
"""Weights of a layer by the last part of their name: ``kernel``, ``bias``, ``gamma``."""

_HDF5_BEGIN = b"\x89HDF\r\n\x1a\n"
_ZIP_BEGIN = b"PK"
_LARGEST = 2**28


@dataclass(frozen=True, slots=True, eq=False)
class Keras2File:
    """Class and configuration of the model as Keras 2 spells them, and the weights of each layer."""

    class_name: str
    config: Any
    weights: Mapping[str, LayerWeights]


def open_keras2(path: Path, weights: Path | None = None) -> Keras2File:
    """Content of the model `path` (.h5, or .json with the file of its `weights`).

    Raises
    ------
    ConversionError
        If it is a file of Keras 3.
    DataError
        If a file is missing, truncated, or of another kind.
    """
    begin = _begin(path)
    if begin.startswith(_ZIP_BEGIN):
        msg = f"{path} is a .keras file of Keras 3; open it with keras.models.load_model"
        raise ConversionError(msg)
    if begin.startswith(_HDF5_BEGIN):
        description, found = _from_hdf5(path, with_config=True)
    elif weights is None:
        msg = f"{path} is no HDF5 file; of a model in two files give the .json and the .h5 of its weights"
        raise DataError(msg)
    else:
        description, found = _read_text(path), {}
    if weights is not None:
        found = _from_hdf5(weights, with_config=False)[1]
    return _described(_parsed(description, path), found, path)


def _begin(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_HDF5_BEGIN))
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise DataError(msg) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path} is neither HDF5 nor JSON text: {error}"
        raise DataError(msg) from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path}: the description of the model is damaged: {error}"
        raise DataError(msg) from error
    if not isinstance(content, dict):
        msg = f"{path}: the description of the model is a {type(content).__name__}, expected an object with class_name and config"
        raise DataError(msg)
    return content


def _described(content: dict[str, Any], weights: Mapping[str, LayerWeights], path: Path) -> Keras2File:
    _check_version("3" if "module" in content else str(content.get("keras_version", "2")), path)
    name = content.get("class_name")
    if not isinstance(name, str) or "config" not in content:
        msg = f"{path}: the description of the model has {', '.join(map(repr, content))}; expected 'class_name' and 'config'"
        raise DataError(msg)
    return Keras2File(name, content["config"], weights)


def _from_hdf5(path: Path, *, with_config: bool) -> tuple[str, dict[str, LayerWeights]]:
    """The JSON of the model, if asked for, and the weights of its layers."""
    with damage(path, "an HDF5 file of Keras"), h5py.File(path, "r") as file:
        description = _model_config(file, path) if with_config else ""
        return description, _layers(file.get("model_weights", file))


def _model_config(file: Any, path: Path) -> str:
    if "model_config" not in file.attrs:
        msg = f"{path} holds weights only; give the .json of the model first and this file as its weights"
        raise DataError(msg)
    _check_version(_text(file.attrs.get("keras_version", "2")), path)
    return _text(file.attrs["model_config"])


def _check_version(version: str, path: Path) -> None:
    if version.startswith("3"):
        msg = f"{path} was written by Keras {version}, not 2; open it with keras.models.load_model"
        raise ConversionError(msg)


def _layers(group: Any) -> dict[str, LayerWeights]:
    if not any(name.startswith("layer_names") for name in group.attrs):
        msg = "it has no list of layer_names"
        raise KeyError(msg)
    return {name: _layer_weights(group[name]) for name in _names(group, "layer_names")}


def _layer_weights(group: Any) -> LayerWeights:
    found: LayerWeights = {}
    for name in _names(group, "weight_names"):
        short = name.rsplit("/", maxsplit=1)[-1].partition(":")[0]
        data = group[name]
        if short in found or data.size > _LARGEST:
            msg = f"the weight {name!r} is there twice" if short in found else f"the weight {name!r} has {data.size} numbers"
            raise ValueError(msg)
        found[short] = np.asarray(data[()], np.float32)
    return found


def _names(group: Any, key: str) -> list[str]:
    """Names in the attribute `key`, or in its parts."""
    if key in group.attrs:
        return [_text(item) for item in group.attrs[key]]
    parts = [name for name in group.attrs if name.startswith(key) and name[len(key) :].isdigit()]
    return [_text(item) for part in sorted(parts, key=lambda name: int(name[len(key) :])) for item in group.attrs[part]]


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
