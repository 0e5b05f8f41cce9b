"""A network in floats: the same layers without their quantisers, to say what the quantisers cost."""

from __future__ import annotations

from typing import Any, Protocol

from l1ml._optional import require
from l1ml.data import Events
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress

__all__ = ["HasFloatTwin", "float_twin"]


class HasFloatTwin(Protocol):
    """A family that can train the network of a recipe in floats, or what a network is distilled from."""

    def float_scorer(self, events: Events, config: Any, *, progress: Progress = SILENT) -> Any:
        """Keras model from words (n, n_features) to the scores (n, n_outputs), trained without quantisers and without pruning.

        Layers, split, seed, schedule, initial weights and order of the batches are those of `Family.train`; bits that are
        learned are none to learn. A teacher has its own layers.
        """


def float_twin(model: Any) -> Any:
    """`model` with plain layers in place of those of QKeras and the same initial weights; nothing is rounded, nothing saturates.

    A rectifier stays one. Names of layers stay, masks of pruning do not.

    Parameters
    ----------
    model : keras.Model
        Not trained yet; of dense layers and activations of QKeras, and of any layers of Keras.

    Raises
    ------
    ConfigError
        If a layer of QKeras is of another kind.
    """
    twin = require("keras").models.clone_model(model, clone_function=_plain)
    twin.set_weights(model.get_weights())
    return twin


def _plain(layer: Any) -> Any:
    keras, qkeras = require("keras"), require("qkeras")
    if isinstance(layer, qkeras.QDense):
        return keras.layers.Dense(
            layer.units, activation=layer.activation, use_bias=layer.use_bias, name=layer.name, trainable=layer.trainable
        )
    if isinstance(layer, qkeras.QActivation):
        kind = "relu" if isinstance(layer.activation, qkeras.quantized_relu) else "linear"
        return keras.layers.Activation(kind, name=layer.name)
    if type(layer).__module__.startswith("qkeras"):
        msg = f"layer {layer.name!r} is a {type(layer).__name__}; a float twin is made of QDense and QActivation"
        raise ConfigError(msg)
    return layer.__class__.from_config(layer.get_config())
