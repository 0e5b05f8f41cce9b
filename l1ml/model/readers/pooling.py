"""Pooling: the largest word or the mean of each window, channel by channel."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import dyadic_words, refuse
from l1ml.model.operations import Affine, Maximum, Scale
from l1ml.model.readers.call import Call
from l1ml.model.readers.dense import add_layer_activation
from l1ml.model.readers.patches import Window
from l1ml.model.readers.reductions import add_total, grouped_index, read_global_average, spatial_axes

__all__ = ["read_average_pooling", "read_max_pooling", "read_quantised_average", "read_quantised_global_average"]

_FLOAT32 = 2.0**24
_FINEST = 20
"""Bits behind the point that a share of a window may have."""


def read_max_pooling(call: Call) -> int:
    """Largest word of each window; a word twice changes no maximum, so one that is there stands for each one in the padding."""
    places = _windows(call)
    first = np.take_along_axis(places, (places >= 0).argmax(axis=1, keepdims=True), axis=1)
    return _reduced_maximum(call, np.where(places >= 0, places, first))


def _reduced_maximum(call: Call, places: NDArray[np.int64]) -> int:
    groups = places.shape[0] * places.shape[2]
    return call.on(Maximum(groups), call.gather(places.transpose(0, 2, 1), call.sources[0]))


def read_average_pooling(call: Call) -> int:
    """Mean of each window over its words without the padding, whose number must be a power of two."""
    places = _windows(call)
    counts = (places >= 0).sum(axis=1)
    uneven = counts[(counts & (counts - 1)) != 0]
    if uneven.size:
        instead = "a window of 1, 2, 4, 8... words and padding='valid', or QAveragePooling2D with an average_quantizer"
        raise refuse(call.where, f"the mean of {uneven[0]} words", instead)
    total = _window_totals(call, places)
    return call.on(Scale(np.log2(counts).astype(np.int64).ravel()), total)


def read_quantised_average(call: Call) -> int:
    """A QAveragePooling2D: the sum of each window times the quantised reciprocal of the window's size."""
    layer = call.layer
    if layer.average_quantizer_internal is None:
        return add_layer_activation(call, layer, read_average_pooling(call))
    places, n = _windows(call), prod(layer.pool_size)
    counts = (places >= 0).sum(axis=1).ravel()
    # Keras takes the mean over the words that a window at the edge sees, times the size of a whole one
    share = n / counts
    uneven = counts[(n << _FINEST) % counts != 0]
    if uneven.size:
        what = f"the mean of {uneven[0]} words at the edge times {n}"
        raise refuse(call.where, what, "padding='valid', or a window whose parts at the edge divide it")
    total = _window_totals(call, places)
    if call.builder.stages[total].peak * n > _FLOAT32:
        # QKeras multiplies every word by n before it takes the mean of n, to keep its precision
        msg = f"{call.where}: sums of {n} words times {n} need more than the 24 bits of float32; quantise to fewer bits before it"
        raise ConversionError(msg)
    return add_layer_activation(call, layer, _times_reciprocal(call, total, n, share))


def read_quantised_global_average(call: Call) -> int:
    """A QGlobalAveragePooling2D: the sum of each channel times the quantised reciprocal of the number of positions."""
    layer = call.layer
    if layer.average_quantizer_internal is None:
        return add_layer_activation(call, layer, read_global_average(call))
    index = grouped_index(call.shapes[0], spatial_axes(call))
    total = add_total(call, call.gather(index, call.sources[0]), len(index))
    return add_layer_activation(call, layer, _times_reciprocal(call, total, index.shape[1], np.ones(len(index))))


def _windows(call: Call) -> NDArray[np.int64]:
    """Place of the word at each (window, tap, channel), -1 in the padding."""
    layer, rank = call.layer, len(spatial_axes(call))
    size, strides = (tuple(np.broadcast_to(option, rank).tolist()) for option in (layer.pool_size, layer.strides))
    return Window(size, strides, (1,) * rank, layer.padding.lower()).places(call.shapes[0])


def _window_totals(call: Call, places: NDArray[np.int64]) -> int:
    """Append the sum of each window and channel."""
    groups = places.shape[0] * places.shape[2]
    return add_total(call, call.gather(places.transpose(0, 2, 1), call.sources[0]), groups)


def _times_reciprocal(call: Call, source: int, n: int, share: NDArray[np.float64]) -> int:
    """Append every word times its `share` and one over `n`, as the layer's own quantiser rounds that."""
    quantiser: Any = call.layer.average_quantizer_internal
    factor = share * np.asarray(quantiser(1.0 / n), np.float64).item()
    return call.on(Affine(*dyadic_words(factor, call.where), np.zeros(len(share), np.int64), 0), source)
