"""Quantised activations as integer operations, each the same function of every input word as QKeras computes.

QKeras' own definitions are in qkeras/quantizers.py (1.2.1); what they do to a value x is repeated above each reader. Those that
end in ``x + (q(x) - x)`` give q(x) exactly as long as x and q(x) together fit into the 24 bits of float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.channel_formats import add_channel_formats
from l1ml.model.channel_tables import add_channel_tables
from l1ml.model.dyadic import dyadic_words, power_of_two_shift, refuse
from l1ml.model.operations import Add, Affine, Quantise, Scale, Steps, Words
from l1ml.model.quantisers import bits_format, channel_shift, check_determined, relu_format
from l1ml.model.tabulation import tabulate

__all__ = ["add_activation"]

Reader = Callable[[NetworkBuilder, str, Any, int], int]
ScaledReader = Callable[[NetworkBuilder, str, Any, int, Words], int]


_INSTEAD = {
    "relu": "quantized_relu(bits, integer)",
    "leaky_relu": "quantized_relu(bits, integer, negative_slope=a power of two)",
    "sigmoid": "quantized_sigmoid(bits)",
    "softmax": "no activation: the menu cuts on the logits (a Softmax layer: l1ml.model.output_layer.replace_softmax)",
    "tanh": "quantized_tanh(bits)",
}
"""Activations without quantisation, and what to use instead."""


def add_activation(builder: NetworkBuilder, name: str, quantiser: Any, source: int, channels: int) -> int:
    """Append the activation `quantiser` of the layer `name` to stage `source`; the number of the stage after it.

    An alpha per channel meets every `channels` words of the row anew.

    Raises
    ------
    ConversionError
        If it has no exact fixed-point meaning, by name, with what to use instead.
    """
    kind = type(quantiser).__name__
    if kind not in _READERS | _WITH_ALPHA:
        label = getattr(quantiser, "__name__", kind)
        raise refuse(_where(name), repr(label), _INSTEAD.get(label, f"one of {', '.join(_WITH_ALPHA | _READERS)}"))
    check_determined(quantiser, _where(name))
    if kind not in _WITH_ALPHA:
        return _READERS[kind](builder, name, quantiser, source)
    shift = np.tile(channel_shift(quantiser, _where(name), channels), builder.size(source) // channels)
    return _WITH_ALPHA[kind](builder, name, quantiser, source, shift)


def _where(name: str) -> str:
    return f"layer {name!r}"


def _scaled(builder: NetworkBuilder, name: str, shift: Any, source: int) -> int:
    """Multiply by powers of two, if they are not all one."""
    return builder.add(name, Scale(shift), source) if np.any(shift) else source


def _sign(builder: NetworkBuilder, name: str, levels: tuple[int, int], source: int) -> int:
    """The first of `levels` below zero, the second from zero on."""
    return builder.add(name, Steps(np.zeros(1, np.int64), 0, np.array(levels, np.int64), 0), source)


def _bits(builder: NetworkBuilder, name: str, quantiser: Any, source: int, shift: Words) -> int:
    """``alpha * clip(round(x * 2**f)) * 2**-f``; of one signed bit, ``alpha * sign(x)`` with sign(0) = 1."""
    if int(quantiser.bits) == int(bool(quantiser.keep_negative)):
        return _scaled(builder, name, shift, _sign(builder, name, (-1, 1), source))
    return _scaled(builder, name, shift, builder.add(name, Quantise(bits_format(quantiser)), source))


def _linear(builder: NetworkBuilder, name: str, quantiser: Any, source: int, shift: Words) -> int:
    """``alpha * clip(round(x / alpha * 2**f)) * 2**-f``: here alpha moves the grid itself; one bit gives +-1/2 of it."""
    if int(quantiser.bits) == 1 and quantiser.keep_negative:
        return _scaled(builder, name, shift + 1 - int(quantiser.integer), _sign(builder, name, (-1, 1), source))
    before = _scaled(builder, name, -shift, source)
    return _scaled(builder, name, shift, builder.add(name, Quantise(bits_format(quantiser)), before))


def _relu(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """``clip(round(x 2**f), 0, m - 1)`` plus, with a slope s, ``clip(round(s x 2**f), -s m, 0)``; m = 2**(bits - 1)."""
    positive = relu_format(quantiser, _where(name))
    if not quantiser.negative_slope:
        return builder.add(name, Quantise(positive), source)
    shift = power_of_two_shift([quantiser.negative_slope], _where(name))
    n_bits = positive.width - int(shift[0])
    if n_bits < 0:
        what = f"quantized_relu with negative_slope={quantiser.negative_slope}, less than one count of its {quantiser.bits} bits,"
        raise refuse(_where(name), what, "a larger slope or more bits")
    signed = FixedPoint.from_kif(1, n_bits - positive.fractional, positive.fractional, Rounding.RND_CONV, Overflow.SAT)
    above = builder.add(name, Quantise(positive), source)
    # what is left of x below zero, exactly: a quantiser on the grid of x that is wide enough takes nothing but the sign away
    stage = builder.stages[source]
    width = max(int(stage.high.max()).bit_length(), 1)
    rectifier = FixedPoint(width, width - stage.fractional, False, Rounding.RND_CONV, Overflow.SAT)
    kept = builder.add(name, Quantise(rectifier), builder.add(name, Scale(np.zeros(builder.size(source), np.int64)), source))
    below = builder.add(name, Add(-1), source, kept)
    slope = builder.add(name, Scale(np.full(builder.size(source), shift[0])), below)
    return builder.add(name, Add(1), above, builder.add(name, Quantise(signed), slope))


def _binary(builder: NetworkBuilder, name: str, quantiser: Any, source: int, shift: Words) -> int:
    """``alpha * sign(x)`` with sign(0) = 1, or ``alpha * (x >= 0)`` if use_01."""
    _refuse_float_noise(quantiser, name)
    return _scaled(builder, name, shift, _sign(builder, name, (0 if quantiser.use_01 else -1, 1), source))


def _ternary(builder: NetworkBuilder, name: str, quantiser: Any, source: int, shift: Words) -> int:
    """``alpha * sign(x) * (|x| >= threshold)``; the threshold is a float32 and compared as one."""
    _refuse_float_noise(quantiser, name)
    given = quantiser.default_threshold if quantiser.threshold is None else quantiser.threshold
    fractional = builder.stages[source].fractional
    first = int(np.ceil(float(np.float32(given)) * 2.0**fractional))
    if first <= 0:
        raise refuse(_where(name), f"ternary with threshold={given}", "a positive threshold")
    steps = Steps(np.array([1 - first, first], np.int64), fractional, np.array([-1, 0, 1], np.int64), 0)
    return _scaled(builder, name, shift, builder.add(name, steps, source))


def _refuse_float_noise(quantiser: Any, name: str) -> None:
    """Without alpha these return ``tanh(x) + (q(x) - tanh(x))``, which misses q(x) by the last bits of a float32."""
    if quantiser.alpha is None:
        raise refuse(_where(name), f"{type(quantiser).__name__} with alpha=None (float rounding on top of +-1)", "alpha=1.0")


def _tanh(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """``clip(round(p 2**(bits-1)))`` of p = clip(x, -1, 1) (hard), clip(3 x / 8, -1, 1) (smooth), or of the true function."""
    overflow = Overflow.SAT_SYM if quantiser.symmetric else Overflow.SAT
    target = FixedPoint.from_kif(1, 0, int(quantiser.bits) - 1, Rounding.RND_CONV, overflow)
    mode = "tanh" if quantiser.use_real_tanh else _internal_sigmoid()
    if mode in {"tanh", "real"}:
        return tabulate(builder, name, quantiser, source, lambda x: target.quantize(np.tanh(x if mode == "tanh" else x / 2)))
    before = source if mode == "hard" else _affine(builder, name, 0.375, 0.0, source)
    return builder.add(name, Quantise(target), before)


def _sigmoid(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """``clip(round(p 2**bits))`` of p = (x + 1) / 2 (hard), 3 x / 16 + 1 / 2 (smooth), or of the true function."""
    target = FixedPoint.from_kif(0, 0, int(quantiser.bits), Rounding.RND_CONV, Overflow.SAT)
    lowest = target.lsb if quantiser.symmetric else 0.0
    mode = "real" if quantiser.use_real_sigmoid else _internal_sigmoid()
    if mode == "real":
        return tabulate(
            builder, name, quantiser, source, lambda x: np.maximum(target.quantize(0.5 + 0.5 * np.tanh(x / 2)), lowest)
        )
    before = _affine(builder, name, 0.5 if mode == "hard" else 0.1875, 0.5, source)
    rounded = builder.add(name, Quantise(target), before)
    if not quantiser.symmetric:
        return rounded
    # the lowest word is 1 instead of 0: one down, rectified, one up
    down = _affine(builder, name, 1.0, -lowest, rounded)
    return _affine(builder, name, 1.0, lowest, builder.add(name, Quantise(target), down))


def _internal_sigmoid() -> str:
    """Which function QKeras puts in place of the sigmoid: hard, smooth or real (`qkeras.set_internal_sigmoid`)."""
    from qkeras import quantizers

    known = {quantizers.hard_sigmoid: "hard", quantizers.smooth_sigmoid: "smooth"}
    return known.get(quantizers._sigmoid, "real")


def _po2(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """``sign(x) 2**e``, e the exponent of |x| rounded and clipped, with sign(0) = 1."""
    return tabulate(builder, name, quantiser, source, lambda x: np.where(x < 0, -1.0, 1.0) * _nearest_power(quantiser, np.abs(x)))


def _relu_po2(builder: NetworkBuilder, name: str, quantiser: Any, source: int) -> int:
    """``2**e``; below zero the smallest power, or the negative power of the slope times |x|."""

    def reference(x: NDArray[np.float64]) -> NDArray[np.float64]:
        slope = float(quantiser.negative_slope)
        positive, negative = (_nearest_power(quantiser, np.maximum(side, 0.0)) for side in (x, -slope * x))
        return np.where((x >= 0) | (slope == 0), positive, -negative)

    return tabulate(builder, name, quantiser, source, reference)


def _nearest_power(quantiser: Any, magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power of two of each `magnitude`: QKeras rounds its logarithm, or that of its square root, which is then doubled."""
    factor = 2.0 if quantiser.quadratic_approximation else 1.0
    largest = np.inf if quantiser.max_value is None else float(quantiser.max_value)
    least = float(_keras_epsilon())
    logarithm = np.log2(np.clip(magnitude, least, largest)) / factor
    rounded = np.floor(logarithm) if quantiser.log2_rounding == "floor" else np.rint(logarithm)
    exponent = factor * np.clip(rounded, quantiser._min_exp, quantiser._max_exp)
    return np.asarray(2.0 ** np.where(magnitude < least, quantiser._min_exp, exponent))


def _keras_epsilon() -> float:
    """What QKeras takes for the logarithm of zero."""
    return float(require("keras").backend.epsilon())


def _affine(builder: NetworkBuilder, name: str, factor: float, offset: float, source: int) -> int:
    """Every word times `factor` plus `offset`."""
    n = builder.size(source)
    factors, factor_fractional = dyadic_words(np.full(n, factor), _where(name))
    offsets, offset_fractional = dyadic_words(np.full(n, offset), _where(name))
    return builder.add(name, Affine(factors, factor_fractional, offsets, offset_fractional), source)


_WITH_ALPHA: dict[str, ScaledReader] = {
    "quantized_bits": _bits,
    "quantized_linear": _linear,
    "binary": _binary,
    "ternary": _ternary,
}
_READERS: dict[str, Reader] = {
    "quantized_relu": _relu,
    "quantized_tanh": _tanh,
    "quantized_sigmoid": _sigmoid,
    "quantized_po2": _po2,
    "quantized_relu_po2": _relu_po2,
    "ChannelQuantiser": add_channel_formats,
    "ChannelTable": add_channel_tables,
}
