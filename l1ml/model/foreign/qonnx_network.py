"""A QONNX graph as the integer network that it computes.

The graph is read directly, without hls4ml's front end: QONNX states scale, width, rounding and saturation of every quantiser,
which is all that a `Network` needs, and what comes out is exact by construction or refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from l1ml.data.readers.damage import damage
from l1ml.errors import ConfigError, ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model.builder import NetworkBuilder
from l1ml.model.foreign.qonnx_call import Call, Constant, Tensor
from l1ml.model.foreign.qonnx_constants import fold, graph_constants, node_quantiser
from l1ml.model.foreign.qonnx_file import QUANTISERS, Graph, Node, open_qonnx
from l1ml.model.foreign.qonnx_quantisers import Quantiser
from l1ml.model.foreign.qonnx_readers import largest_place, read_node
from l1ml.model.network import Network
from l1ml.model.operations import Scale

__all__ = ["Output", "read_qonnx"]

Output = Literal["graph", "logits", "argmax"]
_OUTPUTS = ("graph", "logits", "argmax")


def read_qonnx(path: Path, input_format: FixedPoint | None = None, *, output: Output = "graph") -> Network:
    """Integer network of the QONNX file `path`.

    Parameters
    ----------
    path : Path
        A network of Quant, BipolarQuant, MatMul, Gemm, Conv, pooling, BatchNormalization, Relu, sums and products, and what
        changes shapes only. Scales may be any numbers: they move through the graph to the next quantiser.
    input_format : FixedPoint, optional
        Format of the numbers on the link. Need not be said where all that reads the input is a Quant of one format.
    output : {"graph", "logits", "argmax"}
        What the graph gives, or what its Softmax at the end reads, or the place of the largest of these.

    Returns
    -------
    Network
        Its inputs are words: the number behind a word is ``word * 2**-input_format.fractional``.

    Raises
    ------
    ConfigError
        If `output` is unknown.
    ConversionError
        On a node without an exact fixed-point form, by name, with what to use instead; on an input without a format.
    DataError
        If the file is missing or damaged.
    """
    if output not in _OUTPUTS:
        msg = f"the output of a network is one of {', '.join(map(repr, _OUTPUTS))}, received {output!r}"
        raise ConfigError(msg)
    graph = open_qonnx(path)
    with damage(path, "a QONNX graph"):
        return _network(graph if output == "graph" else _without_softmax(graph), input_format, argmax=output == "argmax")


def _network(graph: Graph, input_format: FixedPoint | None, *, argmax: bool) -> Network:
    constants = graph_constants(graph)
    format_ = input_format or _format_of_input(graph, constants)
    n = int(np.prod(graph.shape))
    builder = NetworkBuilder([FixedPoint(format_.width, format_.width, format_.signed)] * n)
    stage = builder.add("input", Scale(np.full(n, format_.fractional)), 0) if format_.fractional else 0
    output = _walk(graph, constants, builder, stage)
    if argmax:
        output = largest_place(Call(builder, replace(graph.nodes[-1], label="argmax")), output)
    end = Call(builder, graph.nodes[-1])
    last = end.row(end.settled(output))
    if last != len(builder.stages) - 1 or last == 0:
        msg = f"the output {graph.output!r} of the graph is not what its last operation gives"
        raise ConversionError(msg)
    return builder.build()


def _without_softmax(graph: Graph) -> Graph:
    last = graph.nodes[-1] if graph.nodes else None
    if last is None or last.kind != "Softmax":
        return graph
    if last.attributes.get("axis", -1) not in {1, -1}:
        msg = f"{last.where}: Softmax over axis {last.attributes['axis']}; only one over the last axis is left out"
        raise ConversionError(msg)
    return replace(graph, nodes=graph.nodes[:-1], output=last.inputs[0])


def _format_of_input(graph: Graph, constants: Mapping[str, Constant]) -> FixedPoint:
    """The format that every reader of the input rounds it to."""
    readers = [node for node in graph.nodes if graph.input in node.inputs]
    found = {_format_of(node_quantiser(node, constants)) if node.kind in QUANTISERS else None for node in readers}
    format_ = found.pop() if len(found) == 1 else None
    if format_ is None:
        names = ", ".join(f"{node.label!r} ({node.kind})" for node in readers)
        msg = f"the input {graph.input!r} has no format of its own: it is read by {names}; say it with input_format"
        raise ConversionError(msg)
    return format_


def _format_of(quantiser: Quantiser) -> FixedPoint | None:
    if quantiser.format is None or quantiser.shift is None or len(shifts := np.unique(quantiser.shift)) != 1:
        return None
    width = quantiser.format.width
    return FixedPoint(width, width - int(shifts[0]), quantiser.format.signed)


def _walk(graph: Graph, constants: dict[str, Constant], builder: NetworkBuilder, stage: int) -> Tensor:
    """Append every node that is no constant; what the graph gives."""
    tensors: dict[str, Tensor] = {graph.input: Tensor.rows(stage, graph.shape)}
    for node in _merged(graph, constants):
        values = [None if not name else tensors.get(name, constants.get(name)) for name in node.inputs]
        missing = [name for name, value in zip(node.inputs, values, strict=True) if name and value is None]
        if missing:
            msg = f"{node.where} reads {missing[0]!r}, which nothing before it gives"
            raise DataError(msg)
        if node.kind == "Shape" and isinstance(values[0], Tensor):
            constants[node.output] = Constant(np.array([1, *values[0].shape], np.int64))
        elif (made := fold(node, constants, graph.opset)) is not None:
            constants[node.output] = made
        elif node.kind in QUANTISERS:
            tensors[node.output] = read_node(Call(builder, node, values[:1]), node_quantiser(node, constants))
        else:
            tensors[node.output] = read_node(Call(builder, node, values))
    if graph.output not in tensors:
        msg = f"the output {graph.output!r} does not depend on the input"
        raise ConversionError(msg)
    return tensors[graph.output]


def _merged(graph: Graph, constants: Mapping[str, Constant]) -> Sequence[Node]:
    """Nodes that are no constants; a bias goes into the MatMul before it, a Relu into the unsigned quantisers behind it."""
    nodes = [node for node in graph.nodes if node.output not in constants]
    readers: dict[str, list[Node]] = {}
    for node in nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    merged: list[Node] = []
    done: set[str] = set()
    for node in nodes:
        after = [] if node.output == graph.output else readers.get(node.output, [])
        if node.output in done:
            continue
        if node.kind == "MatMul" and (bias := _bias(node, after, constants)):
            done.add(after[0].output)
            merged.append(Node("Gemm", node.label, (*node.inputs, bias), after[0].output, {}))
        elif node.kind == "Relu" and after and all(_is_unsigned(item, constants) for item in after):
            merged.append(replace(node, kind="Identity"))
        else:
            merged.append(node)
    return merged


def _bias(node: Node, after: Sequence[Node], constants: Mapping[str, Constant]) -> str | None:
    """Name of the constant row that the only reader of the MatMul `node` adds."""
    if len(after) != 1 or after[0].kind != "Add" or after[0].attributes:
        return None
    (other,) = [name for name in after[0].inputs if name != node.output] or [""]
    return other if other in constants and constants[other].values.ndim == 1 else None


def _is_unsigned(node: Node, constants: Mapping[str, Constant]) -> bool:
    return node.kind in QUANTISERS and node_quantiser(node, constants).is_unsigned
