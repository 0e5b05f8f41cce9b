"""Constants of a QONNX graph: those of the file, and what nodes make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConversionError
from l1ml.model.foreign.qonnx_call import Constant
from l1ml.model.foreign.qonnx_file import QUANTISERS, Graph, Node
from l1ml.model.foreign.qonnx_quantisers import Quantiser, read_quantiser_node

__all__ = ["fold", "graph_constants", "node_quantiser"]

_WIRES = frozenset({"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"})
_ARITHMETIC = frozenset({"Add", "Cast", "Concat", "Constant", "Div", "Gather", "Mul", "Neg", "Pow", "Slice", "Sqrt", "Sub"})


def graph_constants(graph: Graph) -> dict[str, Constant]:
    """Constants of the file, and all that follows from them."""
    found = {name: Constant(values) for name, values in graph.constants.items()}
    for node in graph.nodes:
        made = fold(node, found, graph.opset)
        if made is not None:
            found[node.output] = made
    return found


def fold(node: Node, constants: Mapping[str, Constant], opset: int) -> Constant | None:
    """What `node` makes of `constants`; None if it reads anything else, or is not evaluated on constants."""
    if node.kind in QUANTISERS:
        first = constants.get(node.inputs[0]) if node.inputs else None
        return None if first is None else node_quantiser(node, constants).quantise(_finite(first, node))
    if any(name not in constants for name in node.inputs if name) or node.kind not in _WIRES | _ARITHMETIC:
        return None
    values = [constants[name] for name in node.inputs if name]
    if node.kind in _WIRES and values:
        first, rest = values[0], [item.values for item in values[1:]]
        scale = None if first.scale is None else _evaluated(node, [first.scale, *rest], opset)
        return Constant(_evaluated(node, [first.values, *rest], opset), first.exact, scale)
    plain = [item.values if item.scale is None else item.numbers.astype(np.float32) for item in values]
    return Constant(_evaluated(node, plain, opset))


def _evaluated(node: Node, values: list[NDArray[Any]], opset: int) -> NDArray[Any]:
    """What onnx itself makes of `values`."""
    onnx = require("onnx")
    names = [name for name in node.inputs if name]
    attributes = dict(node.attributes)
    if node.kind in {"Squeeze", "Unsqueeze"} and "axes" in attributes:
        # an attribute until opset 12, which onnx itself does not evaluate
        names, values, opset = [*names, "axes"], [*values, np.array(attributes.pop("axes"), np.int64)], 13
    proto = onnx.helper.make_node(node.kind, names, [node.output], **attributes)
    evaluator = require("onnx.reference").ReferenceEvaluator(proto, opsets={"": opset})
    return np.asarray(evaluator.run(None, dict(zip(names, values, strict=True)))[0])


def node_quantiser(node: Node, constants: Mapping[str, Constant]) -> Quantiser:
    """The quantiser that `node` is."""
    parameters = [constants[name].numbers if name in constants else None for name in node.inputs[1:]]
    return read_quantiser_node(node, parameters)


def _finite(constant: Constant, node: Node) -> NDArray[np.float64]:
    wrong = int((~np.isfinite(constant.numbers)).sum())
    if wrong:
        msg = f"{node.where}: {wrong} of {constant.values.size} weights are NaN or infinite; export another state"
        raise ConversionError(msg)
    return constant.numbers
