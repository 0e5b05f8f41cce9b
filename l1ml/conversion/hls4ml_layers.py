"""An integer network as hls4ml layers, on hls4ml's bit-exact path.

Implementation notes
--------------------
hls4ml 1.3 infers every width exactly once a model holds its ``FixedPointQuantizer`` layer (model/optimizer/passes/bit_exact.py).
So each quantiser becomes one of those, with rounding and overflow spelled out, and each dense layer a Dense whose weights already
lie on their grid. Nothing is left to hls4ml's default precision. What hls4ml has no exact layer for (steps, magnitudes, maxima)
is a `GeneratedFunction`; so are shifts and constants, because hls4ml 1.3.0 merges a BatchNormalization with the one before it
even where a quantiser was between them, and the quantiser is lost without a word.

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

from l1ml.conversion.hls4ml_functions import function_layer, joined_layer, merged_layer, proven_kif
from l1ml.conversion.hls4ml_generated import QUANTISER_MARK
from l1ml.conversion.hls4ml_names import hls_names
from l1ml.conversion.hls4ml_positions import POSITIONS_CLASS
from l1ml.conversion.hls_backends import HlsBackend
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.operations import Add, Concatenate, Dense, Operation, Product, Quantise, Scale, Square, Stage

__all__ = ["network_layers", "quantiser_layer"]

Layer = dict[str, Any]

_narrowed_kif = _produce_kif.dispatch(FixedPointQuantizer)


@_produce_kif.register(FixedPointQuantizer)  # type: ignore[untyped-decorator]
def _declared_kif(layer: Any) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Format of each element after a quantiser: the declared one if it is ours, else what hls4ml makes of it."""
    if not layer.attributes.get(QUANTISER_MARK, False):
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
        QUANTISER_MARK: True,
        "overrides": {},
    }


def network_layers(network: Network, port: str, backend: HlsBackend, io_type: str) -> list[Layer]:
    """hls4ml layers of `network`, the first one being the input port, whose name is `port`."""
    names = [port, *hls_names([node.name for node in network.nodes])]
    layers: list[Layer] = [{"name": port, "class_name": "InputLayer", "input_shape": [len(network.input_formats)], "inputs": []}]
    for name, node, after in zip(names[1:], network.nodes, network.stages[1:], strict=True):
        before = [network.stages[index] for index in node.sources]
        inputs = [names[index] for index in node.sources]
        if isinstance(node.operation, Quantise) and _is_quantised(network, node.sources[0]):
            # hls4ml 1.3 keeps only the second of two quantisers in a row: a copy of the words between them keeps both
            copy = Scale(np.zeros(len(before[0].low), np.int64))
            layers.append({**function_layer(f"{name}_input", copy, before[0], before[0]), "inputs": inputs})
            inputs = [f"{name}_input"]
        own = _libero_layer(name, node.operation, before, after, io_type) if backend.name == "libero" else None
        # hls4ml multiplies two tensors, and takes one twice
        repeated = inputs * 2 if isinstance(node.operation, Square) and not own else inputs
        layers.append({**(own or _layer(name, node.operation, before, after)), "inputs": repeated})
    return layers


def _is_quantised(network: Network, stage: int) -> bool:
    """Whether a quantiser gives the words of `stage`; the words on the link are cut to their widths by one, too."""
    return stage == 0 or isinstance(network.nodes[stage - 1].operation, Quantise)


def _layer(name: str, operation: Operation, before: Sequence[Stage], after: Stage) -> Layer:
    """hls4ml layer of one operation, between stages of known range."""
    n = len(after.low)
    match operation:
        # hls4ml writes a type of one bit as one of two for Catapult and oneAPI, with another grid and another range
        case Quantise(format_) if format_.width > 1:
            return quantiser_layer(name, [format_] * n)
        case Dense() as dense:
            return _dense(name, dense, after)
        case Square() | Product():
            return _merge(name, "multiply", n)
        case Add(sign):
            return _merge(name, "add" if sign > 0 else "subtract", n)
        case Concatenate():
            return joined_layer(name, before, after)
        case _:
            return function_layer(name, operation, before[0], after)


def _dense(name: str, dense: Dense, after: Stage) -> Layer:
    """A Dense on exact weights, at one position or at many."""
    return _plain_dense(name, dense) if dense.positions == 1 else _dense_at_positions(name, dense, after)


def _plain_dense(name: str, dense: Dense) -> Layer:
    n_in, n_out = dense.kernel.shape
    return {"name": name, "class_name": "Dense", "n_in": n_in, "n_out": n_out, **_weights(dense)}


def _dense_at_positions(name: str, dense: Dense, after: Stage) -> Layer:
    layer = _plain_dense(name, dense)
    # without an array of biases hls4ml makes one as long as the row
    biases = layer["bias_data"] if layer["use_bias"] else np.zeros(dense.kernel.shape[1])
    own = {"class_name": POSITIONS_CLASS, "l1ml_positions": dense.positions, "l1ml_kif": proven_kif(after)}
    return {**layer, **own, "bias_data": biases}


def _libero_layer(name: str, operation: Operation, before: Sequence[Stage], after: Stage, io_type: str) -> Layer | None:
    """Layer of an operation for which hls4ml 1.3.0 has nothing that works behind Libero alone; None of any other."""
    match operation:
        case Add() | Product() | Square():
            return merged_layer(name, operation, before, after)
        case Dense() if io_type == "io_stream":
            return _dense_at_positions(name, operation, after)
        case _:
            return None


def _weights(dense: Dense) -> Layer:
    """Exact weights of a dense layer."""
    use_bias = bool(dense.bias.any())
    return {
        "data_format": "channels_last",
        "use_bias": use_bias,
        "weight_data": dense.kernel * 2.0**-dense.kernel_fractional,
        "bias_data": dense.bias * 2.0**-dense.bias_fractional if use_bias else None,
    }


def _merge(name: str, operation: str, n: int) -> Layer:
    """Two tensors, element by element."""
    return {"name": name, "class_name": "Merge", "op": operation, "output_shape": [n], "input_shape": [[n], [n]]}
