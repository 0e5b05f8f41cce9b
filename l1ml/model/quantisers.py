"""What a QKeras quantiser means in integers when it means one number format, and what none of them may be.

QKeras rounds halves to even and ``quantized_bits(bits, integer)`` counts the sign in `bits` but not in `integer`
(qkeras/quantizers.py), so k = keep_negative, i = integer, f = bits - k - integer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.dyadic import power_of_two_shift, refuse

__all__ = ["bits_format", "channel_shift", "check_determined", "read_quantiser", "relu_format"]


def read_quantiser(quantiser: Any, where: str = "a layer") -> FixedPoint:
    """Number format of the QKeras object `quantiser`; `where` names its layer in messages.

    Raises
    ------
    ConversionError
        If the quantiser is no single number format, by name, with what to use instead.
    """
    name = type(quantiser).__name__
    if name == "quantized_bits":
        return _read_bits(quantiser, where)
    if name == "quantized_relu":
        check_determined(quantiser, where)
        if quantiser.negative_slope:
            raise refuse(where, f"quantized_relu with negative_slope={quantiser.negative_slope}", "negative_slope=0")
        return relu_format(quantiser, where)
    label = getattr(quantiser, "__name__", name)
    raise refuse(where, repr(label), "quantized_bits(bits, integer, alpha=1) or quantized_relu(bits, integer)")


def check_determined(quantiser: Any, where: str) -> None:
    """Refuse a quantiser whose output is not a function of its input alone.

    Raises
    ------
    ConversionError
        On stochastic rounding, and on one that lets a share of the unquantised value through.
    """
    if getattr(quantiser, "use_stochastic_rounding", False):
        raise refuse(where, "stochastic rounding", "use_stochastic_rounding=False")
    share = getattr(quantiser, "qnoise_factor", 1.0)
    if float(np.asarray(share)) != 1.0:
        raise refuse(where, f"qnoise_factor={float(np.asarray(share))}", "qnoise_factor=1 once training ends")


def bits_format(quantiser: Any) -> FixedPoint:
    """Format of a quantized_bits or quantized_linear of at least one bit besides the sign, before its alpha."""
    k = int(bool(quantiser.keep_negative))
    fractional = int(quantiser.bits) - k - int(quantiser.integer)
    overflow = Overflow.SAT_SYM if quantiser.symmetric and k else Overflow.SAT
    return FixedPoint.from_kif(k, int(quantiser.integer), fractional, Rounding.RND_CONV, overflow)


def _read_bits(quantiser: Any, where: str) -> FixedPoint:
    check_determined(quantiser, where)
    if np.any(channel_shift(quantiser, where, 1)):
        raise refuse(where, f"quantized_bits with alpha={quantiser.alpha!r}", "alpha=1")
    if int(quantiser.bits) == int(bool(quantiser.keep_negative)):
        raise refuse(where, f"quantized_bits of {quantiser.bits} bit (a sign function)", "at least two bits")
    return bits_format(quantiser)


def channel_shift(quantiser: Any, where: str, n_channels: int) -> NDArray[np.int64]:
    """Right shift of each of `n_channels` channels that the alpha of `quantiser` stands for.

    Raises
    ------
    ConversionError
        If alpha follows the data, or is no power of two.
    """
    alpha = quantiser.alpha
    if alpha is None:
        return np.zeros(n_channels, np.int64)
    what = f"{type(quantiser).__name__} with alpha={alpha!r}"
    if isinstance(alpha, str):
        raise refuse(where, what, "alpha=1 or another power of two, or one per channel")
    factors = np.asarray(alpha, dtype=np.float64)
    if np.any(np.frexp(factors)[0] != 0.5):
        raise refuse(where, what, "alpha=1 or another power of two, or one per channel")
    if factors.size not in {1, n_channels} or factors.size != max(factors.shape, default=1):
        raise refuse(where, f"{what} on {n_channels} channels", "one alpha, or one per channel")
    return np.broadcast_to(power_of_two_shift(factors.ravel(), where), (n_channels,)).copy()


def relu_format(quantiser: Any, where: str) -> FixedPoint:
    """Format of what a quantized_relu makes of positive values.

    Raises
    ------
    ConversionError
        If it has a sigmoid or an upper bound of its own.
    """
    if quantiser.use_sigmoid:
        raise refuse(where, f"quantized_relu with use_sigmoid={quantiser.use_sigmoid}", "use_sigmoid=0")
    if isinstance(quantiser.integer, int) and quantiser.integer < 0:
        # 2 to a negative whole power is no whole number: TensorFlow refuses it in a graph and gives 0 outside
        raise refuse(where, f"quantized_relu with integer={quantiser.integer}, which QKeras cannot compute,", "integer >= 0")
    if not quantiser.is_quantized_clip and quantiser.relu_upper_bound:
        raise refuse(where, f"quantized_relu with relu_upper_bound={quantiser.relu_upper_bound}", "is_quantized_clip=True")
    fractional = int(quantiser.bits) - bool(quantiser.negative_slope) - int(quantiser.integer)
    return FixedPoint.from_kif(0, int(quantiser.integer), fractional, Rounding.RND_CONV, Overflow.SAT)
