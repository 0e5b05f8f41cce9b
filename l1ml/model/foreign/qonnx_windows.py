"""Convolutions and pooling of a QONNX graph, whose channels are first: the words of each window, side by side."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import dyadic_words, refuse
from l1ml.model.foreign.qonnx_call import Call, Constant, Line, Tensor, fractions_of, is_plain
from l1ml.model.operations import Dense, Maximum
from l1ml.model.readers.convolutions import spread_groups
from l1ml.model.readers.patches import Window

__all__ = [
    "read_average_pooling",
    "read_convolution",
    "read_global_average",
    "read_global_maximum",
    "read_max_pooling",
    "with_kernel",
]

Places = NDArray[np.int64]


def read_convolution(call: Call) -> Tensor:
    """A Conv over one or two axes, with any stride, dilation, padding and number of groups."""
    source, weights = call.one_scale(call.tensor()), call.weights(1)
    groups = int(call.node.attributes.get("group", 1))
    if weights.values.ndim != len(source.shape) + 1 or weights.values.shape[1] * groups != source.shape[0]:
        what = f"weights of shape {weights.values.shape} in {groups} groups on words of shape {source.shape}"
        msg = f"{call.node.where}: {what}; a Conv reads (channels, length) or (channels, height, width)"
        raise ConversionError(msg)
    size = weights.values.shape[2:]
    places, extents = _windows(call, source, size)
    # (filters, depth, *size) to (taps, depth, filters), and the row of windows to (positions, taps, channels)
    kernel = np.moveaxis(weights.values, (0, 1), (-1, -2)).reshape(prod(size), *weights.values.shape[1::-1])
    spread = Constant(spread_groups(kernel, groups), weights.exact, _scale_of_filters(call, weights))
    stage = call.gathered(places, source.stage)
    return with_kernel(call, Tensor(stage, np.arange(places.size), _line_of(source)), spread, 2, extents)


def _line_of(source: Tensor) -> Line | None:
    """The common line of `source`, for rows of any length."""
    return None if source.line is None else Line(source.line.factor[:1], source.line.offset[:1])


def _scale_of_filters(call: Call, weights: Constant) -> NDArray[np.float64] | None:
    """Scale of each filter, (1, filters)."""
    if weights.scale is None:
        return None
    flat = weights.scale.reshape(len(weights.values), -1)
    if (flat != flat[:, :1]).any():
        raise refuse(call.node.where, "Conv with several scales inside a filter", "one scale for each filter")
    return flat[:, :1].T


def with_kernel(call: Call, source: Tensor, kernel: Constant, bias: int, extents: tuple[int, ...]) -> Tensor:
    """Append `kernel`, (n_in, n_out), on every n_in words of `source`, whose one scale goes on, and input `bias` if there is one.

    The result has the shape (n_out, *extents), words in the order (*extents, n_out); of no extents a row.
    """
    n_in, n_out = kernel.values.shape
    given = len(call.inputs) > bias and call.inputs[bias] is not None
    offset = call.constant(bias) if given else Constant(np.zeros(1), exact=True)
    if offset.values.size not in {1, n_out}:
        msg = f"{call.node.where}: constants of shape {offset.values.shape} do not fit to {n_out} outputs"
        raise ConversionError(msg)
    row = np.broadcast_to(offset.numbers.ravel(), (n_out,))
    positions = source.places.size // n_in
    plain = source.line is None and kernel.scale is None and (is_plain(offset) or (offset.exact and offset.scale is None))
    words = dyadic_words(kernel.values, call.node.where)
    inside = dyadic_words(row if plain else np.zeros(n_out), call.node.where)
    stage = call.add(Dense(*words, *inside, positions), source.stage)
    places = np.moveaxis(np.arange(positions * n_out).reshape(*extents, n_out), -1, 0)
    made = Tensor(stage, places)
    if plain:
        return made
    scale = fractions_of(np.ones(n_out) if kernel.scale is None else kernel.scale[0])
    factor = scale if source.line is None else scale * source.line.factor[0]
    return call.on_line(made, Line(np.tile(factor, positions), np.tile(fractions_of(row), positions)))


def _windows(call: Call, source: Tensor, size: tuple[int, ...]) -> tuple[Places, tuple[int, ...]]:
    """Word of `source` at each (position, tap, channel), -1 in the padding, and how many positions each axis has."""
    attributes, rank = call.node.attributes, len(size)
    strides, dilation = (tuple(map(int, attributes.get(name, [1] * rank))) for name in ("strides", "dilations"))
    if attributes.get("kernel_shape", list(size)) != list(size) or len(source.shape) != rank + 1 or rank not in {1, 2}:
        msg = f"{call.node.where}: a window {list(size)} on words of shape {source.shape}; expected channels and one or two axes"
        raise ConversionError(msg)
    lengths = [(n - 1) * d + 1 for n, d in zip(size, dilation, strict=True)]
    sides = _padding(call, source.shape[1:], lengths, strides)
    padded = np.pad(source.places, [(0, 0), *sides], constant_values=-1)
    extents = tuple((n - length) // step + 1 for n, length, step in zip(padded.shape[1:], lengths, strides, strict=True))
    if min(extents) < 1:
        msg = f"{call.node.where}: a window {list(size)} is larger than words of shape {source.shape} with their padding"
        raise ConversionError(msg)
    last = np.moveaxis(padded, 0, -1)
    return last.ravel()[Window(tuple(size), strides, dilation, "valid").places(last.shape)], extents


def _padding(call: Call, shape: tuple[int, ...], lengths: list[int], strides: tuple[int, ...]) -> list[tuple[int, int]]:
    """Words of padding before and behind each axis."""
    attributes, rank = call.node.attributes, len(lengths)
    mode = attributes.get("auto_pad", "NOTSET")
    if mode in {"NOTSET", "VALID"}:
        pads = [int(item) for item in attributes.get("pads", [0] * 2 * rank)] if mode == "NOTSET" else [0] * 2 * rank
        return list(zip(pads[:rank], pads[rank:], strict=True))
    total = [max((-(-n // step) - 1) * step + length - n, 0) for n, length, step in zip(shape, lengths, strides, strict=True)]
    less = [item // 2 for item in total]
    more = [item - half for item, half in zip(total, less, strict=True)]
    return list(zip(less, more, strict=True) if mode == "SAME_UPPER" else zip(more, less, strict=True))


def read_max_pooling(call: Call) -> Tensor:
    """Largest word of each window and channel."""
    return _maximum(call, *_pool(call))


def read_global_maximum(call: Call) -> Tensor:
    """Largest word of each channel."""
    return _maximum(call, *_whole(call))


def _maximum(call: Call, source: Tensor, places: Places, extents: tuple[int, ...]) -> Tensor:
    kept = source if source.line is None or source.line.common is not None else call.settled(source)
    # a word twice changes no maximum: the first one that is there stands for the padding
    first = np.take_along_axis(places, (places >= 0).argmax(axis=1, keepdims=True), axis=1)
    filled = np.where(places >= 0, places, first)
    n = filled.shape[0] * filled.shape[2]
    stage = call.add(Maximum(n), call.gathered(filled.transpose(0, 2, 1), kept.stage))
    common = kept.line.common if kept.line is not None else None
    return _per_channel(source, stage, extents, None if common is None else Line.of(n, *common))


def read_average_pooling(call: Call) -> Tensor:
    """Mean of each window and channel; the padding counts only where the node says so."""
    return _mean(call, *_pool(call), counted=bool(call.node.attributes.get("count_include_pad", 0)))


def read_global_average(call: Call) -> Tensor:
    """Mean of each channel."""
    return _mean(call, *_whole(call), counted=True)


def _mean(call: Call, source: Tensor, places: Places, extents: tuple[int, ...], *, counted: bool) -> Tensor:
    kept = call.one_scale(source)
    n = places.shape[0] * places.shape[2]
    ones = Dense(np.ones((places.shape[1], 1), np.int64), 0, np.zeros(1, np.int64), 0, n)
    stage = call.add(ones, call.gathered(places.transpose(0, 2, 1), kept.stage))
    sizes = np.full(n, places.shape[1]) if counted else (places >= 0).sum(axis=1).ravel()
    scale = Fraction(1) if kept.line is None else kept.line.factor[0]
    factor: Any = np.empty(n, object)
    factor[:] = [scale / int(item) for item in sizes]
    return call.on_line(_per_channel(source, stage, extents, None), Line(factor, Line.of(n).offset))


def _per_channel(source: Tensor, stage: int, extents: tuple[int, ...], line: Line | None) -> Tensor:
    """Words in the order (*extents, channels) as (channels, *extents)."""
    channels = source.shape[0]
    order = np.arange(prod(extents) * channels).reshape(*extents, channels)
    return Tensor(stage, np.moveaxis(order, -1, 0), line)


def _pool(call: Call) -> tuple[Tensor, Places, tuple[int, ...]]:
    source = call.tensor()
    if "kernel_shape" not in call.node.attributes:
        msg = f"{call.node.where}: {call.node.kind} without kernel_shape"
        raise ConversionError(msg)
    return source, *_windows(call, source, tuple(map(int, call.node.attributes["kernel_shape"])))


def _whole(call: Call) -> tuple[Tensor, Places, tuple[int, ...]]:
    """All of a tensor as one window."""
    source = call.tensor()
    if len(source.shape) < 2:
        msg = f"{call.node.where}: {call.node.kind} of words of shape {source.shape}; expected channels and axes behind them"
        raise ConversionError(msg)
    return source, np.moveaxis(source.places, 0, -1).reshape(1, -1, source.shape[0]), (1,) * (len(source.shape) - 1)
