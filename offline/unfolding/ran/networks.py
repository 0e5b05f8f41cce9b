"""The two players of RAN, in Keras: first derivatives only, on any backend."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

from l1ml._optional import require
from l1ml.determinism import fix_sums

__all__ = ["make_critic", "make_reweighter"]

_BJORCK_STEPS = 12


@lru_cache(maxsize=4)
def make_critic(dimension: int, hidden: tuple[int, ...]) -> Any:
    """Critic of scaled reconstructed quantities, compiled; its slope is nowhere more than one.

    Kernels are made orthonormal in every step by the iteration of Björck and Bowie (SIAM J. Numer. Anal. 8 (1971) 358), and
    hidden units sorted in pairs, which keeps the length of gradients (Anil, Lucas, Grosse, arXiv:1811.05381). A penalty on
    gradients would need second derivatives. The target is the weight of each event, positive for data and negative for
    simulation, each of total one; the loss is minus the distance that the critic sees.
    """
    keras = require("keras")
    ops = keras.ops
    fix_sums()

    class Critic(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Dense layers with orthonormal kernels."""

        def __init__(self) -> None:
            super().__init__(name="critic")
            self.kernels = [
                self.add_weight(shape=shape, initializer="zeros", name=f"kernel_{i}")
                for i, shape in enumerate(pairwise((dimension, *hidden, 1)))
            ]
            self.biases = [self.add_weight(shape=(n,), initializer="zeros", name=f"bias_{i}") for i, n in enumerate(hidden)]

        def call(self, scaled: Any) -> Any:
            values = scaled
            for kernel, bias in zip(self.kernels[:-1], self.biases, strict=True):
                pairs = ops.reshape(ops.matmul(values, _orthonormal(ops, kernel)) + bias, (-1, bias.shape[0] // 2, 2))
                larger, smaller = ops.max(pairs, axis=2), ops.min(pairs, axis=2)
                values = ops.concatenate([larger, smaller], axis=1)
            return ops.matmul(values, _orthonormal(ops, self.kernels[-1]))

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,  # noqa: ARG002
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            return -ops.sum(y * y_pred)

    return _compiled(keras, Critic())


@lru_cache(maxsize=4)
def make_reweighter(terms: int, dimension: int, hidden: tuple[int, ...]) -> Any:
    """Reweighter, compiled: ln g is a linear combination of the first `terms` inputs plus a network of the other `dimension`.

    Its target holds the simulated weight, whether it is a true event (fakes have the weight one), and what the critic says of
    the reconstructed event, a constant here. The loss is minus its mean with the weights g, of mean one over true events.
    """
    keras = require("keras")
    ops = keras.ops
    fix_sums()
    shapes = list(pairwise((dimension, *hidden, 1))) if hidden else []

    class Reweighter(keras.Model):  # type: ignore[misc, name-defined]
        """Form and network."""

        def __init__(self) -> None:
            super().__init__(name="reweighter")
            self.form = self.add_weight(shape=(terms, 1), initializer="zeros", name="form")
            self.kernels = [
                self.add_weight(shape=shape, initializer="zeros", name=f"kernel_{i}") for i, shape in enumerate(shapes)
            ]
            self.biases = [
                self.add_weight(shape=shape[1:], initializer="zeros", name=f"bias_{i}") for i, shape in enumerate(shapes)
            ]

        def call(self, inputs: Any) -> Any:
            log_weight, values = ops.matmul(inputs[:, :terms], self.form), inputs[:, terms:]
            for index, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
                values = ops.matmul(ops.silu(values) if index else values, kernel) + bias
            return log_weight + values if shapes else log_weight

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,  # noqa: ARG002
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            share, true, judgement = y[:, :1], y[:, 1:2], y[:, 2:3]
            weight = share * true * ops.exp(y_pred)
            scale = ops.sum(share * true) / ops.sum(weight)
            return -ops.sum((scale * weight + share * (1 - true)) * judgement) / ops.sum(share)

    return _compiled(keras, Reweighter())


def _orthonormal(ops: Any, kernel: Any) -> Any:
    """`kernel` with all singular values one."""
    tall = kernel.shape[0] >= kernel.shape[1]
    matrix = kernel if tall else ops.transpose(kernel)
    # the geometric mean of the two norms bounds the largest singular value, so that the iteration converges
    norms = ops.max(ops.sum(ops.abs(matrix), axis=0)) * ops.max(ops.sum(ops.abs(matrix), axis=1))
    matrix = matrix / ops.sqrt(norms)
    for _ in range(_BJORCK_STEPS):
        matrix = 1.5 * matrix - 0.5 * ops.matmul(matrix, ops.matmul(ops.transpose(matrix), matrix))
    return matrix if tall else ops.transpose(matrix)


def _compiled(keras: Any, model: Any) -> Any:
    # moments of the gradients remember little: the opponent moves on
    # JAX without it runs every operation by itself; TensorFlow has its graph
    model.compile(optimizer=keras.optimizers.Adam(beta_1=0.5), jit_compile=keras.backend.backend() == "jax")
    model.optimizer.build(model.trainable_variables)
    return model
