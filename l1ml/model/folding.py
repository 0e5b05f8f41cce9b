"""A batch normalisation absorbed by the QDense before it, so that firmware has one set of weights.

At inference a normalisation is ``y = scale * x + offset``, element by element. Put into a dense layer that is
``kernel * scale`` and ``bias * scale + offset``, which the quantisers of the dense layer then round: the folded model is another
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


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """What a dense layer absorbed: ``scale * x + offset``, arrays of shape (units,)."""

    dense: str
    normalisation: str
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]


def fold_normalisation(model: Any) -> tuple[Any, tuple[Fold, ...]]:
    """A copy of `model` without batch normalisations, and what each QDense absorbed; `model` stays as it is.

    Raises
    ------
    ConversionError
        If a normalisation does not follow a linear QDense with a quantised bias that nothing else reads.
    """
    keras = require("keras")
    folds = tuple(_fold(model, layer) for layer in model.layers if type(layer).__name__ in _NORMALISATIONS)
    absorbing = {fold.dense for fold in folds}
    removed = {fold.normalisation for fold in folds}

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        return type(layer).from_config({**config, "use_bias": True} if layer.name in absorbing else config)

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if layer.name in removed else layer(*arguments, **options)

    folded = keras.models.clone_model(model, clone_function=copy, call_function=call)
    for layer in (item for item in folded.layers if item.weights):
        weights = model.get_layer(layer.name).get_weights()
        fold = next((item for item in folds if item.dense == layer.name), None)
        layer.set_weights(weights if fold is None else _absorbed(weights, fold))
    return folded, folds


def _fold(model: Any, normalisation: Any) -> Fold:
    """What the layer before `normalisation` has to absorb."""
    where = f"layer {normalisation.name!r}"
    dense: Any = next((layer for layer in model.layers if layer.output is normalisation.input), None)
    if type(dense).__name__ != "QDense" or not _is_linear(dense.activation):
        msg = f"{where}: {type(normalisation).__name__} can only be folded into a QDense without activation right before it"
        raise ConversionError(msg)
    readers = [layer.name for layer in model.layers if _reads(layer, dense)]
    if len(readers) > 1:
        msg = f"{where}: {dense.name!r} is also read by {', '.join(readers)}; its output would change for them"
        raise ConversionError(msg)
    if dense.bias_quantizer_internal is None:
        msg = f"{where}: {dense.name!r} has no bias_quantizer, and folding gives it a bias; use quantized_bits(..., alpha=1)"
        raise ConversionError(msg)
    # two points make the straight line, whatever quantisers the normalisation has for its own parameters
    units = int(dense.units)
    at_zero, at_one = (
        np.asarray(normalisation(np.full((1, units), x, np.float32), training=False), np.float64)[0] for x in (0, 1)
    )
    return Fold(dense.name, normalisation.name, at_one - at_zero, at_zero)


def _is_linear(activation: Any) -> bool:
    return activation is None or getattr(activation, "__name__", "") == "linear"


def _reads(layer: Any, source: Any) -> bool:
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    return layer is not source and any(item is source.output for item in inputs)


def _absorbed(weights: list[NDArray[np.float32]], fold: Fold) -> list[NDArray[np.float64]]:
    """Kernel and bias of the dense layer after the normalisation."""
    kernel, bias = weights if len(weights) == 2 else (weights[0], np.zeros(len(fold.scale)))
    return [kernel * fold.scale, bias * fold.scale + fold.offset]
