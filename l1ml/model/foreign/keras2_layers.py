"""Layers as Keras 2 and QKeras 0.9 write them, built anew in Keras 3 and qkeras-v3.

Of a layer's arguments those are passed on that decide what it computes; initialisers, regularisers, constraints and ranges are
training's, and the weights come from the file. An argument that is neither is refused, because its meaning is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from l1ml._optional import require
from l1ml.errors import ConversionError, nearest
from l1ml.model.foreign.keras2_quantisers import read_activation

__all__ = ["build_layer"]

_OF_TRAINING = ("_initializer", "_regularizer", "_constraint", "_range")
_NO_MATTER = {"name", "trainable", "batch_input_shape", "momentum", "noise_shape", "seed"}
_ONLY = {"data_format": ("channels_last", None), "dtype": ("float32",), "groups": (1,), "padding": ("valid", "same")}
"""Arguments that are accepted with these values only."""

_KERNEL = ("kernel_quantizer", "bias_quantizer")
_SEPARABLE = ("depthwise_quantizer", "pointwise_quantizer", "bias_quantizer")
_NORM = ("axis", "epsilon", "center", "scale")
_NORM_QUANTISERS = ("beta_quantizer", "gamma_quantizer", "mean_quantizer", "variance_quantizer")
_CONV = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "use_bias")
_DEPTHWISE = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier", "use_bias")
_POOL = ("pool_size", "strides", "padding")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which arguments a layer has; those in `renamed` are called otherwise in Keras 3."""

    arguments: tuple[str, ...] = ()
    quantisers: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


def _rules() -> dict[str, _Rule]:
    rules = {
        "Activation": _Rule((), ("activation",)),
        "BatchNormalization": _Rule(_NORM),
        "Concatenate": _Rule(("axis",)),
        "Dense": _Rule(("units", "use_bias"), ("activation",)),
        "Dropout": _Rule(("rate",)),
        "Flatten": _Rule(),
        "LeakyReLU": _Rule(("alpha",), renamed={"alpha": "negative_slope"}),
        "Permute": _Rule(("dims",)),
        "QActivation": _Rule((), ("activation",)),
        "QBatchNormalization": _Rule(_NORM, _NORM_QUANTISERS),
        "QDense": _Rule(("units", "use_bias"), (*_KERNEL, "activation")),
        "ReLU": _Rule(("max_value", "negative_slope", "threshold")),
        "Rescaling": _Rule(("scale", "offset")),
        "Reshape": _Rule(("target_shape",)),
        "Softmax": _Rule(("axis",)),
        "TimeDistributed": _Rule(("layer",)),
        "ZeroPadding1D": _Rule(("padding",)),
        "ZeroPadding2D": _Rule(("padding",)),
    }
    rules |= {name: _Rule() for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")}
    for n in ("1D", "2D"):
        separable = (*_CONV, "depth_multiplier")
        rules |= {f"Conv{n}": _Rule(_CONV, ("activation",)), f"QConv{n}": _Rule(_CONV, (*_KERNEL, "activation"))}
        rules |= {f"SeparableConv{n}": _Rule(separable, ("activation",))}
        rules |= {f"QSeparableConv{n}": _Rule(separable, (*_SEPARABLE, "activation"))}
        rules |= {f"{kind}Pooling{n}": _Rule(_POOL) for kind in ("Average", "Max")}
        rules |= {f"Global{kind}Pooling{n}": _Rule(("keepdims",)) for kind in ("Average", "Max")}
    rules["DepthwiseConv2D"] = _Rule(_DEPTHWISE, ("activation",))
    rules["QDepthwiseConv2D"] = _Rule(_DEPTHWISE, ("depthwise_quantizer", "bias_quantizer", "activation"))
    return rules


_RULES = _rules()

_HGQ = "HGQ trains its own layers; write the network as QONNX, or train it with QKeras"
_INSTEAD = {
    "FixedPointQuantizer": _HGQ,
    "Functional": "put its layers into the model itself",
    "HActivation": _HGQ,
    "HDense": _HGQ,
    "HQuantize": _HGQ,
    "Lambda": "a Lambda holds Python code, which is never run from a file; use layers",
    "PruneLowMagnitude": "save the model after tensorflow_model_optimization.sparsity.keras.strip_pruning",
    "QConv2DBatchnorm": "save it unfolded, as QConv2D and BatchNormalization",
    "QDenseBatchnorm": "save it unfolded, as QDense and BatchNormalization",
    "Sequential": "put its layers into the model itself",
    "TFOpLambda": "use a layer instead of the TensorFlow function",
}
"""Layers that are not read, and what to do."""


def build_layer(class_name: str, config: Mapping[str, Any]) -> Any:
    """The Keras 3 layer of a layer that a Keras 2 file describes.

    Raises
    ------
    ConversionError
        On an unknown layer, quantiser or argument, by name.
    """
    where = f"layer {config.get('name')!r}"
    class_name = class_name.rpartition(">")[2]
    if class_name not in _RULES:
        instead = _INSTEAD.get(class_name, nearest(class_name, _RULES))
        msg = f"{where}: {class_name} of a Keras 2 file is not read; {instead}"
        raise ConversionError(msg)
    rule = _RULES[class_name]
    options: dict[str, Any] = {"name": config["name"]}
    for key, value in config.items():
        if key in rule.quantisers:
            options[key] = read_activation(value, f"{where}, {key}")
        elif key in rule.arguments:
            options[rule.renamed.get(key, key)] = _argument(class_name, key, value)
        elif key not in _NO_MATTER and not key.endswith(_OF_TRAINING) and key not in _ONLY:
            msg = f"{where}: {class_name} has {key}={value!r}, which is not known here; save it with another Keras 2 layer"
            raise ConversionError(msg)
        _check_value(class_name, key, value, where)
    room = require("qkeras") if class_name.startswith("Q") else require("keras").layers
    return getattr(room, class_name)(**options)


def _argument(class_name: str, key: str, value: Any) -> Any:
    """Value of an argument in Keras 3's form."""
    if key == "layer":
        return build_layer(value["class_name"], value["config"])
    if key == "axis" and class_name.endswith("BatchNormalization") and isinstance(value, list) and len(value) == 1:
        return value[0]
    return tuple(value) if isinstance(value, list) else value


def _check_value(class_name: str, key: str, value: Any, where: str) -> None:
    known = _ONLY.get(key)
    if known is None or class_name.startswith("ZeroPadding") or value in known:
        return
    if key == "padding" and isinstance(value, str) and value.lower() in known:
        return
    msg = f"{where}: {class_name} with {key}={value!r} is not supported; use {' or '.join(map(repr, known))}"
    raise ConversionError(msg)
