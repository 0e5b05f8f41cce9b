"""An ensemble of small networks trained as one, in Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.determinism import fix_sums
from offline.unfolding.ratio.architecture import Architecture
from offline.unfolding.ratio.layers import Layers

__all__ = ["compiled_members", "layers_of", "load", "make_members"]


@lru_cache(maxsize=8)
def make_members(architecture: Architecture) -> Any:
    """Classifiers, as `compiled_members` makes them; kept, so that the next fit need not compile again.

    The target is (n, 3): weight in the numerator, weight in both, and the part of the logit that is there already. The loss is
    the weighted binary cross-entropy from logits, summed over the members, per event.
    """
    ops = require("keras").ops

    def loss(target: Any, output: Any) -> Any:
        numerator, both, offset = ops.split(target, 3, axis=-1)
        logit = offset + output
        return ops.mean(ops.sum(both * ops.softplus(logit) - numerator * logit, axis=-1))

    return compiled_members(architecture, loss)


def compiled_members(architecture: Architecture, loss: Callable[[Any, Any], Any]) -> Any:
    """Trainable Keras model of the networks, compiled, all weights zero; it reads what `Embedding.flat` gives, or quantities.

    Parameters
    ----------
    architecture : Architecture
        Sizes.
    loss : callable
        Of targets, shape (n, any), and outputs, shape (n, members).
    """
    keras = require("keras")
    ops = keras.ops
    fix_sums()
    dimension, members, depth = architecture.dimension, architecture.members, len(architecture.phi)

    class Members(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Layers with a leading axis for the members."""

        def __init__(self) -> None:
            super().__init__(name="members")
            shapes = [shape for kernel in architecture.shapes for shape in (kernel, (members, 1, kernel[2]))]
            self.parameters = [self.add_weight(shape=shape, initializer="zeros", name=f"p{i}") for i, shape in enumerate(shapes)]

        def call(self, flat: Any) -> Any:
            values = ops.expand_dims(flat[:, :dimension], 0)
            if depth:
                sums = _sums(architecture, flat[:, dimension:], self.parameters)
                values = ops.concatenate([ops.repeat(values, members, axis=0), sums], axis=-1)
            return ops.transpose(_chain(values, self.parameters[2 * depth :])[..., 0])

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


def _sums(architecture: Architecture, flat: Any, parameters: Sequence[Any]) -> Any:
    """Of the outputs for all objects of an event, each with its share, which is zero for an empty slot."""
    ops = require("keras").ops
    slots = ops.reshape(flat, (-1, architecture.inputs + 1))
    each = _chain(ops.expand_dims(slots[:, :-1], 0), parameters[: 2 * len(architecture.phi)])
    each = ops.silu(each) * slots[:, -1:]
    return ops.sum(ops.reshape(each, (architecture.members, -1, architecture.slots, architecture.objects[-1])), axis=2)


def _chain(values: Any, parameters: Sequence[Any]) -> Any:
    """Dense layers with an axis for the members: kernel and bias in turn, SiLU between them."""
    ops = require("keras").ops
    for index in range(0, len(parameters), 2):
        values = ops.matmul(ops.silu(values) if index else values, parameters[index]) + parameters[index + 1]
    return values


def load(model: Any, layers: Layers) -> None:
    """Start `model` from `layers`, with an optimiser that remembers nothing."""
    model.set_weights([array for layer in layers for array in layer])
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape))


def layers_of(model: Any) -> Layers:
    """Present weights of `model`, copied."""
    weights = [np.array(weight, dtype=np.float32) for weight in model.get_weights()]
    return tuple(zip(weights[::2], weights[1::2], strict=True))
