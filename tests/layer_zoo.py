"""Every layer that conversion knows on tensors with positions, small, in Keras' own words."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import projects

from l1ml._optional import require
from l1ml.hardware import FixedPoint

__all__ = ["GROUPS", "IMAGE", "LAYERS", "ROWS", "formats", "model_of"]

keras, qkeras = require("keras"), require("qkeras")
ops = keras.ops
bits = projects.bits
Make = Callable[[Any], Any]
Layers = dict[str, tuple[tuple[int, ...], Make]]

ROWS = (8, 3)
IMAGE = (5, 4, 2)
WEIGHTS = {"kernel_quantizer": bits(4, 0), "bias_quantizer": bits(5, 1)}
DEPTHWISE = {"depthwise_quantizer": bits(4, 0), "bias_quantizer": bits(5, 1)}
SEPARABLE = {**DEPTHWISE, "pointwise_quantizer": bits(4, 1)}


def relu(width: int = 5, integer: int = 2) -> Any:
    return qkeras.quantized_relu(width, integer)


def new(kind: Any, *arguments: Any, **options: Any) -> Make:
    """A layer of that kind, anew for every model."""

    def call(x: Any) -> Any:
        return kind(*arguments, **options)(x)

    return call


def timed(kind: Any, *arguments: Any, **options: Any) -> Make:
    def call(x: Any) -> Any:
        return keras.layers.TimeDistributed(kind(*arguments, **options))(x)

    return call


def convolution(rank: int, size: Any, **options: Any) -> Make:
    return new([qkeras.QConv1D, qkeras.QConv2D][rank - 1], 3, size, **{**WEIGHTS, **options})


def depthwise(size: Any, **options: Any) -> Make:
    return new(qkeras.QDepthwiseConv2D, size, **{**DEPTHWISE, **options})


def separable(rank: int, size: Any, **options: Any) -> Make:
    return new([qkeras.QSeparableConv1D, qkeras.QSeparableConv2D][rank - 1], 4, size, **{**SEPARABLE, **options})


def mask() -> Any:
    return np.array([[1, 0, 1], [0, 1, 0]], np.float32)


def quantised_pool(width: int, **options: Any) -> Make:
    return new(qkeras.QAveragePooling2D, average_quantizer=bits(width, 0), **options)


def edges(x: Any) -> Any:
    """An interaction network: every ordered pair of the first four constituents, and the sum over what each of them receives."""
    senders, receivers = np.array([(i, j) for i in range(4) for j in range(4) if i != j]).T
    x = x[:, :4]
    pairs = ops.concatenate([ops.take(x, receivers, axis=1), ops.take(x, senders, axis=1)], axis=-1)
    messages = qkeras.QDense(2, activation=relu(), **WEIGHTS)(pairs)
    received = ops.sum(ops.reshape(messages, (-1, 4, 3, 2)), axis=2)
    nodes = qkeras.QDense(3, activation=relu(6, 3), **WEIGHTS)(ops.concatenate([x, received], axis=-1))
    return ops.sum(nodes, axis=1)


def sets(x: Any) -> Any:
    """Deep Sets: one network on every constituent, the sum over all of them, another network on the sum."""
    x = qkeras.QDense(4, activation=relu(), **WEIGHTS)(x)
    x = qkeras.QDense(3, activation=relu(), **WEIGHTS)(x)
    return qkeras.QDense(3, **WEIGHTS)(qkeras.QActivation(relu(7, 4))(ops.sum(x, axis=1)))


DENSE: Layers = {
    "dense": (ROWS, new(qkeras.QDense, 2, **WEIGHTS)),
    "dense_image": (IMAGE, new(qkeras.QDense, 3, use_bias=False, activation=relu(), **WEIGHTS)),
    "dense_alpha": (
        ROWS,
        new(qkeras.QDense, 2, kernel_quantizer=bits(4, 0, alpha=[0.5, 2.0]), bias_quantizer=bits(5, 1)),
    ),
    "time_distributed": (ROWS, timed(qkeras.QDense, 2, activation=relu(), **WEIGHTS)),
    "time_distributed_activation": (ROWS, timed(qkeras.QActivation, relu(3, 1))),
    "time_distributed_wires": (IMAGE, timed(keras.layers.Flatten)),
    "activation_alpha": (ROWS, new(qkeras.QActivation, bits(4, 0, alpha=[1.0, 0.5, 4.0]))),
    "rescaling": (ROWS, new(keras.layers.Rescaling, [0.5, 1.0, 2.0])),
}
CONVOLUTION: Layers = {
    "conv1d": (ROWS, convolution(1, 3)),
    "conv1d_one": (ROWS, convolution(1, 1, activation=relu())),
    "conv1d_whole": (ROWS, convolution(1, 8)),
    "conv1d_same": (ROWS, convolution(1, 4, padding="same", activation=relu())),
    "conv1d_same_strided": (ROWS, convolution(1, 3, padding="same", strides=2)),
    "conv1d_strided": (ROWS, convolution(1, 3, strides=3, use_bias=False)),
    "conv1d_dilated": (ROWS, convolution(1, 3, dilation_rate=2, padding="same")),
    "conv1d_groups": (ROWS, convolution(1, 2, groups=3)),
    "conv1d_ternary": (ROWS, convolution(1, 2, kernel_quantizer=qkeras.ternary(alpha=1.0))),
    "conv1d_auto_po2": (ROWS, convolution(1, 2, kernel_quantizer=bits(4, 0, alpha="auto_po2"))),
    "conv2d": (IMAGE, convolution(2, (3, 2))),
    "conv2d_same_strided": (IMAGE, convolution(2, (3, 3), padding="same", strides=(2, 2), activation=relu())),
    "conv2d_dilated": (IMAGE, convolution(2, (2, 2), dilation_rate=(2, 1), use_bias=False)),
    "conv2d_mask": (IMAGE, convolution(2, (2, 3), mask=mask())),
    "conv2d_po2": (IMAGE, convolution(2, (2, 2), kernel_quantizer=qkeras.quantized_po2(3, max_value=1))),
}
DEPTHWISE_LAYERS: Layers = {
    "depthwise": (IMAGE, depthwise((2, 2))),
    "depthwise_multiplier": (IMAGE, depthwise((3, 2), depth_multiplier=2, padding="same", strides=(2, 2), activation=relu())),
    "depthwise_plain": (IMAGE, depthwise((2, 1), use_bias=False, dilation_rate=(2, 2))),
    "separable1d": (ROWS, separable(1, 3)),
    "separable1d_same": (ROWS, separable(1, 3, padding="same", strides=2, depth_multiplier=2, activation=relu())),
    "separable2d": (IMAGE, separable(2, (2, 2))),
    "separable2d_same": (IMAGE, separable(2, (3, 3), padding="same", use_bias=False, depth_multiplier=2)),
}
POOLING: Layers = {
    "max_pooling1d": (ROWS, new(keras.layers.MaxPooling1D, 2)),
    "max_pooling1d_same": (ROWS, new(keras.layers.MaxPooling1D, 3, strides=2, padding="same")),
    "max_pooling2d": (IMAGE, new(keras.layers.MaxPooling2D, (2, 2))),
    "max_pooling2d_same": (IMAGE, new(keras.layers.MaxPooling2D, (3, 2), strides=(2, 1), padding="same")),
    "global_max1d": (ROWS, new(keras.layers.GlobalMaxPooling1D)),
    "global_max2d": (IMAGE, new(keras.layers.GlobalMaxPooling2D, keepdims=True)),
    "average_pooling1d": (ROWS, new(keras.layers.AveragePooling1D, 2)),
    "average_pooling1d_same": (ROWS, new(keras.layers.AveragePooling1D, 2, strides=3, padding="same")),
    "average_pooling2d": (IMAGE, new(keras.layers.AveragePooling2D, (2, 2), strides=(1, 2))),
    "average_pooling2d_same": (IMAGE, new(keras.layers.AveragePooling2D, (2, 2), padding="same")),
    "global_average1d": (ROWS, new(keras.layers.GlobalAveragePooling1D)),
    "global_average2d": (IMAGE, lambda x: keras.layers.GlobalAveragePooling2D()(x[:, :4])),
    "q_average": (IMAGE, quantised_pool(6, pool_size=(2, 3), strides=(1, 1))),
    "q_average_activation": (IMAGE, quantised_pool(5, pool_size=(3, 3), strides=(1, 1), activation=relu())),
    "q_average_same": (IMAGE, quantised_pool(6, pool_size=(2, 2), padding="same")),
    "q_average_same_uneven": (IMAGE, quantised_pool(6, pool_size=(3, 2), strides=(2, 1), padding="same", activation=relu())),
    "q_average_plain": (IMAGE, new(qkeras.QAveragePooling2D, (2, 2), activation=bits(5, 2))),
    "q_global_average": (IMAGE, new(qkeras.QGlobalAveragePooling2D, average_quantizer=bits(8, 0))),
    "q_global_average_plain": (IMAGE, lambda x: qkeras.QGlobalAveragePooling2D(activation=relu())(x[:, :4])),
}
WIRES: Layers = {
    "flatten": (IMAGE, new(keras.layers.Flatten)),
    "reshape": (ROWS, new(keras.layers.Reshape, (4, 6))),
    "permute": (IMAGE, new(keras.layers.Permute, (3, 1, 2))),
    "padding1d": (ROWS, new(keras.layers.ZeroPadding1D, (1, 2))),
    "padding2d": (IMAGE, new(keras.layers.ZeroPadding2D, ((1, 0), (2, 1)))),
    "cropping1d": (ROWS, new(keras.layers.Cropping1D, (2, 1))),
    "cropping2d": (IMAGE, new(keras.layers.Cropping2D, ((1, 2), (0, 1)))),
    "repeat_vector": (ROWS, lambda x: keras.layers.RepeatVector(2)(keras.layers.Flatten()(x))),
    "up_sampling1d": (ROWS, new(keras.layers.UpSampling1D, 2)),
    "up_sampling2d": (IMAGE, new(keras.layers.UpSampling2D, (1, 2))),
    "take": (ROWS, lambda x: ops.take(x, [5, 0, 0, 3], axis=1)),
    "get_item": (IMAGE, lambda x: x[:, 1:5:2, ::-1, 1]),
    "transpose": (IMAGE, lambda x: ops.transpose(x, (0, 3, 2, 1))),
    "swap_expand_squeeze": (ROWS, lambda x: ops.squeeze(ops.swapaxes(ops.expand_dims(x, 1), 1, 3), axis=-1)),
    "repeat": (ROWS, lambda x: ops.repeat(x, 2, axis=2)),
    "tile": (ROWS, lambda x: ops.tile(x, (1, 2, 1))),
    "flip": (ROWS, lambda x: ops.flip(x, axis=1)),
    "roll": (ROWS, lambda x: ops.roll(x, 3, axis=1)),
    "pad": (ROWS, lambda x: ops.pad(x, ((0, 0), (1, 0), (0, 2)))),
    "stack": (ROWS, lambda x: ops.stack([x, ops.flip(x, axis=1)], axis=2)),
    "concatenate_rows": (ROWS, lambda x: keras.layers.Concatenate(axis=1)([x, qkeras.QActivation(bits(3, 0))(x)])),
    "concatenate_channels": (IMAGE, lambda x: ops.concatenate([x, ops.square(x), x], axis=-1)),
}
REDUCTIONS: Layers = {
    "sum": (ROWS, lambda x: ops.sum(x, axis=1)),
    "sum_axes": (IMAGE, lambda x: ops.sum(x, axis=(1, 3), keepdims=True)),
    "mean": (ROWS, lambda x: ops.mean(x, axis=1, keepdims=True)),
    "mean_axes": (IMAGE, lambda x: ops.mean(x, axis=[2, 3])),
    "max": (IMAGE, lambda x: ops.max(x, axis=-2)),
    "max_axes": (IMAGE, lambda x: ops.max(x, axis=(1, 2), keepdims=True)),
    "min": (IMAGE, lambda x: ops.min(x, axis=-2)),
    "argmin": (ROWS, lambda x: ops.argmin(x, axis=1)),
    "argmax": (ROWS, lambda x: ops.argmax(x, axis=1)),
    "argmax_image": (IMAGE, lambda x: ops.argmax(x, axis=2, keepdims=True)),
}
PAIRS: Layers = {
    "add_broadcast": (ROWS, lambda x: ops.add(x, ops.max(x, axis=1, keepdims=True))),
    "subtract_broadcast": (ROWS, lambda x: ops.subtract(ops.max(x, axis=-1, keepdims=True), x)),
    "multiply_broadcast": (IMAGE, lambda x: ops.multiply(x, ops.sum(x, axis=(1, 3), keepdims=True))),
    "add_layer": (IMAGE, lambda x: keras.layers.Add()([x, x[:, :1, :1], ops.flip(x, axis=1)])),
    "maximum": (ROWS, lambda x: ops.maximum(x, ops.roll(x, 1, axis=1))),
    "maximum_layer": (ROWS, lambda x: keras.layers.Maximum()([x, x[:, :1], ops.flip(x, axis=1)])),
    "minimum": (ROWS, lambda x: ops.minimum(x, ops.roll(x, 1, axis=1))),
    "minimum_broadcast": (ROWS, lambda x: keras.layers.Minimum()([x, x[:, :1], ops.flip(x, axis=1)])),
    "average": (ROWS, lambda x: keras.layers.Average()([x, ops.negative(ops.roll(x, 2, axis=1))])),
    "dot": (ROWS, lambda x: keras.layers.Dot(1)([keras.layers.Flatten()(x), keras.layers.Flatten()(ops.flip(x, axis=1))])),
    "dot_itself": (ROWS, lambda x: keras.layers.Dot(-1)([keras.layers.Flatten()(x)] * 2)),
    "clip": (ROWS, lambda x: ops.clip(x, -1.5, 3.25)),
    "multiply_itself": (IMAGE, lambda x: keras.layers.Multiply()([x, x])),
}
GRAPHS: Layers = {
    "edges": (ROWS, edges),
    "sets": (ROWS, sets),
}
GROUPS: dict[str, Layers] = {
    "dense": DENSE,
    "convolution": CONVOLUTION,
    "depthwise": DEPTHWISE_LAYERS,
    "pooling": POOLING,
    "wires": WIRES,
    "reductions": REDUCTIONS,
    "pairs": PAIRS,
    "graphs": GRAPHS,
}
LAYERS: Layers = {name: layer for group in GROUPS.values() for name, layer in group.items()}


def formats(shape: tuple[int, ...]) -> tuple[FixedPoint, ...]:
    """Words on the link, of 4 to 6 bits."""
    return tuple(FixedPoint(4 + place % 3, 4 + place % 3, bool(place % 4)) for place in range(prod(shape)))


def model_of(*names: str, rounded: bool = True) -> Any:
    """Keras model of the layers `names`, which read tensors of one shape, with random weights.

    Of several layers all words are rounded, and one row, so that one project holds them.
    """
    (shape,) = {LAYERS[name][0] for name in names}
    keras.utils.set_random_seed(5)
    inputs = keras.Input(shape, name="words")
    x = qkeras.QActivation(bits(6, 2), name="on_grid")(keras.layers.Rescaling(2.0**-2, name="shift")(inputs))
    rows = [keras.layers.Flatten(name=f"f_{name}")(LAYERS[name][1](x)) for name in names]
    if rounded:
        rows = [qkeras.QActivation(bits(8, 4), name=f"r_{name}")(row) for name, row in zip(names, rows, strict=True)]
    model = keras.Model(inputs, keras.layers.Concatenate(name="all")(rows) if len(rows) > 1 else rows[0])
    rng = np.random.default_rng(6)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([rng.normal(0, 0.6, weight.shape) for weight in layer.get_weights()])
    return model
