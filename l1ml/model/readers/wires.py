"""Layers and operations that only move words: which word goes where is read off what Keras makes of numbered words."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.operations import Concatenate
from l1ml.model.readers.call import Call

__all__ = ["WIRES", "computed", "numbered", "read_wires"]

_NAMES = """
    Append BroadcastTo Concatenate Copy Cropping1D Cropping2D Diagonal ExpandDims Flatten Flip Fliplr Flipud GetItem Hstack
    Identity Moveaxis Pad Permute Repeat RepeatVector Reshape Roll Rot90 Slice Squeeze Stack Swapaxes Take TakeAlongAxis Tile
    Transpose Tril Triu UpSampling1D UpSampling2D Vstack ZeroPadding1D ZeroPadding2D
"""
WIRES = frozenset(_NAMES.split())
"""Names of layers and operations of Keras that can be wires; whether one is, its numbered words show."""

_JOINING = frozenset({"Append", "Concatenate", "Hstack", "Stack", "Vstack"})
_CROSSINGS = 2


def read_wires(call: Call) -> int:
    """Append what moves the words as the layer does; nothing if it leaves all of them where they are.

    Raises
    ------
    ConversionError
        If the layer computes new values, mixes crossings, or moves words to places that depend on words.
    """
    kind = type(call.layer).__name__
    if len(call.sources) > 1 and kind not in _JOINING:
        msg = f"{call.where}: {kind} at places that are words themselves; use places that are numbers, which are wires"
        raise ConversionError(msg)
    stages = list(dict.fromkeys(call.sources))
    first = np.cumsum([0, *(call.builder.size(stage) for stage in stages)])
    starts = {stage: int(start) for stage, start in zip(stages, first[:-1], strict=True)}
    inputs = [numbered(shape, starts[stage], int(first[-1])) for stage, shape in zip(call.sources, call.shapes, strict=True)]
    index = _index(call, computed(call, inputs), int(first[-1]))
    return call.gather(index, stages[0] if len(stages) == 1 else call.on(Concatenate(), *stages))


def numbered(shape: tuple[int, ...], start: int, total: int) -> NDArray[np.float32]:
    """Two crossings whose words carry their numbers: from ``start + 1`` on in the first one, `total` more in the second."""
    row = np.arange(prod(shape)) + start + 1
    return np.stack([row, row + total]).reshape(_CROSSINGS, *shape).astype(np.float32)


def computed(call: Call, inputs: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    """What the layer itself makes of the tensors `inputs`, one array for each of its input tensors.

    Raises
    ------
    ConversionError
        If it does not run on a batch of two crossings.
    """
    from keras import ops

    tensors: Mapping[int, Any] = {
        id(tensor): ops.convert_to_tensor(values) for tensor, values in zip(call.node.input_tensors, inputs, strict=True)
    }
    positional, named = call.node.arguments.fill_in(tensors)
    try:
        return np.asarray(ops.convert_to_numpy(call.layer(*positional, **named)), np.float64)
    except Exception as error:  # whatever the backend of Keras raises
        what = f"{call.where}: {type(call.layer).__name__} does not run on a batch of two crossings"
        msg = f"{what} ({str(error).splitlines()[0]}); leave the first axis, the crossings, alone"
        raise ConversionError(msg) from error


def _index(call: Call, found: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Place of the word behind every output word, -1 where it is zero."""
    kind = type(call.layer).__name__
    if found.shape != (_CROSSINGS, *call.shape):
        msg = f"{call.where}: {kind} mixes crossings: two of them give the shape {found.shape}; leave the first axis alone"
        raise ConversionError(msg)
    one, other = found.reshape(_CROSSINGS, -1)
    if not (np.isin(one, np.arange(total + 1)).all() and np.array_equal(np.where(one == 0, 0, one + total), other)):
        what = f"{call.where}: {kind} makes new values here (interpolation, or a constant that is not zero)"
        msg = f"{what}; use one that only moves words"
        raise ConversionError(msg)
    return one.astype(np.int64) - 1
