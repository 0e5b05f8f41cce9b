"""Sums, means, maxima and places of maxima over some axes of a tensor."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import refuse
from l1ml.model.operations import ArgMax, Dense, Maximum, Scale
from l1ml.model.readers.call import Call
from l1ml.model.readers.words import negated

__all__ = [
    "add_mean",
    "add_total",
    "read_argmax",
    "read_argmin",
    "read_global_average",
    "read_global_max",
    "read_max",
    "read_mean",
    "read_min",
    "read_sum",
]


def read_sum(call: Call) -> int:
    """Sum over the axes of the operation."""
    return add_total(call, *_grouped(call, _axes(call)))


def read_mean(call: Call) -> int:
    """Sum of the words over their number, which must be a power of two."""
    return add_mean(call, *_grouped(call, _axes(call)))


def read_max(call: Call) -> int:
    """Largest word over the axes of the operation."""
    source, groups = _grouped(call, _axes(call))
    return call.on(Maximum(groups), source)


def read_min(call: Call) -> int:
    """Smallest word over the axes of the operation."""
    source, groups = _grouped(call, _axes(call))
    return negated(call, call.on(Maximum(groups), negated(call, source)))


def read_argmin(call: Call) -> int:
    """Place of the smallest word along the axis of the operation."""
    source, groups = _grouped(call, _axes(call))
    return call.on(ArgMax(groups), negated(call, source))


def read_argmax(call: Call) -> int:
    """Place of the largest word along the axis of the operation."""
    source, groups = _grouped(call, _axes(call))
    return call.on(ArgMax(groups), source)


def read_global_max(call: Call) -> int:
    """Largest word of each channel over all positions."""
    source, groups = _grouped(call, spatial_axes(call))
    return call.on(Maximum(groups), source)


def read_global_average(call: Call) -> int:
    """Mean of each channel over all positions, whose number must be a power of two."""
    return add_mean(call, *_grouped(call, spatial_axes(call)))


def spatial_axes(call: Call) -> tuple[int, ...]:
    """All axes but the channels, which must be last.

    Raises
    ------
    ConversionError
        On channels first.
    """
    if call.layer.data_format != "channels_last":
        msg = f"{call.where}: data_format={call.layer.data_format!r}; use channels_last, with keras.layers.Permute before it"
        raise ConversionError(msg)
    return tuple(range(1, len(call.shapes[0])))


def _axes(call: Call) -> tuple[int, ...]:
    """Axes of the operation, counted with the crossings as axis 0."""
    axis, rank = call.layer.axis, len(call.shapes[0]) + 1
    axes = () if axis is None else tuple(int(item) % rank for item in (axis if isinstance(axis, list | tuple) else [axis]))
    if not axes or 0 in axes:
        given = f"{type(call.layer).__name__} with axis={axis}"
        msg = f"{call.where}: {given} mixes crossings; use axes from 1 to {rank - 1}"
        raise ConversionError(msg)
    return axes


def grouped_index(shape: tuple[int, ...], axes: tuple[int, ...]) -> NDArray[np.int64]:
    """Places of the words of each group that is reduced over `axes` (from 1 on), shape (groups, words of a group)."""
    kept = [axis for axis in range(len(shape)) if axis + 1 not in axes]
    reduced = [axis - 1 for axis in sorted(axes)]
    n = prod(shape[axis] for axis in reduced)
    return np.arange(prod(shape)).reshape(shape).transpose(*kept, *reduced).reshape(-1, n)


def _grouped(call: Call, axes: tuple[int, ...]) -> tuple[int, int]:
    """Stage with the words of each group side by side, and the number of groups."""
    index = grouped_index(call.shapes[0], axes)
    return call.gather(index, call.sources[0]), len(index)


def add_total(call: Call, source: int, groups: int) -> int:
    """Append the sums of `groups` equal parts of stage `source`."""
    n = call.builder.size(source) // groups
    return call.on(Dense(np.ones((n, 1), np.int64), 0, np.zeros(1, np.int64), 0, groups), source)


def add_mean(call: Call, source: int, groups: int) -> int:
    """Append the means of `groups` equal parts of stage `source`.

    Raises
    ------
    ConversionError
        If a part has a number of words that is no power of two.
    """
    n = call.builder.size(source) // groups
    if n & (n - 1):
        raise refuse(call.where, f"the mean of {n} words", f"keras.ops.sum: a threshold on it is {n} times the one on the mean")
    return call.on(Scale(np.full(groups, n.bit_length() - 1)), add_total(call, source, groups))
