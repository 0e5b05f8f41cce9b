"""A batch normalisation absorbed by the layer before it, so that firmware has one set of weights.

At inference a normalisation is ``y = scale * x + offset``, channel by channel. Put into a dense layer or convolution that is
``kernel * scale`` and ``bias * scale + offset``, which the quantisers of the layer then round: the folded model is another
function than the one before, and the one that everything else is compared with. Train on for an epoch after folding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConversionError

__all__ = ["Fold", "fold_normalisation"]

_NORMALISATIONS = ("BatchNormalization", "QBatchNormalization")
_LAST_KERNELS = {
    "QDense": "kernel",
    "QConv1D": "kernel",
    "QConv2D": "kernel",
    "QDepthwiseConv2D": "depthwise_kernel",
    "QSeparableConv1D": "pointwise_kernel",
    "QSeparableConv2D": "pointwise_kernel",
}
"""Layers that can absorb a normalisation, and which of their kernels gives the output channels."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """What a layer absorbed: ``scale * x + offset``, arrays of shape (channels,)."""

    layer: str
    normalisation: str
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]


def fold_normalisation(model: Any) -> tuple[Any, tuple[Fold, ...]]:
    """A copy of `model` without batch normalisations, and what each layer absorbed; `model` stays as it is.

    Raises
    ------
    ConversionError
        If a normalisation is not over the channels, which are the last axis, or does not follow a linear QDense or Q convolution
        with a quantised bias that nothing else reads.
    """
    keras = require("keras")
    folds = tuple(_fold(model, layer) for layer in model.layers if type(layer).__name__ in _NORMALISATIONS)
    absorbing = {fold.layer for fold in folds}
    removed = {fold.normalisation for fold in folds}

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name in absorbing:
            # a TimeDistributed holds the configuration of its layer inside its own
            (config["layer"]["config"] if _inside(layer) is not layer else config)["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if layer.name in removed else layer(*arguments, **options)

    folded = keras.models.clone_model(model, clone_function=copy, call_function=call)
    for layer in (item for item in folded.layers if item.weights and item.name not in absorbing):
        layer.set_weights(model.get_layer(layer.name).get_weights())
    for fold in folds:
        _absorb(folded.get_layer(fold.layer), model.get_layer(fold.layer), fold)
    return folded, folds


def _fold(model: Any, normalisation: Any) -> Fold:
    """What the layer before `normalisation` has to absorb."""
    where = f"layer {normalisation.name!r}"
    before: Any = next((layer for layer in model.layers if layer.output is normalisation.input), None)
    inside = _inside(before)
    if type(inside).__name__ not in _LAST_KERNELS or not _is_linear(inside.activation):
        kinds = f"{', '.join(_LAST_KERNELS)} without activation right before it"
        msg = f"{where}: {type(normalisation).__name__} can only be folded into one of {kinds}"
        raise ConversionError(msg)
    readers = [layer.name for layer in model.layers if _reads(layer, before)]
    if len(readers) > 1:
        msg = f"{where}: {before.name!r} is also read by {', '.join(readers)}; its output would change for them"
        raise ConversionError(msg)
    if inside.bias_quantizer_internal is None:
        msg = f"{where}: {before.name!r} has no bias_quantizer, and folding gives it a bias; use quantized_bits(..., alpha=1)"
        raise ConversionError(msg)
    at_zero, at_one = (_at(normalisation, value) for value in (0.0, 1.0))
    if not all(np.array_equal(values, np.broadcast_to(values[0], values.shape)) for values in (at_zero, at_one)):
        msg = f"{where}: {type(normalisation).__name__} over axis {normalisation.axis}; use axis=-1, the channels"
        raise ConversionError(msg)
    return Fold(before.name, normalisation.name, (at_one - at_zero)[0], at_zero[0])


def _at(normalisation: Any, value: float) -> NDArray[np.float64]:
    """What `normalisation` makes of one `value` everywhere, shape (positions, channels).

    Two such points make the straight line, whatever quantisers the normalisation has for its own parameters.
    """
    shape = tuple(1 if length is None else length for length in normalisation.input.shape)
    found = np.asarray(normalisation(np.full(shape, value, np.float32), training=False), np.float64)
    return found.reshape(-1, shape[-1])


def _inside(layer: Any) -> Any:
    """The layer that a TimeDistributed applies, else the layer itself."""
    return layer.layer if type(layer).__name__ == "TimeDistributed" else layer


def _is_linear(activation: Any) -> bool:
    return activation is None or getattr(activation, "__name__", "") == "linear"


def _reads(layer: Any, source: Any) -> bool:
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    return layer is not source and any(item is source.output for item in inputs)


def _absorb(folded: Any, original: Any, fold: Fold) -> None:
    """Give the layer `folded` the weights of `original` after the normalisation."""
    target, source = _inside(folded), _inside(original)
    last = _LAST_KERNELS[type(source).__name__]
    for which in ("depthwise_kernel", "pointwise_kernel", "kernel"):
        kernel = getattr(source, which, None)
        if kernel is not None:
            values = np.asarray(kernel, np.float64)
            # the channels of a depthwise kernel are its last two axes together
            scale = fold.scale.reshape(values.shape[-2:]) if which == "depthwise_kernel" == last else fold.scale
            getattr(target, which).assign(values * scale if which == last else values)
    bias = np.asarray(source.bias, np.float64) if source.use_bias else np.zeros(len(fold.scale))
    target.bias.assign(bias * fold.scale + fold.offset)
