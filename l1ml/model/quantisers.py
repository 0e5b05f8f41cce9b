"""What a QKeras quantiser or layer means in integers, and which ones mean nothing.

QKeras rounds halves to even and ``quantized_bits(bits, integer)`` counts the sign in `bits` but not in `integer`
(qkeras/quantizers.py), so k = keep_negative, i = integer, f = bits - k - integer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding

__all__ = ["DenseWords", "power_of_two_shift", "read_dense", "read_quantiser", "read_scaling"]


def read_quantiser(quantiser: Any, where: str = "a layer") -> FixedPoint:
    """Number format of the QKeras object `quantiser`; `where` names its layer in messages.

    Raises
    ------
    ConversionError
        If the quantiser has no exact fixed-point meaning, by name, with what to use instead.
    """
    name = type(quantiser).__name__
    if name == "quantized_bits":
        return _read_bits(quantiser, where)
    if name == "quantized_relu":
        return _read_relu(quantiser, where)
    label = getattr(quantiser, "__name__", name)
    raise _refuse(where, repr(label), "quantized_bits(bits, integer, alpha=1) or quantized_relu(bits, integer)")


def _refuse(where: str, what: str, instead: str) -> ConversionError:
    return ConversionError(f"{where}: {what} has no fixed-point meaning; use {instead}")


def _read_bits(quantiser: Any, where: str) -> FixedPoint:
    k = int(bool(quantiser.keep_negative))
    fractional = int(quantiser.bits) - k - int(quantiser.integer)
    if quantiser.alpha is not None and (isinstance(quantiser.alpha, str) or np.any(np.asarray(quantiser.alpha) != 1)):
        raise _refuse(where, f"quantized_bits with alpha={quantiser.alpha!r}", "alpha=1")
    if quantiser.use_stochastic_rounding:
        raise _refuse(where, "stochastic rounding", "use_stochastic_rounding=False")
    if int(quantiser.bits) == k:
        raise _refuse(where, f"quantized_bits of {quantiser.bits} bit (a sign function)", "at least two bits")
    overflow = Overflow.SAT_SYM if quantiser.symmetric and k else Overflow.SAT
    return FixedPoint.from_kif(k, int(quantiser.integer), fractional, Rounding.RND_CONV, overflow)


def _read_relu(quantiser: Any, where: str) -> FixedPoint:
    for attribute, instead in {"use_sigmoid": "use_sigmoid=0", "negative_slope": "negative_slope=0"}.items():
        if getattr(quantiser, attribute):
            raise _refuse(where, f"quantized_relu with {attribute}={getattr(quantiser, attribute)}", instead)
    if quantiser.use_stochastic_rounding:
        raise _refuse(where, "stochastic rounding", "use_stochastic_rounding=False")
    if not quantiser.is_quantized_clip and quantiser.relu_upper_bound:
        raise _refuse(where, f"quantized_relu with relu_upper_bound={quantiser.relu_upper_bound}", "is_quantized_clip=True")
    fractional = int(quantiser.bits) - int(quantiser.integer)
    return FixedPoint.from_kif(0, int(quantiser.integer), fractional, Rounding.RND_CONV, Overflow.SAT)


@dataclass(frozen=True, slots=True, eq=False)
class DenseWords:
    """Integer weights of a QDense layer: kernel (n_in, n_out) and bias (n_out,), each with its format."""

    kernel: NDArray[np.int64]
    kernel_format: FixedPoint
    bias: NDArray[np.int64]
    bias_format: FixedPoint


def read_dense(layer: Any) -> DenseWords:
    """Integer weights of the QDense `layer`.

    Raises
    ------
    ConversionError
        If a quantiser has no fixed-point meaning, or if a weight does not lie on the grid of its quantiser: then Keras would
        compute with other numbers than the firmware.
    """
    kernel, kernel_format = _weight_words(layer, "kernel", layer.kernel_quantizer_internal)
    if not layer.use_bias:
        return DenseWords(kernel, kernel_format, np.zeros(kernel.shape[1], np.int64), FixedPoint(1, 1))
    bias, bias_format = _weight_words(layer, "bias", layer.bias_quantizer_internal)
    return DenseWords(kernel, kernel_format, bias, bias_format)


def _weight_words(layer: Any, which: str, quantiser: Any) -> tuple[NDArray[np.int64], FixedPoint]:
    where = f"{which} of layer {layer.name!r}"
    if quantiser is None:
        raise _refuse(where, "a float weight", f"{which}_quantizer=quantized_bits(bits, integer, alpha=1)")
    format_ = read_quantiser(quantiser, where)
    values = np.asarray(getattr(layer, which), dtype=np.float64)
    words = format_.to_words(values)
    off_grid = format_.from_words(words) != values
    if off_grid.any():
        what = f"{where}: {int(off_grid.sum())} of {values.size} weights are not on the grid of {format_}"
        msg = f"{what}; call l1ml.model.extraction.freeze(model) first"
        raise ConversionError(msg)
    return words, format_


def read_scaling(layer: Any, n_features: int) -> NDArray[np.int64]:
    """Right shift of each of `n_features` inputs of a Rescaling `layer`.

    Raises
    ------
    ConversionError
        If the layer adds an offset or a factor is no power of two.
    """
    where = f"layer {layer.name!r}"
    if np.any(np.asarray(layer.offset, dtype=np.float64) != 0):
        raise _refuse(where, "Rescaling with an offset", "offset=0 (the next bias takes it)")
    return np.broadcast_to(power_of_two_shift(layer.scale, where), (n_features,)).copy()


def power_of_two_shift(scale: Any, where: str) -> NDArray[np.int64]:
    """Integers s with ``scale == 2**-s``.

    Raises
    ------
    ConversionError
        If a factor is no power of two.
    """
    factors = np.asarray(scale, dtype=np.float64)
    mantissa, exponent = np.frexp(factors)
    if np.any(mantissa != 0.5):
        raise _refuse(where, f"a factor of {factors[mantissa != 0.5].flat[0]}", "powers of two, which are wires in firmware")
    return 1 - exponent.astype(np.int64)
