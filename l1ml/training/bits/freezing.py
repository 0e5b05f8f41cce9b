"""From learned bits to formats that stay: a model of QKeras layers that `l1ml.model.extraction` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.model.channel_quantiser import ChannelQuantiser
from l1ml.training.bits.cost import learned_quantisers
from l1ml.training.bits.learned_bits import ActivationBits, WeightBits

keras = require("keras")

__all__ = ["calibrate", "freeze_bits"]

_WEIGHTS = ("kernel", "depthwise_kernel", "bias")
_BATCH = 4096


def calibrate(model: Any, inputs: NDArray[np.floating[Any]]) -> None:
    """Set the integer bits of all activations of `model` to the fewest that hold what they are on `inputs`, shape (n, ...).

    Nothing saturates meanwhile, so that an early layer cannot hide what a late one needs.

    Raises
    ------
    DataError
        If there are no inputs.
    """
    if not len(inputs):
        msg = "no inputs to calibrate with; the integer bits follow from the largest activations on them"
        raise DataError(msg)
    quantisers = [item for item in learned_quantisers(model) if isinstance(item, ActivationBits)]
    for item in quantisers:
        item.is_measuring = True
        if item.built and not item.holds:
            item.peak.assign(np.zeros(item.peak.shape))
    try:
        for start in range(0, len(inputs), _BATCH):
            model(inputs[start : start + _BATCH], training=False)
    finally:
        for item in quantisers:
            item.is_measuring = False


def freeze_bits(model: Any) -> Any:
    """A copy of `model` with constants for learned bits: the same function of every input.

    Weights are on their own grids, and the quantiser of a kernel is a ``quantized_bits`` that holds all of them; activations
    have a `ChannelQuantiser`.

    Raises
    ------
    DataError
        If activations have never been seen: then nothing says how many integer bits they need.
    """
    frozen = keras.models.clone_model(model, clone_function=_frozen)
    for layer in model.layers:
        for which, _, values in _quantised(layer):
            getattr(frozen.get_layer(layer.name), which).assign(values)
    return frozen


def _frozen(layer: Any) -> Any:
    """A copy of `layer`, without its weights."""
    config = layer.get_config()
    for which, quantiser, values in _quantised(layer):
        option = which.removesuffix("_kernel")
        if quantiser is not None:
            config |= {f"{option}_quantizer": _holding(values), f"{which}_constraint": None, f"{which}_initializer": "zeros"}
    activation = getattr(layer, "activation", None)
    if isinstance(activation, ActivationBits):
        config["activation"] = _fixed(activation, layer.name)
    return type(layer).from_config(config)


def _quantised(layer: Any) -> Iterator[tuple[str, Any, NDArray[np.float32]]]:
    """Name, learned quantiser if there is one, and value in use of each weight of a QKeras `layer`."""
    for which in _WEIGHTS:
        weight = getattr(layer, which, None)
        if weight is None:
            continue
        quantiser = getattr(layer, f"{which.removesuffix('_kernel')}_quantizer_internal", None)
        if isinstance(quantiser, WeightBits):
            yield which, quantiser, np.asarray(quantiser(weight), np.float32)
        else:
            yield which, None, np.asarray(weight, np.float32)


def _holding(values: NDArray[np.float32]) -> Any:
    """The narrowest ``quantized_bits`` that leaves dyadic `values` as they are."""
    filled = np.abs(values[values != 0]).astype(np.float64)
    if not filled.size:
        return require("qkeras").quantized_bits(2, 1, alpha=1)
    integer = max(int(np.frexp(filled)[1].max()), 0)
    # the mantissa of float32 has 24 bits: counted from its last one that is set
    mantissa, exponent = np.frexp(filled)
    whole = (mantissa * 2.0**24).astype(np.int64)
    last = 24 - np.log2(whole & -whole).astype(np.int64) - exponent
    fractional = max(int(last.max()), 1)
    return require("qkeras").quantized_bits(1 + integer + fractional, integer, alpha=1)


def _fixed(quantiser: ActivationBits, name: str) -> ChannelQuantiser:
    if not quantiser.built or not np.any(np.asarray(quantiser.peak)):
        msg = f"layer {name!r}: no activation but zero was seen; call l1ml.training.bits.calibrate(model, inputs) first"
        raise DataError(msg)
    integer, fractional = quantiser.formats()
    return ChannelQuantiser(quantiser.signed, integer.tolist(), fractional.tolist(), quantiser.rounding)
