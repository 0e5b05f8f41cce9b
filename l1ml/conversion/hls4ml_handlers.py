"""QKeras layers for hls4ml's bit-exact path; importing this module registers them.

Implementation notes
--------------------
hls4ml 1.3 infers every width exactly once a model holds its ``FixedPointQuantizer`` layer (model/optimizer/passes/bit_exact.py).
So each quantiser becomes one of those, with rounding and overflow spelled out, and each QDense a Dense whose weights already lie
on their grid. Nothing is left to hls4ml's default precision.

hls4ml also narrows each of those quantisers to what its input can hold, and 1.3.0 changes words by that: a saturating one whose
input has a coarser grid but a larger range then saturates at 2**i - 2**-lf instead of 2**i - 2**-f; symmetric saturation moves
with the width; and a format shared by all elements takes the largest width and the largest integer part from different elements.
Our quantisers are therefore marked, and `_declared_kif` gives a marked one exactly the format that QKeras declares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hls4ml.converters.keras_v3._base import KerasV3LayerHandler
from hls4ml.model.optimizer.passes.bit_exact import _produce_kif
from hls4ml.model.optimizer.passes.hgq_proxy_model import FixedPointQuantizer
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.quantisers import read_dense, read_quantiser, read_scaling

__all__ = ["QActivationHandler", "QDenseHandler", "RescalingHandler", "SquareHandler", "quantiser_layer"]

Layer = dict[str, Any]

_MARK = "l1ml_declared"
_narrowed_kif = _produce_kif.dispatch(FixedPointQuantizer)


@_produce_kif.register(FixedPointQuantizer)  # type: ignore[untyped-decorator]
def _declared_kif(layer: Any) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Format of each element after a quantiser: the declared one if it is ours, else what hls4ml makes of it."""
    if not layer.attributes.get(_MARK, False):
        return _narrowed_kif(layer)  # type: ignore[no-any-return]
    k, width, integer = (values[0] for values in layer.mask_kbi)
    return k, integer - k, width - integer


def quantiser_layer(name: str, formats: Sequence[FixedPoint]) -> Layer:
    """hls4ml layer that rounds and saturates to `formats`, one per element.

    Modes are taken from the first format; hls4ml has one pair of modes per layer.
    """
    k, i, f = np.array([item.kif for item in formats], np.int16).T[:, None, :]
    return {
        "name": name,
        "class_name": "FixedPointQuantizer",
        "mask_kbi": (k, k + i + f, k + i),
        "RND": formats[0].rounding.name,
        "SAT": formats[0].overflow.name,
        "fusible": None,
        _MARK: True,
        "overrides": {},
    }


def _connect(layer: Layer, inputs: Sequence[Any], outputs: Sequence[Any]) -> Layer:
    names = ("input_keras_tensor_names", "output_keras_tensor_names")
    return {**layer, **dict(zip(names, ([item.name for item in group] for group in (inputs, outputs)), strict=True))}


def _size(tensors: Sequence[Any]) -> int:
    """Elements of the one tensor in `tensors`."""
    return int(tensors[0].shape[-1])


class QActivationHandler(KerasV3LayerHandler):  # type: ignore[misc]
    """QActivation with quantized_bits or quantized_relu."""

    handles = ("qkeras.qlayers.QActivation",)

    def handle(self, layer: Any, in_tensors: Sequence[Any], out_tensors: Sequence[Any]) -> tuple[Layer, ...]:
        """One quantiser."""
        target = read_quantiser(layer.activation, f"layer {layer.name!r}")
        return (_connect(quantiser_layer(layer.name, [target] * _size(out_tensors)), in_tensors, out_tensors),)


class QDenseHandler(KerasV3LayerHandler):  # type: ignore[misc]
    """QDense with fixed-point weights; an activation inside it becomes a quantiser of its own."""

    handles = ("qkeras.qlayers.QDense",)

    def handle(self, layer: Any, in_tensors: Sequence[Any], out_tensors: Sequence[Any]) -> tuple[Layer, ...]:
        """A Dense on exact weights, followed by the layer's activation if it has one."""
        words = read_dense(layer)
        dense = {
            "name": layer.name,
            "class_name": "Dense",
            "data_format": "channels_last",
            "n_in": words.kernel.shape[0],
            "n_out": words.kernel.shape[1],
            "use_bias": bool(layer.use_bias),
            "weight_data": words.kernel_format.from_words(words.kernel),
            "bias_data": words.bias_format.from_words(words.bias) if layer.use_bias else None,
        }
        dense = _connect(dense, in_tensors, out_tensors)
        if layer.activation is None or getattr(layer.activation, "__name__", "") == "linear":
            return (dense,)
        target = read_quantiser(layer.activation, f"layer {layer.name!r}")
        quantiser = _connect(quantiser_layer(f"{layer.name}_activation", [target] * _size(out_tensors)), [], out_tensors)
        dense["output_keras_tensor_names"] = quantiser["input_keras_tensor_names"] = [f"{out_tensors[0].name}_accumulator"]
        return dense, quantiser


class RescalingHandler(KerasV3LayerHandler):  # type: ignore[misc]
    """Rescaling by powers of two: constants that synthesis turns into wires."""

    handles = ("keras.src.layers.preprocessing.rescaling.Rescaling",)

    def handle(self, layer: Any, in_tensors: Sequence[Any], out_tensors: Sequence[Any]) -> tuple[Layer, ...]:
        """A multiplication by constant powers of two."""
        n_features = _size(in_tensors)
        scale: NDArray[np.float64] = 2.0 ** -read_scaling(layer, n_features).astype(np.float64)
        layer_ = {
            "name": layer.name,
            "class_name": "BatchNormalization",
            "n_in": n_features,
            "n_filt": n_features,
            "scale_data": scale,
            "bias_data": np.zeros(n_features),
        }
        return (_connect(layer_, in_tensors, out_tensors),)


class SquareHandler(KerasV3LayerHandler):  # type: ignore[misc]
    """Multiply of a tensor with itself."""

    handles = ("keras.src.layers.merging.multiply.Multiply",)

    def handle(self, layer: Any, in_tensors: Sequence[Any], out_tensors: Sequence[Any]) -> tuple[Layer, ...]:
        """An element-wise product of exactly two tensors, which is all that hls4ml multiplies."""
        if len(in_tensors) != 2:
            msg = f"layer {layer.name!r} multiplies {len(in_tensors)} tensors; use one Multiply per pair"
            raise ConversionError(msg)
        shape = [int(size) for size in out_tensors[0].shape[1:]]
        product = {"name": layer.name, "class_name": "Merge", "op": "multiply", "output_shape": shape}
        return (_connect({**product, "input_shape": [shape, shape]}, in_tensors, out_tensors),)
