"""Variance, invariance, covariance: two views of a crossing agree, and no feature says what another one says.

Bardes, Ponce and LeCun, arXiv:2105.04906, eq. 1 to 6, with means over crossings weighted by their natural weights. The
invariance is averaged over the dimensions too, as in the paper's algorithm 1: its eq. 5 as printed grows with their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml._optional import require

__all__ = ["Terms", "loss_terms", "make_comparison"]

_SMALLEST_VARIANCE = 1e-4
"""Added to a variance below the root, eq. 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The three terms, scalar tensors; each is zero at best."""

    invariance: Any
    variance: Any
    covariance: Any


def loss_terms(one: Any, other: Any, weight: Any) -> Terms:
    """Terms of two views.

    Parameters
    ----------
    one, other : tensor, shape (n, d)
        Embeddings of the same crossings.
    weight : tensor, shape (n,)
        Natural weights, not negative, of any sum but zero.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([[2.0, 2.0], [-2.0, 2.0], [2.0, -2.0], [-2.0, -2.0]], np.float32)
    >>> terms = loss_terms(z, z, np.ones(4, np.float32))
    >>> [float(term) for term in (terms.invariance, terms.variance, terms.covariance)]
    [0.0, 0.0, 0.0]
    """
    ops = require("keras").ops
    share = weight / ops.sum(weight)
    distance = ops.sum(share * ops.mean(ops.square(one - other), axis=-1))
    spreads, covariances = zip(*(_spread_and_covariance(view, share) for view in (one, other)), strict=True)
    return Terms(distance, sum(spreads), sum(covariances))


def _spread_and_covariance(view: Any, share: Any) -> tuple[Any, Any]:
    """How far the standard deviations are below one (eq. 1), and the squares of the covariances (eq. 4)."""
    ops = require("keras").ops
    centred = view - ops.sum(share[:, None] * view, axis=0)
    # n / (n - 1) where all weights are equal
    unbiased = 1.0 / ops.maximum(1.0 - ops.sum(ops.square(share)), 1e-6)
    matrix = unbiased * ops.matmul(ops.transpose(share[:, None] * centred), centred)
    diagonal, n_dimensions = ops.diagonal(matrix), view.shape[-1]
    spread = ops.mean(ops.relu(1.0 - ops.sqrt(diagonal + _SMALLEST_VARIANCE)))
    return spread, (ops.sum(ops.square(matrix)) - ops.sum(ops.square(diagonal))) / n_dimensions


def make_comparison(extractor: Any, projector: Any, *, weights: tuple[float, float, float], seed: int) -> Any:
    """Trainable Keras model of `extractor` and `projector`.

    It reads views (n, views, n_features) and has no target. Each batch compares two of the views, drawn anew; validation always
    the first two. `weights` are those of invariance, variance and covariance.
    """
    keras = require("keras")
    ops = keras.ops

    class Comparison(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Two views, their embeddings side by side."""

        def __init__(self) -> None:
            super().__init__(name="comparison")
            self.extractor, self.projector = extractor, projector
            self.draws = keras.random.SeedGenerator(seed)

        def call(self, views: Any, training: bool = False) -> Any:
            first, second = self._pair(views.shape[1]) if training else (0, 1)
            both = ops.concatenate([ops.take(views, index, axis=1) for index in (first, second)], axis=0)
            embedded = self.projector(self.extractor(both, training=training), training=training)
            return ops.concatenate(ops.split(embedded, 2, axis=0), axis=-1)

        def _pair(self, n_views: int) -> tuple[Any, Any]:
            first = keras.random.randint((), 0, n_views, seed=self.draws)
            step = keras.random.randint((), 1, n_views, seed=self.draws)
            return first, (first + step) % n_views

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,  # noqa: ARG002
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            one, other = ops.split(y_pred, 2, axis=-1)
            terms = loss_terms(one, other, sample_weight)
            return weights[0] * terms.invariance + weights[1] * terms.variance + weights[2] * terms.covariance

    return Comparison()
