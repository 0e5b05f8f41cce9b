"""Scales that QKeras 0.9 finds from the weights, as numbers.

``quantized_bits(alpha="auto_po2")`` takes five turns of z = round(x / scale), scale = 2**round(log2(sum x z / sum z z)). QKeras
0.9 multiplies the z of the last turn by the scale that came after it, v3 rounds once more with that scale. The two differ where
the turns have not settled: none of two million random channels, which is no proof. With the scale as a fixed alpha and z as the
weights, v3 computes what 0.9 does by construction, and freezing cannot move the scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError

__all__ = ["settle_scales"]

_WEIGHTS = {
    "kernel_quantizer": "kernel",
    "depthwise_quantizer": "depthwise_kernel",
    "pointwise_quantizer": "pointwise_kernel",
    "bias_quantizer": "bias",
    "gamma_quantizer": "gamma",
    "beta_quantizer": "beta",
    "mean_quantizer": "moving_mean",
    "variance_quantizer": "moving_variance",
}
_TURNS = 5
_EPSILON = np.float32(1e-7)
"""keras.backend.epsilon() of Keras 2."""

Floats = NDArray[np.float32]


def settle_scales(model: Any) -> None:
    """Replace every ``auto_po2`` of a ``quantized_bits`` on weights by the scales that QKeras 0.9 computes, in place.

    Raises
    ------
    ConversionError
        If a weight is not finite.
    """
    for layer in model.layers:
        for name, weight in _WEIGHTS.items():
            quantiser: Any = getattr(layer, f"{name}_internal", None)
            variable = getattr(layer, weight, None)
            if variable is not None and type(quantiser).__name__ == "quantized_bits" and quantiser.alpha == "auto_po2":
                _settle(quantiser, variable, f"{weight} of layer {layer.name!r}")


def _settle(quantiser: Any, variable: Any, where: str) -> None:
    unit = np.float32(2.0 ** int(quantiser.integer))
    values = np.asarray(variable, np.float32) / unit
    if not np.isfinite(values).all():
        msg = f"{where}: {int((~np.isfinite(values)).sum())} of {values.size} weights are NaN or infinite"
        raise ConversionError(msg)
    counts, scale = _turns(values, int(quantiser.bits))
    steps = np.float32(2.0 ** (int(quantiser.bits) - bool(quantiser.keep_negative)))
    quantiser.alpha = np.asarray(scale * steps, np.float64).tolist()
    quantiser.freeze_scale, quantiser.scale = True, None
    variable.assign(counts * unit / steps)


def _turns(values: Floats, bits: int) -> tuple[Floats, Floats]:
    """Whole numbers z and the scales that multiply them, one for each channel, after the turns of QKeras 0.9."""
    largest = np.float32(2 ** (bits - 1) - 1)
    axes = tuple(range(values.ndim - 1)) or (0,)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = _power(np.abs(values).max(axis=axes, keepdims=True) / largest)
    counts = values
    for _ in range(_TURNS):
        counts = np.sign(values) * np.minimum(np.floor(np.abs(values) / scale + np.float32(0.5)), largest)
        over, under = values * counts, counts * counts
        if values.ndim > 1:
            over, under = over.mean(axis=axes, keepdims=True), under.mean(axis=axes, keepdims=True)
        scale = _power(over / (under + _EPSILON))
    return counts.astype(np.float32), scale


def _power(scale: Floats) -> Floats:
    """The nearest power of two, as QKeras finds it."""
    exponent = np.round(np.log(scale + _EPSILON) / np.float32(np.log(2.0)))
    return np.asarray(np.exp2(exponent), np.float32)
