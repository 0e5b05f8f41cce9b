"""A model of Keras 2 and QKeras 0.9 as the same model in Keras 3 and qkeras-v3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.data.readers.damage import damage
from l1ml.errors import ConversionError, DataError
from l1ml.model.foreign.keras2_file import Keras2File, LayerWeights, open_keras2
from l1ml.model.foreign.keras2_layers import build_layer
from l1ml.model.foreign.keras2_scales import settle_scales

__all__ = ["read_keras2_model"]

_Key = tuple[str, int, int]
"""A tensor in Keras 2: name of its layer, which call of it, which output."""

_RENAMED = {"DepthwiseConv2D": {"kernel": "depthwise_kernel"}}
"""Weights that are called otherwise in Keras 2."""


def read_keras2_model(path: Path, weights: Path | None = None) -> Any:
    """The Keras 3 model that computes what the file of Keras 2 does; layers keep their names.

    Keras 2 and QKeras 0.9 need not be installed. The file is data: no code in it is run.

    Parameters
    ----------
    path : Path
        A whole model (.h5), or its description (.json).
    weights : Path, optional
        The .h5 of the weights that belong to a description; of a whole model those to take instead of its own.

    Returns
    -------
    keras.Model
        Built and with its weights, not compiled; ready for `l1ml.model.extraction.freeze`.

    Raises
    ------
    ConversionError
        On a layer, quantiser or argument that is not read, by name, and on a file of Keras 3.
    DataError
        If a file is missing, truncated or damaged, or its weights are not those of its layers.
    """
    file = open_keras2(path, weights)
    with damage(path, "a model of Keras 2"):
        model = _build(file)
        _load(model, file.weights, path)
    settle_scales(model)
    return model


def _build(file: Keras2File) -> Any:
    if file.class_name == "Sequential":
        return _sequential(file.config)
    if file.class_name in {"Functional", "Model"}:
        return _functional(file.config)
    msg = f"a model of class {file.class_name!r} is not read, its layers are in Python code; save a Functional or Sequential one"
    raise ConversionError(msg)


def _sequential(config: Any) -> Any:
    keras = require("keras")
    rows = config["layers"] if isinstance(config, dict) else config
    shape = rows[0]["config"].get("batch_input_shape")
    if shape is None:
        msg = "the model does not say what shape its input has; build it with an Input layer before saving"
        raise ConversionError(msg)
    tensor = inputs = _input(rows[0])
    for row in rows[1:] if rows[0]["class_name"] == "InputLayer" else rows:
        tensor = build_layer(row["class_name"], row["config"])(tensor)
    return keras.Model(inputs, tensor)


def _input(row: Mapping[str, Any]) -> Any:
    config = row["config"]
    dtype = config.get("dtype", "float32")
    if dtype != "float32":
        msg = f"layer {config['name']!r}: an input of dtype {dtype!r} is not supported; use float32"
        raise ConversionError(msg)
    name = config["name"] if row["class_name"] == "InputLayer" else None
    return require("keras").Input(tuple(config["batch_input_shape"][1:]), name=name)


def _functional(config: Mapping[str, Any]) -> Any:
    tensors: dict[_Key, Any] = {}
    waiting = list(_calls(config["layers"], tensors))
    while waiting:
        ready = [item for item in waiting if all(key in tensors for key in item[2])]
        if not ready:
            name, _, sources = waiting[0]
            msg = f"layer {name[0]!r} reads {sorted({key[0] for key in sources if key not in tensors})}, which nothing gives"
            raise DataError(msg)
        for key, layer, sources in ready:
            given = [tensors[source] for source in sources]
            tensors[key] = layer(given if len(given) > 1 else given[0])
        waiting = [item for item in waiting if item[0] not in tensors]
    ends = ([tensors[key] for key in _keys(config[side])] for side in ("input_layers", "output_layers"))
    return require("keras").Model(*(side if len(side) > 1 else side[0] for side in ends))


def _calls(rows: Sequence[Mapping[str, Any]], tensors: dict[_Key, Any]) -> Iterator[tuple[_Key, Any, list[_Key]]]:
    """Every call of every layer: what it gives, the layer, what it reads; inputs go into `tensors` at once."""
    for row in rows:
        name = row["config"]["name"]
        if row["class_name"] == "InputLayer":
            tensors[name, 0, 0] = _input(row)
            continue
        layer = build_layer(row["class_name"], row["config"])
        for index, node in enumerate(row["inbound_nodes"]):
            yield (name, index, 0), layer, [_source(item, name) for item in node]


def _source(item: Sequence[Any], reader: str) -> _Key:
    """The tensor that an entry such as ``["fc1", 0, 0, {}]`` names."""
    name, node, tensor, *options = item
    if any(key != "training" for key in (options[0] if options else {})):
        msg = f"layer {reader!r} is called with {options[0]}, which is not read; save a model whose layers take tensors only"
        raise ConversionError(msg)
    return str(name), int(node), int(tensor)


def _keys(ends: Sequence[Any]) -> list[_Key]:
    """Tensors of ``[["fc1", 0, 0], ...]``, or of one that is not in a list."""
    entries = [ends] if isinstance(ends[0], str) else ends
    return [(str(name), int(node), int(tensor)) for name, node, tensor in entries]


def _load(model: Any, weights: Mapping[str, LayerWeights], path: Path) -> None:
    """Put the weights of the file into the layers of the same names."""
    with_weights = {layer.name: layer for layer in model.layers if layer.weights}
    unknown = sorted(name for name, found in weights.items() if found and name not in with_weights)
    if unknown:
        msg = f"{path}: weights of the layers {', '.join(unknown)}, which the model does not have"
        raise DataError(msg)
    for name, layer in with_weights.items():
        renamed = _RENAMED.get(type(layer).__name__, {})
        _assign(layer, weights.get(name, {}), renamed, path)


def _assign(layer: Any, found: LayerWeights, renamed: Mapping[str, str], path: Path) -> None:
    expected = {renamed.get(item.name, item.name): item for item in layer.weights}
    if set(found) != set(expected):
        what = (
            f"layer {layer.name!r} has the weights {', '.join(sorted(expected))}, the file {', '.join(sorted(found)) or 'none'}"
        )
        msg = f"{path}: {what}; give the file of its weights"
        raise DataError(msg)
    for name, variable in expected.items():
        if found[name].shape != tuple(variable.shape):
            msg = f"{path}: {name} of layer {layer.name!r} has shape {found[name].shape}, expected {tuple(variable.shape)}"
            raise DataError(msg)
        variable.assign(np.asarray(found[name], np.float32))
