"""Quantised layers that the families build their networks from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.config import QuantisationConfig

__all__ = ["Constraint", "dense", "hidden_layers", "quantised", "scaled_words", "sum_of_squares"]

Constraint = Callable[[str], Any] | None
"""Makes the Keras constraint of each kernel from its layer's name; used for pruning."""


def scaled_words(formats: QuantisationConfig, shifts: NDArray[np.int64]) -> tuple[Any, Any]:
    """Input of the words (n, n_features), and the words scaled down by powers of two, on the grid of the input format."""
    keras = require("keras")
    inputs = keras.Input((len(shifts),), name="words")
    x = keras.layers.Rescaling([float(2.0**-shift) for shift in shifts], name="shift")(inputs)
    return inputs, quantised(x, formats.input_bits, formats.input_integer, "input_quantiser")


def quantised(x: Any, bits: int, integer: int, name: str) -> Any:
    """`x` on a signed grid, saturating."""
    qkeras = require("qkeras")
    return qkeras.QActivation(qkeras.quantized_bits(bits, integer, alpha=1), name=name)(x)


def hidden_layers(x: Any, widths: tuple[int, ...], formats: QuantisationConfig, constraint: Constraint, prefix: str = "") -> Any:
    """Dense layers of `widths`, each rectified and quantised; `prefix` begins their names."""
    qkeras = require("qkeras")
    for index, width in enumerate(widths):
        x = dense(formats, width, f"{prefix}hidden_{index}", constraint)(x)
        relu = qkeras.quantized_relu(formats.activation_bits, formats.activation_integer)
        x = qkeras.QActivation(relu, name=f"{prefix}relu_{index}")(x)
    return x


def dense(formats: QuantisationConfig, width: int, name: str, constraint: Constraint) -> Any:
    """A dense layer with quantised weights and bias."""
    qkeras = require("qkeras")
    return qkeras.QDense(
        width,
        name=name,
        kernel_quantizer=qkeras.quantized_bits(formats.weight_bits, formats.weight_integer, symmetric=1, alpha=1),
        bias_quantizer=qkeras.quantized_bits(formats.bias_bits, formats.bias_integer, symmetric=1, alpha=1),
        kernel_constraint=None if constraint is None else constraint(name),
    )


def sum_of_squares(x: Any, *, trainable: bool = True, prefix: str = "") -> Any:
    """Squares of the columns of `x`, summed by a dense layer of ones called "score": (n, k) -> (n, 1), exact on any grid.

    `prefix` begins the names of both layers.
    """
    keras, qkeras = require("keras"), require("qkeras")
    squares = keras.layers.Multiply(name=f"{prefix}squares")([x, x])
    ones = qkeras.quantized_bits(2, 1, alpha=1)
    total = qkeras.QDense(
        1, use_bias=False, kernel_initializer="ones", kernel_quantizer=ones, trainable=trainable, name=f"{prefix}score"
    )
    return total(squares)
