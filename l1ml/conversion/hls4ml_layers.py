"""An integer network as hls4ml layers, on hls4ml's bit-exact path.

Implementation notes
--------------------
hls4ml 1.3 infers every width exactly once a model holds its ``FixedPointQuantizer`` layer (model/optimizer/passes/bit_exact.py).
So each quantiser becomes one of those, with rounding and overflow spelled out, and each dense layer a Dense whose weights already
lie on their grid. Nothing is left to hls4ml's default precision. What hls4ml has no exact layer for (steps, magnitudes, maxima)
is a `GeneratedFunction`.

hls4ml also narrows each of those quantisers to what its input can hold, and 1.3.0 changes words by that: a saturating one whose
input has a coarser grid but a larger range then saturates at 2**i - 2**-lf instead of 2**i - 2**-f; symmetric saturation moves
with the width; and a format shared by all elements takes the largest width and the largest integer part from different elements.
Our quantisers are therefore marked, and `_declared_kif` gives a marked one exactly the format that QKeras declares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hls4ml.model.optimizer.passes.bit_exact import _produce_kif
from hls4ml.model.optimizer.passes.hgq_proxy_model import FixedPointQuantizer
from numpy.typing import NDArray

from l1ml.conversion.hls4ml_functions import function_layer
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.network import Node
from l1ml.model.operations import Add, Affine, Concatenate, Dense, Product, Quantise, Scale, Square, Stage

__all__ = ["network_layers", "quantiser_layer"]

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


def network_layers(network: Network, port: str) -> list[Layer]:
    """hls4ml layers of `network`, the first one being the input port, whose name is `port`."""
    names = [port, *(node.name for node in network.nodes)]
    layers: list[Layer] = [{"name": port, "class_name": "InputLayer", "input_shape": [len(network.input_formats)], "inputs": []}]
    for node, after in zip(network.nodes, network.stages[1:], strict=True):
        before = [network.stages[index] for index in node.sources]
        inputs = [names[index] for index in node.sources]
        # hls4ml multiplies two tensors, and takes one twice
        repeated = inputs * 2 if isinstance(node.operation, Square) else inputs
        layers.append({**_layer(node, before, after), "inputs": repeated})
    return layers


def _layer(node: Node, before: Sequence[Stage], after: Stage) -> Layer:  # noqa: PLR0911  one return per operation
    """hls4ml layer of one node, between stages of known range."""
    n = len(after.low)
    match node.operation:
        case Quantise(format_):
            return quantiser_layer(node.name, [format_] * n)
        case Dense() as dense:
            return _dense(node.name, dense)
        case Scale(shift):
            return _affine(node.name, 2.0 ** -shift.astype(np.float64), np.zeros(n))
        case Affine() as affine:
            factor = affine.factor * 2.0**-affine.factor_fractional
            return _affine(node.name, factor, affine.offset * 2.0**-affine.offset_fractional)
        case Square() | Product():
            return _merge(node.name, "multiply", n)
        case Add(sign):
            return _merge(node.name, "add" if sign > 0 else "subtract", n)
        case Concatenate():
            return _concatenate(node.name, [len(stage.low) for stage in before])
        case operation:
            return function_layer(node.name, operation, before[0], after)


def _dense(name: str, dense: Dense) -> Layer:
    """A Dense on exact weights."""
    use_bias = bool(dense.bias.any())
    return {
        "name": name,
        "class_name": "Dense",
        "data_format": "channels_last",
        "n_in": dense.kernel.shape[0],
        "n_out": dense.kernel.shape[1],
        "use_bias": use_bias,
        "weight_data": dense.kernel * 2.0**-dense.kernel_fractional,
        "bias_data": dense.bias * 2.0**-dense.bias_fractional if use_bias else None,
    }


def _affine(name: str, factor: NDArray[Any], offset: NDArray[Any]) -> Layer:
    """A multiplication by constants; synthesis turns powers of two into wires."""
    sizes = {"n_in": len(factor), "n_filt": len(factor)}
    return {"name": name, "class_name": "BatchNormalization", **sizes, "scale_data": factor, "bias_data": offset}


def _merge(name: str, operation: str, n: int) -> Layer:
    """Two tensors, element by element."""
    return {"name": name, "class_name": "Merge", "op": operation, "output_shape": [n], "input_shape": [[n], [n]]}


def _concatenate(name: str, sizes: Sequence[int]) -> Layer:
    """Two tensors, one after the other."""
    shapes = {"output_shape": [sum(sizes)], "input_shape": [[size] for size in sizes]}
    return {"name": name, "class_name": "Concatenate", "op": "concatenate1d", "axis": -1, **shapes}
