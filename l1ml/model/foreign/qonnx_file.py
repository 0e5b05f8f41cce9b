"""What a QONNX file holds, as plain values: nodes in the order of computation, constants, one input, one output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.readers.damage import damage
from l1ml.errors import ConversionError, DataError

__all__ = ["Graph", "Node", "open_qonnx"]

_STANDARD = ("", "ai.onnx")
QUANTISERS = ("Quant", "IntQuant", "BipolarQuant")
"""Nodes of QONNX; Brevitas, FINN and qonnx itself each put them into a domain of their own."""

_LARGEST = 2**28


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation: names of the tensors that it reads and of the one that it gives, and its attributes."""

    kind: str
    label: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]

    @property
    def where(self) -> str:
        """The node, for messages."""
        return f"node {self.label!r}"


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes that the output depends on, constants by name, the input with its shape behind the batch, the output."""

    nodes: Sequence[Node]
    constants: Mapping[str, NDArray[Any]]
    input: str
    shape: tuple[int, ...]
    output: str
    opset: int


def open_qonnx(path: Path) -> Graph:
    """The graph in the file `path`.

    Raises
    ------
    ConversionError
        If it has several inputs or outputs, an input of unknown size, or functions and weights outside of the file.
    DataError
        If the file is missing, truncated or damaged.
    ToolNotFoundError
        If the package onnx is not installed.
    """
    onnx = require("onnx")
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise DataError(msg) from error
    with damage(path, "an ONNX file"):
        model = onnx.load_model_from_string(content)
        if not model.graph.node:
            msg = "it has no nodes"
            raise ValueError(msg)
        return _graph(model, path)


def _graph(model: Any, path: Path) -> Graph:
    graph = model.graph
    if model.functions or graph.sparse_initializer:
        msg = f"{path} holds functions or sparse tensors, which are not read; inline them with onnx.inliner"
        raise ConversionError(msg)
    constants = {item.name: _array(item, path) for item in graph.initializer}
    inputs = [item for item in graph.input if item.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        msg = f"{path} has {len(inputs)} inputs and {len(graph.output)} outputs; one of each is read"
        raise ConversionError(msg)
    output = str(graph.output[0].name)
    nodes = [_node(item) for item in graph.node]
    opset = max((int(item.version) for item in model.opset_import if item.domain in _STANDARD), default=1)
    return Graph(_needed(nodes, output), constants, str(inputs[0].name), _shape(inputs[0], path), output, opset)


def _array(tensor: Any, path: Path) -> NDArray[Any]:
    onnx = require("onnx")
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        msg = f"{path}: the tensor {tensor.name!r} is in another file; save the model as one with onnx.save_model"
        raise ConversionError(msg)
    if int(np.prod([max(size, 0) for size in tensor.dims], dtype=np.float64)) > _LARGEST:
        msg = f"{path}: the tensor {tensor.name!r} has the shape {list(tensor.dims)}"
        raise DataError(msg)
    return np.asarray(onnx.numpy_helper.to_array(tensor))


def _shape(value: Any, path: Path) -> tuple[int, ...]:
    """Shape of the input without its first dimension, which counts crossings."""
    kind = value.type.tensor_type
    sizes = [int(item.dim_value) for item in kind.shape.dim]
    if kind.elem_type != require("onnx").TensorProto.FLOAT or len(sizes) < 2 or sizes[0] > 1 or min(sizes[1:]) < 1:
        what = f"the input {value.name!r} has type {kind.elem_type} and shape {sizes}"
        msg = f"{path}: {what}; expected float32 of shape (1, n) or (batch, n)"
        raise ConversionError(msg)
    return tuple(sizes[1:])


def _node(item: Any) -> Node:
    label = str(item.name or (item.output[0] if item.output else item.op_type))
    if item.domain not in _STANDARD and item.op_type not in QUANTISERS:
        msg = f"node {label!r}: {item.op_type} of the domain {item.domain!r} is not read; quantise with {' or '.join(QUANTISERS)}"
        raise ConversionError(msg)
    outputs = [name for name in item.output if name]
    if len(outputs) != 1 and item.op_type != "Dropout":
        msg = f"node {label!r}: {item.op_type} with {len(outputs)} outputs is not read"
        raise ConversionError(msg)
    attributes = {str(entry.name): _attribute(entry) for entry in item.attribute}
    return Node(str(item.op_type), label, tuple(map(str, item.input)), str(outputs[0]), attributes)


def _attribute(entry: Any) -> Any:
    value = require("onnx").helper.get_attribute_value(entry)
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _needed(nodes: Sequence[Node], output: str) -> tuple[Node, ...]:
    """Those of `nodes` that the output depends on, in their order, which is that of computation in ONNX."""
    wanted, kept = {output}, []
    for node in reversed(nodes):
        if node.output in wanted:
            kept.append(node)
            wanted.update(node.inputs)
    return tuple(reversed(kept))
