"""Files as Keras 2 and QKeras 0.9 write them, by hand: the layout is that of keras/src/saving/legacy/hdf5_format.py (2.13)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

BITS = {"bits": 6, "integer": 1, "symmetric": 0, "alpha": 1, "keep_negative": True, "use_stochastic_rounding": False}
KERNEL = np.array([[1.25, -0.5, 0.3], [-1.0, 0.75, 0.51]], np.float32)
BIAS = np.array([0.5, 0.0, 1.0], np.float32)


def quantiser(name: str = "quantized_bits", **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config or {**BITS, "qnoise_factor": 1.0}, "__passive_serialization__": True}


def layer(class_name: str, name: str, sources: list[str] | None = None, **config: Any) -> dict[str, Any]:
    common = {"name": name, "trainable": True, "dtype": "float32"}
    nodes = [[[source, 0, 0, {}] for source in sources or []]] if sources else []
    return {"class_name": class_name, "config": {**common, **config}, "name": name, "inbound_nodes": nodes}


def dense(name: str = "fc", source: str = "inp", **config: Any) -> dict[str, Any]:
    options = {
        "units": 3,
        "activation": "linear",
        "use_bias": True,
        "kernel_initializer": {"class_name": "HeNormal", "config": {"seed": None}},
        "kernel_constraint": {"class_name": "Clip", "config": {"min_value": -1, "max_value": 1}},
        "kernel_range": None,
        "kernel_quantizer": quantiser(),
        "bias_quantizer": quantiser(),
    }
    return layer("QDense", name, [source], **{**options, **config})


def inputs(n: int = 2) -> dict[str, Any]:
    return layer("InputLayer", "inp", batch_input_shape=[None, n], sparse=False, ragged=False)


def functional(*layers: dict[str, Any], output: str) -> dict[str, Any]:
    config = {"name": "model", "layers": layers, "input_layers": [["inp", 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": config}


def toy() -> dict[str, Any]:
    """Two inputs, a QDense of three units, a quantized_relu written as a string."""
    relu = layer("QActivation", "relu", ["fc"], activation="quantized_relu(5,2)")
    return functional(inputs(), dense(), relu, output="relu")


WEIGHTS = {"inp": {}, "fc": {"kernel": KERNEL, "bias": BIAS}, "relu": {}}


def write_weights(group: Any, weights: dict[str, dict[str, Any]]) -> None:
    group.attrs["layer_names"] = [name.encode() for name in weights]
    for name, arrays in weights.items():
        part = group.create_group(name)
        part.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key in arrays]
        for key, values in arrays.items():
            part[f"{name}/{key}:0"] = values


def write_keras2(path: Path, config: dict[str, Any], weights: dict[str, dict[str, Any]] | None = None) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs.update({"backend": "tensorflow", "keras_version": "2.8.0", "model_config": json.dumps(config)})
        write_weights(file.create_group("model_weights"), WEIGHTS if weights is None else weights)
    return path
