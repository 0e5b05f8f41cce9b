"""Nodes of a QONNX graph that move numbers without changing them; none of them costs an operation but padding."""

from __future__ import annotations

import numpy as np

from l1ml.errors import ConversionError
from l1ml.model.foreign.qonnx_call import Call, Line, Tensor

__all__ = ["read_flatten", "read_pad", "read_reshape", "read_squeeze", "read_transpose", "read_unsqueeze"]


def read_flatten(call: Call) -> Tensor:
    """One row of all numbers of a crossing."""
    source = call.tensor()
    return source.moved(source.places.ravel())


def read_reshape(call: Call) -> Tensor:
    """Another shape of the same numbers in the same order; the first dimension stays."""
    source = call.tensor()
    wanted = [int(size) for size in call.constant(1).numbers.ravel()]
    try:
        # a zero keeps the size that was there
        sizes = [(1, *source.shape)[axis] if size == 0 else size for axis, size in enumerate(wanted)]
        places = source.places[None].reshape(sizes)
    except (ValueError, IndexError) as error:
        msg = f"{call.node.where}: Reshape of words of shape {source.shape} to {wanted}"
        raise ConversionError(msg) from error
    return _behind_crossings(call, source, places, f"Reshape to {wanted}")


def read_transpose(call: Call) -> Tensor:
    """Axes in another order, behind the first one."""
    source = call.tensor()
    perm = [int(item) for item in call.node.attributes.get("perm", range(len(source.shape), -1, -1))]
    if sorted(perm) != list(range(len(source.shape) + 1)) or perm[0] != 0:
        msg = f"{call.node.where}: Transpose to {perm} of words of shape {source.shape} does not leave the crossings first"
        raise ConversionError(msg)
    return source.moved(source.places[None].transpose(perm)[0])


def read_squeeze(call: Call) -> Tensor:
    """Without some axes of length one."""
    source, axes = call.tensor(), _axes(call)
    places = source.places[None]
    ones = [axis % places.ndim for axis in axes] or [axis for axis in range(1, places.ndim) if places.shape[axis] == 1]
    if any(places.shape[axis] != 1 for axis in ones):
        msg = f"{call.node.where}: Squeeze of the axes {axes} of words of shape {source.shape}"
        raise ConversionError(msg)
    return _behind_crossings(call, source, np.squeeze(places, tuple(ones)), f"Squeeze of the axes {axes}")


def read_unsqueeze(call: Call) -> Tensor:
    """With more axes of length one."""
    source, axes = call.tensor(), _axes(call)
    return _behind_crossings(call, source, np.expand_dims(source.places[None], axes), f"Unsqueeze of the axes {axes}")


def _axes(call: Call) -> tuple[int, ...]:
    """Axes of the node: an attribute until opset 12, an input from 13 on."""
    if len(call.inputs) > 1 and call.inputs[1] is not None:
        return tuple(int(axis) for axis in call.constant(1).numbers.ravel())
    return tuple(int(axis) for axis in call.node.attributes.get("axes", ()))


def _behind_crossings(call: Call, source: Tensor, places: np.ndarray, what: str) -> Tensor:
    if places.ndim < 2 or places.shape[0] != 1:
        msg = f"{call.node.where}: {what} does not leave the first dimension, which counts crossings, as it is"
        raise ConversionError(msg)
    return source.moved(places[0])


def read_pad(call: Call) -> Tensor:
    """Zeros around the numbers."""
    source = call.one_scale(call.tensor())
    pads = [int(item) for item in call.constant(1).numbers.ravel()]
    value = call.constant(2).numbers if len(call.inputs) > 2 and call.inputs[2] is not None else np.zeros(1)
    rank = len(source.shape) + 1
    if len(pads) != 2 * rank or min(pads) < 0 or pads[0] or pads[rank] or value.any():
        msg = (
            f"{call.node.where}: Pad by {pads} with {value.ravel().tolist()}; zeros around the axes behind the crossings are read"
        )
        raise ConversionError(msg)
    places = np.pad(source.places, list(zip(pads[1:rank], pads[rank + 1 :], strict=True)), constant_values=-1)
    line = None if source.line is None else Line.of(places.size, source.line.factor[0])
    return Tensor.rows(call.gathered(places, source.stage), places.shape, line)
