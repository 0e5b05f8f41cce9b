"""Architectures of taggers: each reads words of one schema and gives a logit for each class, in any kind of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import EventSchema
from l1ml.errors import ConfigError, nearest
from l1ml.training.tagger.layers import Layers

__all__ = ["ARCHITECTURES", "Architecture", "architecture_of", "build_tagger"]

ARCHITECTURES: Mapping[str, str] = {name: f"l1ml.training.tagger.{name}" for name in ("deepsets", "dense", "linear", "mixer")}
"""Module of each architecture; its ``ARCHITECTURE`` is one."""


class Architecture(Protocol):
    """One shape of network."""

    def schema(self, config: Any) -> EventSchema:
        """Words that it reads, made of jets by `l1ml.data.jet_words`; `config` is a `TaggerConfig`."""

    def logits(self, x: Any, n_classes: int, config: Any, hidden: tuple[int, ...], layers: Layers) -> Any:
        """Logits (n, n_classes) of scaled words `x` (n, n_features), float tensors of Keras.

        Every number that a kernel of `layers` reads comes from an activation of `layers`, the words included; `hidden` are the
        widths of the dense layers, which differ between a network and its reference in floats.
        """


def architecture_of(name: str) -> Architecture:
    """The architecture called `name`.

    Raises
    ------
    ConfigError
        If there is none, naming the nearest one.
    """
    if name not in ARCHITECTURES:
        msg = f"there is no architecture of taggers {name!r}; {nearest(name, ARCHITECTURES)}"
        raise ConfigError(msg)
    architecture: Architecture = import_module(ARCHITECTURES[name]).ARCHITECTURE
    return architecture


def build_tagger(config: Any, shifts: NDArray[np.int64], n_classes: int, hidden: tuple[int, ...], layers: Layers) -> Any:
    """The Keras model words (n, n_features) -> logits (n, n_classes) of the architecture of `config`.

    Parameters
    ----------
    config : TaggerConfig
        Names the architecture.
    shifts : ndarray of int64, shape (n_features,)
        Powers of two by which the words are scaled down.
    n_classes : int
        Logits.
    hidden : tuple of int
        Widths of the dense layers.
    layers : Layers
        Kind of numbers.
    """
    keras = require("keras")
    inputs = keras.Input((len(shifts),), name="words")
    x = keras.layers.Rescaling([float(2.0**-shift) for shift in shifts], name="shift")(inputs)
    logits = architecture_of(config.architecture).logits(x, n_classes, config, hidden, layers)
    return keras.Model(inputs, logits, name="tagger")
