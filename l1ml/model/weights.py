"""The weights of a layer as integers: exactly the numbers that Keras multiplies with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import dyadic_words, odd_parts, refuse
from l1ml.model.quantisers import bits_format, channel_shift, check_determined, read_quantiser

__all__ = ["WeightWords", "freeze_weights", "read_bias", "read_weight"]

_QUANTISERS = (
    "quantized_bits",
    "quantized_linear",
    "quantized_relu",
    "quantized_po2",
    "quantized_relu_po2",
    "binary",
    "ternary",
)
_FREEZE = "call l1ml.model.extraction.freeze(model) first"


_WEIGHTS = ("kernel", "depthwise_kernel", "pointwise_kernel", "bias")
"""Weights that a QKeras layer can have; the quantiser of each is called like it, without ``_kernel``."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightWords:
    """Integer words of a weight, of its own shape, and their fractional bits."""

    words: NDArray[np.int64]
    fractional: int


def read_weight(layer: Any, which: str) -> WeightWords:
    """Integer words of the weight `which` of a QKeras `layer`.

    Raises
    ------
    ConversionError
        If its quantiser has no fixed-point meaning, a value is not finite, or one does not lie on the grid of its quantiser: then
        Keras would compute with other numbers than the firmware.
    """
    return WeightWords(*_weight_words(layer, which, _quantiser(layer, which)))


def read_bias(layer: Any, n: int) -> WeightWords:
    """Integer words of the `n` biases of a QKeras `layer`, zeros where it has none.

    Raises
    ------
    ConversionError
        As `read_weight` does.
    """
    return read_weight(layer, "bias") if layer.use_bias else WeightWords(np.zeros(n, np.int64), 0)


def _quantiser(layer: Any, which: str) -> Any:
    """Quantiser of the weight `which` of `layer`; None where it has none."""
    return getattr(layer, f"{which.removesuffix('_kernel')}_quantizer_internal", None)


def freeze_weights(layer: Any) -> None:
    """Replace the weights of a QKeras `layer` by values that its quantisers leave as they are, in place.

    Raises
    ------
    ConversionError
        If a quantiser changes what it has quantised itself, a weight is not finite, or the quantiser is unknown.
    """
    for which, quantiser in _quantised(layer):
        weight = getattr(layer, which)
        where = f"{which} of layer {layer.name!r}"
        values = _finite(weight, where)
        if _is_format(quantiser) or _has_fixed_alpha(quantiser):
            # alpha multiplies after rounding: the grid of the weight itself is the one without it
            format_ = read_quantiser(quantiser, where) if _is_format(quantiser) else bits_format(quantiser)
            weight.assign(format_.quantize(values).astype(np.float32))
            continue
        _check_known(quantiser, where)
        # the second time closes ``x + (q(x) - x)``, which float32 does not always close on a value off the grid
        settled = np.asarray(quantiser(np.asarray(quantiser(values.astype(np.float32)), np.float32)), np.float32)
        if np.any(np.asarray(quantiser(settled)) != settled):
            what = f"{type(quantiser).__name__} with alpha={getattr(quantiser, 'alpha', None)!r}"
            msg = f"{where}: {what} changes what it quantised itself; set alpha to the power of two that it found"
            raise ConversionError(msg)
        weight.assign(settled)


def _quantised(layer: Any) -> Iterator[tuple[str, Any]]:
    """Names of the weights of `layer` that have a quantiser, with it."""
    for which in _WEIGHTS:
        quantiser = _quantiser(layer, which)
        if quantiser is not None and getattr(layer, which, None) is not None:
            yield which, quantiser


def _is_format(quantiser: Any) -> bool:
    """Whether the weights lie on the grid of one number format."""
    match type(quantiser).__name__:
        case "quantized_bits":
            is_one = quantiser.alpha is None or (
                not isinstance(quantiser.alpha, str) and np.all(np.asarray(quantiser.alpha) == 1)
            )
            return bool(is_one) and int(quantiser.bits) > int(bool(quantiser.keep_negative))
        case "quantized_relu":
            return not quantiser.negative_slope
    return False


def _has_fixed_alpha(quantiser: Any) -> bool:
    is_bits = type(quantiser).__name__ == "quantized_bits" and int(quantiser.bits) > int(bool(quantiser.keep_negative))
    return is_bits and not isinstance(quantiser.alpha, str)


def _check_known(quantiser: Any, where: str) -> None:
    """Refuse a quantiser of weights without an exact meaning."""
    name = type(quantiser).__name__
    if name not in _QUANTISERS:
        label = getattr(quantiser, "__name__", name)
        raise refuse(where, repr(label), f"one of {', '.join(_QUANTISERS)}")
    check_determined(quantiser, where)
    alpha = getattr(quantiser, "alpha", None)
    if isinstance(alpha, str):
        if alpha != "auto_po2":
            raise refuse(where, f"{name} with alpha={alpha!r}", "alpha=1 or 'auto_po2'")
    elif alpha is not None:
        channel_shift(quantiser, where, np.asarray(alpha).size)


def _finite(weight: Any, where: str) -> NDArray[np.float64]:
    values = np.asarray(weight, dtype=np.float64)
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        msg = f"{where}: {wrong} of {values.size} weights are NaN or infinite; train again from a state before they were"
        raise ConversionError(msg)
    return values


def _weight_words(layer: Any, which: str, quantiser: Any) -> tuple[NDArray[np.int64], int]:
    where = f"{which} of layer {layer.name!r}"
    if quantiser is None:
        option = f"{which.removesuffix('_kernel')}_quantizer"
        raise refuse(where, "a float weight", f"{option}=quantized_bits(bits, integer, alpha=1)")
    values = _finite(getattr(layer, which), where)
    if not _is_format(quantiser):
        return _computed_words(quantiser, values, where)
    format_ = read_quantiser(quantiser, where)
    words = format_.to_words(values)
    off_grid = format_.from_words(words) != values
    if off_grid.any():
        what = f"{where}: {int(off_grid.sum())} of {values.size} weights are not on the grid of {format_}"
        msg = f"{what}; {_FREEZE}"
        raise ConversionError(msg)
    return words, format_.fractional


def _computed_words(quantiser: Any, values: NDArray[np.float64], where: str) -> tuple[NDArray[np.int64], int]:
    """Words of what the quantiser makes of `values`, which is what Keras multiplies with."""
    _check_known(quantiser, where)
    computed = np.asarray(quantiser(values.astype(np.float32)), dtype=np.float64)
    bits = 1 if "po2" in type(quantiser).__name__ else int(quantiser.bits)
    off_grid = odd_parts(computed) >= 2.0**bits
    if off_grid.any() or (not _has_fixed_alpha(quantiser) and np.any(computed != values)):
        n_wrong = int((off_grid | (computed != values)).sum())
        msg = f"{where}: {n_wrong} of {values.size} weights are not on the grid of {type(quantiser).__name__}; {_FREEZE}"
        raise ConversionError(msg)
    return dyadic_words(computed, where)
