"""An ensemble of small networks trained as one, in Keras."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.determinism import fix_sums
from offline.unfolding.ratio.log_ratio import Layers

__all__ = ["compiled_members", "initial_layers", "layers_of", "load", "make_members"]


def initial_layers(dimension: int, hidden: tuple[int, ...], members: int, rng: np.random.Generator) -> Layers:
    """Random hidden layers with unit gain (LeCun), and a last one of zeros: the ensemble starts as a ratio of one."""
    sizes = (dimension, *hidden, 1)
    layers = []
    for index, (inputs, outputs) in enumerate(pairwise(sizes)):
        last = index == len(hidden)
        kernel = rng.normal(0.0, 0.0 if last else inputs**-0.5, (members, inputs, outputs)).astype(np.float32)
        # SiLU halves what goes through it, and biases spread where the members bend
        bias = np.zeros((members, 1, outputs)) if last else rng.uniform(-1.0, 1.0, (members, 1, outputs))
        layers.append((kernel if index == 0 else 1.7 * kernel, bias))
    return tuple((np.asarray(kernel, dtype=np.float32), bias.astype(np.float32)) for kernel, bias in layers)


@lru_cache(maxsize=8)
def make_members(dimension: int, hidden: tuple[int, ...], members: int) -> Any:
    """Classifiers, as `compiled_members` makes them; kept, so that the next fit need not compile again.

    The target is (n, 3): weight in the numerator, weight in both, and the part of the logit that is there already. The loss is
    the weighted binary cross-entropy from logits, summed over the members, per event.
    """
    ops = require("keras").ops

    def loss(target: Any, output: Any) -> Any:
        numerator, both, offset = ops.split(target, 3, axis=-1)
        logit = offset + output
        return ops.mean(ops.sum(both * ops.softplus(logit) - numerator * logit, axis=-1))

    return compiled_members(dimension, hidden, members, loss)


def compiled_members(dimension: int, hidden: tuple[int, ...], members: int, loss: Callable[[Any, Any], Any]) -> Any:
    """Trainable Keras model of `members` networks side by side, compiled, all weights zero.

    Parameters
    ----------
    dimension : int
        Number of scaled quantities that it reads.
    hidden : tuple of int
        Units of the hidden layers; SiLU between the layers, one output for each member.
    members : int
        How many.
    loss : callable
        Of targets, shape (n, any), and outputs, shape (n, members).
    """
    keras = require("keras")
    ops = keras.ops
    fix_sums()
    sizes = (dimension, *hidden, 1)

    class Members(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Layers with a leading axis for the members."""

        def __init__(self) -> None:
            super().__init__(name="members")
            shapes = [shape for a, b in pairwise(sizes) for shape in ((members, a, b), (members, 1, b))]
            self.parameters = [self.add_weight(shape=shape, initializer="zeros", name=f"p{i}") for i, shape in enumerate(shapes)]

        def call(self, scaled: Any) -> Any:
            values = ops.expand_dims(scaled, 0)
            for index in range(0, len(self.parameters), 2):
                values = ops.matmul(ops.silu(values) if index else values, self.parameters[index]) + self.parameters[index + 1]
            return ops.transpose(values[..., 0])

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,  # noqa: ARG002
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            return loss(y, y_pred)

    model = Members()
    # JAX without it runs every operation by itself; TensorFlow has its graph
    model.compile(optimizer=keras.optimizers.Adam(), jit_compile=keras.backend.backend() == "jax")
    model.optimizer.build(model.trainable_variables)
    return model


def load(model: Any, layers: Layers) -> None:
    """Start `model` from `layers`, with an optimiser that remembers nothing."""
    model.set_weights([array for layer in layers for array in layer])
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape))


def layers_of(model: Any) -> Layers:
    """Present weights of `model`, copied."""
    weights = [np.array(weight, dtype=np.float32) for weight in model.get_weights()]
    return tuple(zip(weights[::2], weights[1::2], strict=True))
