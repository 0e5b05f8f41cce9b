"""One dense layer at every position of a row, all positions at once.

hls4ml has a convolution of width one for this, whose streams carry one transfer for each position. Behind it hls4ml 1.3.0 leaves
those transfers as they are where a row follows (its pass ``inplace_stream_flatten``): a dense layer for Vitis, Vivado or Catapult
gathers them, everything else takes the first one for the row. Here the row stays one transfer, and hls4ml's own dense product is
called for each position: the strategies and reuse factors are those of a dense layer, in arrays and in streams.
"""

from __future__ import annotations

from copy import copy

from hls4ml.backends.template import FunctionCallTemplate, LayerConfigTemplate
from hls4ml.model.layers import Dense as HlsDense
from hls4ml.model.optimizer import get_backend_passes, get_optimizer, register_pass
from hls4ml.model.types import Source

from l1ml.conversion.hls4ml_calls import register_calls
from l1ml.conversion.hls4ml_dialects import Signature, function_source, local_row, unrolled_loop, word_types
from l1ml.conversion.hls_backends import HlsBackend, find_hls_backend
from l1ml.conversion.libero_layers import LiberoSettings

__all__ = ["POSITIONS_CLASS", "DenseAtPositions", "register_positions"]

POSITIONS_CLASS = "L1mlDenseAtPositions"
"""Name of the layer in lists of layers."""

# hls4ml includes generated code before the headers of its layers
_PRODUCT = {
    "dense": "template <class data_T, class res_T, typename CONFIG_T>\n"
    "void dense(data_T *data, res_T *res, typename CONFIG_T::weight_t *weights, typename CONFIG_T::bias_t *biases);\n",
    "dense_resource": "template <class data_T, class res_T, typename CONFIG_T>\n"
    "void dense_resource(const data_T &data, res_T &res, const typename CONFIG_T::weight_t &weights,\n"
    "                    const typename CONFIG_T::bias_t &biases);\n",
}


class DenseAtPositions(HlsDense):  # type: ignore[misc]
    """A dense layer of ``n_in`` to ``n_out`` words at each of ``l1ml_positions`` positions of a row."""

    def initialize(self) -> None:
        """Declare output and weights, and hand the C++ to hls4ml's writer."""
        positions, config = int(self.attributes["l1ml_positions"]), self.model.config
        self.add_output_variable([positions * int(self.attributes["n_out"])])
        self.add_weights()
        self.add_bias()
        backend = find_hls_backend(str(config.config["Backend"]).lower())
        signature = Signature(has_weights=True, is_shared=bool(config.is_resource_strategy(self)))
        source = _positions_source(self.name, positions, backend, str(config.get_config_value("IOType")), signature)
        self.set_attr("l1ml_codegen", Source(source))


def _positions_source(name: str, positions: int, backend: HlsBackend, io_type: str, signature: Signature) -> str:
    """C++ that calls the product of `backend` at every position."""
    is_oneapi = backend.name == "oneapi"
    word, total = word_types(backend, io_type)
    types = "decltype(words), decltype(sums)" if is_oneapi else f"{word}, {total}"
    product = "dense_resource" if is_oneapi else "dense"
    statements = [
        *local_row(word, "words", "CONFIG_T::n_in", backend),
        *local_row(total, "sums", "CONFIG_T::n_out", backend),
        *unrolled_loop("i", "CONFIG_T::n_in", ["words[i] = inp[position * CONFIG_T::n_in + i];"], backend),
        f"{product}<{types}, CONFIG_T>(words, sums, weights, biases);",
        *unrolled_loop("i", "CONFIG_T::n_out", ["out[position * CONFIG_T::n_out + i] = sums[i];"], backend),
    ]
    loop = unrolled_loop("position", str(positions), statements, backend)
    if backend.name == "libero" and signature.is_shared:
        # a loop of SmartHLS that holds others is unrolled with them, or not at all
        loop = loop[1:]
    return f"\n{_PRODUCT[product]}{function_source(name, loop, backend, io_type, signature)}"


def register_positions(backend: str) -> None:
    """Make the layer known to a back end of hls4ml, with the configuration and the headers of its dense layer."""
    templates = [get_optimizer(name) for name in get_backend_passes(backend)]
    (settings,) = (item for item in templates if isinstance(item, LayerConfigTemplate) and item.layer_class == [HlsDense])
    (call,) = (item for item in templates if isinstance(item, FunctionCallTemplate) and item.layer_class == [HlsDense])
    own = LiberoSettings() if backend == "Libero" else copy(settings)
    own.layer_class = [DenseAtPositions]
    register_pass("l1ml_dense_at_positions_config", own, backend=backend)
    register_calls(DenseAtPositions, backend, call.include_header)
