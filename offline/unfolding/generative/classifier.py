"""Probabilities as a function of an event: efficiency, share of true events, and density ratios."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from offline.unfolding.generative.schedule import Training
from offline.unfolding.generative.training import Learner
from offline.unfolding.sample import BoolArray, FloatArray

keras = require("keras")
ops = keras.ops

__all__ = ["Logit", "fit_logit", "sigmoid"]


class LogitNetwork(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A small multi-layer perceptron; its loss is the cross-entropy."""

    n_noise = n_drawn = 1

    def __init__(self, n_inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        layers = [keras.layers.Dense(width, activation="silu") for width in widths]
        self.score = keras.Sequential([keras.Input((n_inputs,)), *layers, keras.layers.Dense(1)])
        self.built = True

    def event_loss(self, inputs: Any, label: Any) -> Any:
        logit = self.score(inputs)
        return ops.squeeze(ops.softplus(logit) - label * logit, axis=-1)

    def transport(self, noise: Any, inputs: Any) -> Any:  # noqa: ARG002 - a logit needs none
        return self.score(inputs)


class Logit:
    """A fitted classifier: call it for the logit of each row, shape (n,)."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def __call__(self, inputs: FloatArray) -> FloatArray:
        """Logit of the probability of the label, shape (n,)."""
        return self._learner.draw(inputs, 1, np.random.default_rng(0))[:, 0]


def fit_logit(inputs: FloatArray, label: BoolArray, weight: FloatArray, settings: Training, seed: int) -> Logit:
    """Classifier of `label` by `inputs`, in the proportion that the weights of the two classes have."""
    keras.utils.set_random_seed(seed)
    learner = Learner(LogitNetwork(inputs.shape[1], (32, 32)))
    learner.train([inputs, label[:, None].astype(np.float64)], weight, settings, seed)
    return Logit(learner)


def sigmoid(logit: FloatArray) -> FloatArray:
    """Probability of a logit."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logit)))
