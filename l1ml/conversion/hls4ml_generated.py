"""The layer of hls4ml that carries generated C++, and the passes that turn quantisers and surplus readers of streams into it."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import numpy as np
from hls4ml.model.flow import register_flow
from hls4ml.model.layers import Layer as HlsLayer
from hls4ml.model.layers import register_layer
from hls4ml.model.optimizer import OptimizerPass, register_pass
from hls4ml.model.optimizer.passes.bit_exact import _produce_kif
from hls4ml.model.optimizer.passes.hgq_proxy_model import FixedPointQuantizer
from hls4ml.model.types import Source
from numpy.typing import NDArray

from l1ml.conversion.hls4ml_calls import register_calls
from l1ml.conversion.hls4ml_dialects import Signature, function_source, quantiser_statement
from l1ml.conversion.hls4ml_positions import POSITIONS_CLASS, DenseAtPositions, register_positions
from l1ml.conversion.hls_backends import find_hls_backend
from l1ml.conversion.libero_layers import register_libero

__all__ = ["GENERATED_CLASS", "QUANTISER_MARK", "GeneratedFunction", "register_functions"]

QUANTISER_MARK = "l1ml_declared"
"""Attribute of the quantisers that l1ml made."""

GENERATED_CLASS = "L1mlGeneratedFunction"
"""Name of the layer in lists of layers."""

_MOST_READERS = 7
"""Readers that hls4ml clones a stream for."""


class GeneratedFunction(HlsLayer):  # type: ignore[misc]
    """Rows of words to another row, by C++ that is part of the layer."""

    def initialize(self) -> None:
        """Declare the output and hand the C++ to hls4ml's writer."""
        config = self.model.config
        backend = find_hls_backend(str(config.config["Backend"]).lower())
        io_type, signature = str(config.get_config_value("IOType")), Signature(n_rows=len(self.inputs))
        source = function_source(self.name, self.attributes["l1ml_body"], backend, io_type, signature)
        self.add_output_variable([int(self.attributes["n_out"])])
        self.set_attr("l1ml_codegen", Source(source))


@_produce_kif.register(GeneratedFunction)  # type: ignore[untyped-decorator]
@_produce_kif.register(DenseAtPositions)  # type: ignore[untyped-decorator]
def _proven_kif(layer: Any) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Format of each element after one of our layers, proven from the range."""
    k, i, f = (np.array(item, np.int16) for item in layer.attributes["l1ml_kif"])
    return k, i, f


class _SpellQuantisers(OptimizerPass):  # type: ignore[misc]
    """Quantisers that hls4ml could not merge with the layer before, as generated functions.

    hls4ml's own spelling knows neither streams nor Catapult, and gives oneAPI two bits where one was asked for.
    """

    def match(self, node: Any) -> bool:
        """Whether `node` is one of our quantisers."""
        return isinstance(node, FixedPointQuantizer) and bool(node.attributes.get(QUANTISER_MARK, False))

    def transform(self, model: Any, node: Any) -> bool:
        """Replace it."""
        k, width, integer = (np.broadcast_to(item[0], node.get_input_variable().shape).ravel().tolist() for item in node.mask_kbi)
        modes = (node.RND, node.SAT)
        body = [quantiser_statement(index, *bits, modes) for index, bits in enumerate(zip(k, width, integer, strict=True))]
        precision = node.get_output_variable().type.precision
        attributes = {"n_out": len(k), "l1ml_body": body}
        spelled = model.make_node(GENERATED_CLASS, node.name, attributes, list(node.inputs), list(node.outputs))
        spelled.get_output_variable().type.precision = precision
        model.replace_node(node, spelled)
        return True


class _SpreadReaders(OptimizerPass):  # type: ignore[misc]
    """Copies of a stream with more readers than hls4ml can clone it for: each copy takes over as many as it can."""

    def match(self, node: Any) -> bool:
        """Whether the row that `node` writes is a stream with too many readers."""
        streams = node.model.config.get_config_value("IOType") == "io_stream"
        return streams and len(node.get_output_nodes()) > _MOST_READERS

    def transform(self, model: Any, node: Any) -> bool:
        """Hand the last readers over to a copy."""
        (output,) = node.outputs
        places = [(other, index) for other in model.get_layers() for index, name in enumerate(other.inputs) if name == output]
        name = next(label for label in (f"{node.name}_copy{i}" for i in count(1)) if label not in model.graph)
        n_out = int(node.get_output_variable().size())
        body = [f"out[{index}] = inp[{index}];" for index in range(n_out)]
        row = model.make_node(GENERATED_CLASS, name, {"n_out": n_out, "l1ml_body": body}, [output])
        row.get_output_variable().type.precision = node.get_output_variable().type.precision
        (reader, place), *others = places[-_MOST_READERS:]
        model.insert_node(row, before=reader, input_idx=place)
        for reader, place in others:
            reader.inputs[place] = name
        return True


@cache
def register_functions(backend: str) -> str:
    """Make our layers known to hls4ml and to one of its back ends; the flow to apply before that of the back end."""
    flow = _register_layers()
    register_calls(GeneratedFunction, backend)
    register_positions(backend)
    return register_libero(flow) if backend == "Libero" else flow


@cache
def _register_layers() -> str:
    register_layer(GENERATED_CLASS, GeneratedFunction)
    register_layer(POSITIONS_CLASS, DenseAtPositions)
    passes = {"l1ml_spell_quantisers": _SpellQuantisers, "l1ml_spread_readers": _SpreadReaders}
    return str(register_flow("l1ml", [register_pass(*item) for item in passes.items()], requires=["optimize"]))
