"""The layer of hls4ml that carries generated C++, and the pass that turns quantisers into it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hls4ml.backends.backend import get_backend
from hls4ml.backends.oneapi.oneapi_template import StreamFunctionCallTemplate, TaskSequenceTemplate
from hls4ml.backends.template import FunctionCallTemplate
from hls4ml.model.flow import register_flow
from hls4ml.model.layers import Layer as HlsLayer
from hls4ml.model.layers import register_layer
from hls4ml.model.optimizer import OptimizerPass, register_pass
from hls4ml.model.optimizer.passes.bit_exact import _produce_kif
from hls4ml.model.optimizer.passes.hgq_proxy_model import FixedPointQuantizer
from hls4ml.model.types import Source
from numpy.typing import NDArray

from l1ml.conversion.hls4ml_dialects import function_source, quantiser_statement
from l1ml.conversion.hls_backends import find_hls_backend

__all__ = ["GENERATED_CLASS", "QUANTISER_MARK", "GeneratedFunction", "register_functions"]

QUANTISER_MARK = "l1ml_declared"
"""Attribute of the quantisers that l1ml made."""

GENERATED_CLASS = "L1mlGeneratedFunction"
"""Name of the layer in lists of layers."""


class GeneratedFunction(HlsLayer):  # type: ignore[misc]
    """One row of words to another one, by C++ that is part of the layer."""

    def initialize(self) -> None:
        """Declare the output and hand the C++ to hls4ml's writer."""
        config = self.model.config
        backend = find_hls_backend(str(config.config["Backend"]).lower())
        source = function_source(self.name, self.attributes["l1ml_body"], backend, str(config.get_config_value("IOType")))
        self.add_output_variable([int(self.attributes["n_out"])])
        self.set_attr("n_in", int(self.get_input_variable().size()))
        self.set_attr("l1ml_codegen", Source(source))


@_produce_kif.register(GeneratedFunction)  # type: ignore[untyped-decorator]
def _proven_kif(layer: Any) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Format of each element after a generated function, proven from the range."""
    k, i, f = (np.array(item, np.int16) for item in layer.attributes["l1ml_kif"])
    return k, i, f


class _Call(FunctionCallTemplate):  # type: ignore[misc]
    """How the top function calls a generated function."""

    def __init__(self) -> None:
        super().__init__(GeneratedFunction, include_header=[])

    def format(self, node: Any) -> str:
        """The call."""
        return "nnet::{name}<{input_t}, {output_t}>({input}, {output});".format(
            **{**self._default_function_params(node), "name": node.name}
        )


class _Task(TaskSequenceTemplate):  # type: ignore[misc]
    """How the top function of oneAPI declares a generated function between two pipes."""

    def __init__(self) -> None:
        super().__init__(GeneratedFunction)

    def format(self, node: Any) -> str:
        """The declaration."""
        return "task_sequence<nnet::{name}<{input_pipe}, {output_pipe}>> {name};".format(**self._default_function_params(node))


class _Start(StreamFunctionCallTemplate):  # type: ignore[misc]
    """How the top function of oneAPI starts a generated function between two pipes."""

    def __init__(self) -> None:
        super().__init__(GeneratedFunction)

    def format(self, node: Any) -> str:
        """The start."""
        return "{name}.async();".format(**self._default_function_params(node))


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


@cache
def register_functions(backend: str) -> str:
    """Make generated functions known to hls4ml and to one of its back ends; the flow to apply before that of the back end."""
    flow = _register_layer()
    for template in (_Call, _Task, _Start) if backend == "oneAPI" else (_Call,):
        get_backend(backend).register_template(template)
    return flow


@cache
def _register_layer() -> str:
    register_layer(GENERATED_CLASS, GeneratedFunction)
    return str(register_flow("l1ml", [register_pass("l1ml_spell_quantisers", _SpellQuantisers)], requires=["optimize"]))
