"""Every quantiser that conversion knows, small: as an activation and as a quantiser of weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from l1ml._optional import require

__all__ = ["ACTIVATIONS", "WEIGHTS"]

qkeras: Any = require("qkeras")
Make = Callable[[], Any]

ACTIVATIONS: dict[str, Make] = {
    "bits": lambda: qkeras.quantized_bits(5, 1, alpha=1),
    "bits_without_alpha": lambda: qkeras.quantized_bits(6, 2),
    "bits_symmetric": lambda: qkeras.quantized_bits(5, 1, symmetric=1, alpha=1),
    "bits_unsigned": lambda: qkeras.quantized_bits(5, 2, keep_negative=False, alpha=1),
    "bits_unsigned_symmetric": lambda: qkeras.quantized_bits(5, 2, symmetric=1, keep_negative=False, alpha=1),
    "bits_fraction_only": lambda: qkeras.quantized_bits(4, -1, alpha=1),
    "bits_beyond_the_point": lambda: qkeras.quantized_bits(3, 4, alpha=1),
    "bits_alpha": lambda: qkeras.quantized_bits(5, 1, alpha=0.25),
    "bits_alpha_per_channel": lambda: qkeras.quantized_bits(5, 1, symmetric=1, alpha=[0.5, 1.0, 4.0]),
    "bits_one": lambda: qkeras.quantized_bits(1, 0, alpha=1),
    "linear": lambda: qkeras.quantized_linear(5, 1),
    "linear_asymmetric_alpha": lambda: qkeras.quantized_linear(5, 1, symmetric=0, alpha=0.5),
    "linear_unsigned": lambda: qkeras.quantized_linear(4, 2, keep_negative=False, alpha=2.0),
    "linear_one": lambda: qkeras.quantized_linear(1, 1),
    "relu": lambda: qkeras.quantized_relu(5, 2),
    "relu_fraction_only": lambda: qkeras.quantized_relu(4, -1.0),
    "relu_slope": lambda: qkeras.quantized_relu(6, 2, negative_slope=0.25),
    "relu_slope_one": lambda: qkeras.quantized_relu(5, 1, negative_slope=1.0),
    "relu_slope_least": lambda: qkeras.quantized_relu(4, 1, negative_slope=0.125),
    "binary": lambda: qkeras.binary(alpha=1.0),
    "binary_01": lambda: qkeras.binary(use_01=True, alpha=0.5),
    "ternary": lambda: qkeras.ternary(alpha=1.0),
    "ternary_threshold": lambda: qkeras.ternary(alpha=2.0, threshold=1.25),
    "tanh_hard": lambda: qkeras.quantized_tanh(5),
    "tanh_hard_symmetric": lambda: qkeras.quantized_tanh(4, symmetric=True),
    "tanh_real": lambda: qkeras.quantized_tanh(4, use_real_tanh=True),
    "sigmoid_hard": lambda: qkeras.quantized_sigmoid(5),
    "sigmoid_hard_symmetric": lambda: qkeras.quantized_sigmoid(4, symmetric=True),
    "sigmoid_real": lambda: qkeras.quantized_sigmoid(4, use_real_sigmoid=True),
    "sigmoid_real_symmetric": lambda: qkeras.quantized_sigmoid(4, symmetric=True, use_real_sigmoid=True),
    "po2": lambda: qkeras.quantized_po2(4),
    "po2_max": lambda: qkeras.quantized_po2(3, max_value=2),
    "po2_quadratic": lambda: qkeras.quantized_po2(4, quadratic_approximation=True),
    "relu_po2": lambda: qkeras.quantized_relu_po2(3),
    "relu_po2_slope": lambda: qkeras.quantized_relu_po2(3, max_value=4, negative_slope=0.5),
}

WEIGHTS: dict[str, Make] = {
    "bits": lambda: qkeras.quantized_bits(4, 0, alpha=1),
    "bits_symmetric": lambda: qkeras.quantized_bits(4, 1, symmetric=1, alpha=1),
    "bits_unsigned": lambda: qkeras.quantized_bits(4, 1, keep_negative=False, alpha=1),
    "bits_fraction_only": lambda: qkeras.quantized_bits(4, -1, alpha=1),
    "bits_beyond_the_point": lambda: qkeras.quantized_bits(3, 3, alpha=1),
    "bits_alpha": lambda: qkeras.quantized_bits(4, 1, alpha=0.5),
    "bits_alpha_per_channel": lambda: qkeras.quantized_bits(4, 1, alpha=[0.5, 1.0, 2.0]),
    "bits_auto_po2": lambda: qkeras.quantized_bits(4, 0, alpha="auto_po2"),
    "bits_one": lambda: qkeras.quantized_bits(1, 0, alpha=1),
    "linear": lambda: qkeras.quantized_linear(4, 0, alpha=0.5),
    "linear_auto_po2": lambda: qkeras.quantized_linear(4, 0, alpha="auto_po2"),
    "po2": lambda: qkeras.quantized_po2(4),
    "po2_max": lambda: qkeras.quantized_po2(3, max_value=1),
    "relu_po2": lambda: qkeras.quantized_relu_po2(4),
    "binary": lambda: qkeras.binary(alpha=1.0),
    "binary_auto_po2": lambda: qkeras.binary(alpha="auto_po2"),
    "binary_01": lambda: qkeras.binary(use_01=True, alpha=0.5),
    "ternary": lambda: qkeras.ternary(alpha=1.0),
    "ternary_auto_po2": lambda: qkeras.ternary(alpha="auto_po2"),
}
