"""What the networks on constituents share: words slot by slot, layers on each constituent, their mean, a head."""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from l1ml.data.constituent_words import constituents_schema
from l1ml.errors import ConfigError
from l1ml.training.tagger.layers import Layers

__all__ = ["constituents_of", "head", "mean", "rectified", "widths_of"]


def widths_of(config: Any, least: int) -> tuple[int, ...]:
    """The widths on every constituent, ``config.embedding``.

    Raises
    ------
    ConfigError
        If there are fewer than `least`.
    """
    widths: tuple[int, ...] = config.embedding
    if len(widths) < least:
        msg = f"embedding = {list(widths)}: architecture {config.architecture!r} needs {least} widths at least"
        raise ConfigError(msg)
    return widths


def constituents_of(x: Any, slots: int, layers: Layers) -> Any:
    """Scaled words (n, words of all slots) as (n, slots, words of one), on a grid that is the same in every slot."""
    n_fields = len(constituents_schema(slots).objects[0].fields)
    return layers.activation(require("keras").layers.Reshape((slots, n_fields), name="constituents")(x), "grid", signed=True)


def rectified(x: Any, widths: tuple[int, ...], layers: Layers, prefix: str) -> Any:
    """`x` after dense layers of `widths`, each with a rectifier, on the last axis."""
    for index, width in enumerate(widths):
        x = layers.activation(layers.dense(x, width, f"{prefix}_{index}"), f"{prefix}_{index}_relu")
    return x


def mean(x: Any, layers: Layers, name: str, *, keepdims: bool = False) -> Any:
    """Mean of rectified `x`, shape (n, slots, width), over the slots, rounded once.

    Raises
    ------
    ConfigError
        If the number of slots is no power of two, whose reciprocal is a shift.
    """
    slots = int(x.shape[1])
    if slots & (slots - 1):
        msg = f"the mean of {slots} constituents is no shift; use a power of two: 8, 16 or 32"
        raise ConfigError(msg)
    return layers.activation(require("keras").layers.GlobalAveragePooling1D(keepdims=keepdims, name=f"{name}_mean")(x), name)


def head(x: Any, hidden: tuple[int, ...], n_classes: int, layers: Layers) -> Any:
    """Logits (n, n_classes) of `x`, shape (n, width)."""
    return layers.dense(rectified(x, hidden, layers, "head"), n_classes, "logits")
