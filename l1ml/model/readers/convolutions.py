"""Convolutions: the words that each window sees, side by side, and one dense kernel on all windows."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import refuse
from l1ml.model.readers.call import Call
from l1ml.model.readers.dense import add_dense, add_layer_activation
from l1ml.model.readers.patches import Window
from l1ml.model.readers.reductions import spatial_axes
from l1ml.model.weights import WeightWords, read_bias, read_weight

__all__ = ["read_convolution", "read_depthwise", "read_separable", "spread_groups"]

_Number = TypeVar("_Number", bound=np.number)


def read_convolution(call: Call) -> int:
    """A QConv1D or QConv2D with any stride, padding, dilation and number of groups."""
    layer = call.layer
    kernel = _masked(call, read_weight(layer, "kernel"))
    stage = _convolve(call, kernel, read_bias(layer, int(layer.filters)), groups=int(layer.groups))
    return add_layer_activation(call, layer, stage)


def read_depthwise(call: Call) -> int:
    """A QDepthwiseConv2D: each channel by itself."""
    stage = _convolve(call, *_depthwise(call, with_bias=True), groups=call.channels)
    return add_layer_activation(call, call.layer, stage)


def read_separable(call: Call) -> int:
    """A QSeparableConv1D or QSeparableConv2D: each channel by itself, then all at each position; nothing is rounded between."""
    layer = call.layer
    stage = _convolve(call, *_depthwise(call, with_bias=False), groups=call.channels)
    pointwise = read_weight(layer, "pointwise_kernel")
    filters = pointwise.words.shape[-1]
    flat = WeightWords(pointwise.words.reshape(-1, filters), pointwise.fractional)
    return add_layer_activation(call, layer, add_dense(call, flat, read_bias(layer, filters), stage))


def _depthwise(call: Call, *, with_bias: bool) -> tuple[WeightWords, WeightWords]:
    """Kernel of shape (..., 1, channels * multiplier), and the bias behind it."""
    kernel = read_weight(call.layer, "depthwise_kernel")
    *size, channels, multiplier = kernel.words.shape
    n = channels * multiplier
    bias = read_bias(call.layer, n) if with_bias else WeightWords(np.zeros(n, np.int64), 0)
    return WeightWords(kernel.words.reshape(*size, 1, n), kernel.fractional), bias


def _convolve(call: Call, kernel: WeightWords, bias: WeightWords, groups: int) -> int:
    """Append the `kernel`, words (*window, channels / groups, filters), on the windows of the first tensor."""
    size = kernel.words.shape[:-2]
    places = _window(call, size).places(call.shapes[0])
    stage = call.gather(places, call.sources[0])
    spread = spread_groups(kernel.words.reshape(-1, *kernel.words.shape[-2:]), groups)
    return add_dense(call, WeightWords(spread, kernel.fractional), bias, stage)


def _window(call: Call, size: tuple[int, ...]) -> Window:
    """Window of the layer, whose channels are last."""
    layer, rank = call.layer, len(spatial_axes(call))
    if rank != len(size):
        msg = f"{call.where}: a window of {len(size)} axes on a tensor of the shape {call.shapes[0]}"
        raise ConversionError(msg)
    # Keras strides a QSeparableConv1D and dilates it by the same entry for both of its axes
    strides, dilation = (tuple(int(item) for item in option)[:rank] for option in (layer.strides, layer.dilation_rate))
    return Window(size, strides, dilation, layer.padding.lower())


def spread_groups(kernel: NDArray[_Number], groups: int) -> NDArray[_Number]:
    """A grouped `kernel`, (taps, channels / groups, filters), as one of all channels: (taps * channels, filters)."""
    taps, depth, filters = kernel.shape
    full = np.zeros((taps, groups, depth, filters), kernel.dtype)
    each = filters // groups
    for group in range(groups):
        own = slice(group * each, (group + 1) * each)
        full[:, group, :, own] = kernel[:, :, own]
    return full.reshape(-1, filters)


def _masked(call: Call, kernel: WeightWords) -> WeightWords:
    """The kernel where the mask of a QConv2D lets it through."""
    given: Any = getattr(call.layer, "_mask", None)
    if given is None:
        return kernel
    mask = np.asarray(given)
    if not np.isin(mask, (0, 1)).all():
        raise refuse(call.where, "a mask with values other than 0 and 1", "the kernel itself for other factors")
    return WeightWords(kernel.words * mask.astype(np.int64), kernel.fractional)
