"""What layers on tensors with positions cannot be, by name and with what works instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze

keras, qkeras = require("keras"), require("qkeras")
layers, ops, bits = keras.layers, keras.ops, projects.bits
ROWS, IMAGE = (6, 3), (3, 3, 2)
WEIGHTS = {"kernel_quantizer": bits(4, 0), "bias_quantizer": bits(4, 0)}
Make = Callable[[Any], Any]


def pooled(**options: Any) -> Make:
    return qkeras.QAveragePooling2D((2, 2), average_quantizer=bits(8, 0), **options)


REFUSED: dict[str, tuple[tuple[int, ...], Make]] = {
    "Conv1D has no exact fixed-point form; use QConv1D": (ROWS, layers.Conv1D(2, 2)),
    "DepthwiseConv2D has no exact fixed-point form; use QDepthwiseConv2D": (IMAGE, layers.DepthwiseConv2D(2)),
    "Conv2DTranspose has no exact fixed-point form; use UpSampling": (IMAGE, layers.Conv2DTranspose(2, 2)),
    "LSTM has no exact fixed-point form; use a fixed number of steps": (ROWS, layers.LSTM(2)),
    "MultiHeadAttention has no exact fixed-point form; use a Deep Sets sum": (
        ROWS,
        lambda x: layers.MultiHeadAttention(1, 2)(x, x),
    ),
    "Dropout has no exact fixed-point form; use no layer": (ROWS, layers.Dropout(0.1)),
    "Matmul has no exact fixed-point form; use keras.ops.take": (ROWS, lambda x: ops.matmul(ops.transpose(x, (0, 2, 1)), x)),
    "Take at places that are words themselves; use places that are numbers": (
        ROWS,
        lambda x: ops.take(x, ops.argmax(x, axis=1), axis=1),
    ),
    "Split has no exact fixed-point form; use slices": (ROWS, lambda x: ops.split(x, 2, axis=1)[0]),
    "the mean of 6 words has no fixed-point meaning; use keras.ops.sum": (ROWS, lambda x: ops.mean(x, axis=1)),
    "the mean of 3 words has no fixed-point meaning; use a window of": (ROWS, layers.AveragePooling1D(3)),
    "Sum with axis=None mixes crossings; use axes from 1 to 2": (ROWS, lambda x: ops.expand_dims(ops.sum(x), 0)),
    "Max with axis=[0] mixes crossings": (ROWS, lambda x: ops.max(x, axis=0, keepdims=True)),
    "Reshape mixes crossings": (ROWS, lambda x: ops.reshape(x, (-1, 3))),
    "Flip makes new values here": (ROWS, lambda x: ops.flip(x, axis=0)),
    "UpSampling2D makes new values here (interpolation": (IMAGE, layers.UpSampling2D(2, interpolation="bilinear")),
    "Pad makes new values here": (ROWS, lambda x: ops.pad(x, ((0, 0), (1, 0), (0, 0)), constant_values=5)),
    "data_format='channels_first'; use channels_last": (
        IMAGE,
        layers.GlobalMaxPooling2D(data_format="channels_first"),
    ),
    "TimeDistributed of QConv1D; use QDense or QActivation inside it": (
        IMAGE,
        layers.TimeDistributed(qkeras.QConv1D(2, 2, **WEIGHTS)),
    ),
    "the mean of 3 words at the edge times 4 has no fixed-point meaning; use padding='valid'": (
        IMAGE,
        qkeras.QAveragePooling2D((4, 1), strides=(1, 1), average_quantizer=bits(8, 0), padding="same"),
    ),
    "a division by 0 has no fixed-point meaning; use powers of two": (ROWS, lambda x: x / 0),
    "a division by 3 has no fixed-point meaning; use powers of two": (ROWS, lambda x: ops.divide(x, 3.0)),
    "the mean of 3 tensors has no fixed-point meaning; use Add": (ROWS, lambda x: layers.Average()([x, x, x])),
    "Dot of the shapes (6, 3) and (6, 3); use it on two rows": (ROWS, lambda x: layers.Dot(2)([x, x])),
    "Clip between 2.0 and inf; use two finite numbers": (ROWS, lambda x: ops.clip(x, 2.0, float("inf"))),
    "on 3 channels": (ROWS, qkeras.QActivation(bits(4, 0, alpha=[1.0, 2.0]))),
    "depthwise_kernel of layer 'd': a float weight has no fixed-point meaning; use depthwise_quantizer=quantized_bits": (
        IMAGE,
        qkeras.QDepthwiseConv2D(2, name="d"),
    ),
}


def network_of(shape: tuple[int, ...], make: Make, width: int = 6) -> Any:
    inputs = keras.Input(shape)
    model = keras.Model(inputs, make(inputs))
    freeze(model)
    return extract_network(model, (FixedPoint(width, width),) * int(np.prod(shape)))


@pytest.mark.parametrize("message", REFUSED)
def test_what_has_no_exact_form_is_refused_by_name(message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        network_of(*REFUSED[message])
    assert message in str(caught.value)
    assert "layer '" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tensors_that_would_be_broadcast_across_crossings_are_refused() -> None:
    """Keras itself refuses it only when it runs with another number of crossings than constituents."""
    with pytest.raises(ConversionError, match=r"does not run on a batch of two crossings|are broadcast across crossings"):
        network_of(ROWS, lambda x: ops.add(x, ops.sum(x, axis=2)[:, :3]))


def test_a_mean_that_float32_would_round_on_the_way_is_refused() -> None:
    with pytest.raises(ConversionError, match="sums of 4 words times 4 need more than the 24 bits of float32"):
        network_of(IMAGE, pooled(), width=22)


def test_an_input_of_another_size_than_the_link_is_refused() -> None:
    inputs = keras.Input(ROWS)
    model = keras.Model(inputs, layers.Flatten()(inputs))
    with pytest.raises(ConversionError, match=r"the model reads the shape \(6, 3\), 18 words; the link has 17"):
        extract_network(model, (FixedPoint(6, 6),) * 17)


def test_an_open_number_of_constituents_is_refused() -> None:
    inputs = keras.Input((None, 3), name="constituents")
    model = keras.Model(inputs, ops.sum(inputs, axis=1))
    with pytest.raises(ConversionError, match=r"'constituents' has the shape \(None, 3\); .* give every length"):
        extract_network(model, (FixedPoint(6, 6),) * 18)
