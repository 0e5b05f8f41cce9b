"""Networks of ratios: logits of pairs, and the losses that make them logarithms of ratios."""

from __future__ import annotations

import math
from typing import Any

from l1ml._optional import require
from offline.inference.networks.settings import RatioNetwork

keras = require("keras")
ops = keras.ops

__all__ = ["ratio_network"]


def ratio_network(settings: RatioNetwork, n_parameters: int, n_inputs: int, seed: int) -> Any:
    """Network of the logarithm of p(x | theta) / p(x), not yet trained; it starts from 0."""
    keras.utils.set_random_seed(seed)
    theta, x = keras.Input((n_parameters,)), keras.Input((n_inputs,))
    hidden = keras.layers.Concatenate()([theta, x])
    for width in settings.widths:
        hidden = keras.layers.Dense(width, activation="silu")(hidden)
    logit = keras.Model([theta, x], keras.layers.Dense(1, kernel_initializer="zeros")(hidden))
    return (
        ContrastiveRatio(logit, n_parameters, settings.contrasts, settings.gamma)
        if settings.contrasts
        else BinaryRatio(logit, n_parameters)
    )


class BinaryRatio(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Pairs of a simulation against pairs of which the parameters are another one's (arXiv:1903.04057)."""

    def __init__(self, logit: Any, n_parameters: int) -> None:
        super().__init__()
        self.logit, self.n_drawn, self.n_noise = logit, 1, n_parameters
        self.built = True

    def event_loss(self, theta: Any, x: Any) -> Any:
        """Cross-entropy of one pair of each kind; the other parameters are those of the next row of the batch."""
        joint, apart = self.logit([theta, x]), self.logit([ops.roll(theta, 1, axis=0), x])
        return (ops.softplus(-joint) + ops.softplus(apart))[:, 0]

    def transport(self, theta: Any, x: Any) -> Any:
        """The logarithm of the ratio, shape (n, 1)."""
        return self.logit([theta, x])


class ContrastiveRatio(BinaryRatio):
    """NRE-C (arXiv:2210.06170): which of K parameters made x, or none of them; the ratio has no unknown factor.

    Parameters
    ----------
    logit : keras.Model
        Of (theta, x).
    n_parameters : int
        Columns of theta.
    contrasts : int
        K.
    gamma : float
        How much likelier one of them is than none.
    """

    def __init__(self, logit: Any, n_parameters: int, contrasts: int, gamma: float) -> None:
        super().__init__(logit, n_parameters)
        self.contrasts, self.gamma = contrasts, gamma

    def event_loss(self, theta: Any, x: Any) -> Any:
        """Equation 9 of the paper, with the parameters of the next K rows of the batch."""
        logits = [self.logit([ops.roll(theta, shift, axis=0), x]) for shift in range(self.contrasts + 1)]
        with_joint, apart = ops.concatenate(logits[:-1], axis=1), ops.concatenate(logits[1:], axis=1)
        none, prefer = math.log(self.contrasts), math.log(self.gamma)
        one = logits[0][:, 0] + prefer - self._total(with_joint, none, prefer)
        no = none - self._total(apart, none, prefer)
        return -(self.gamma * one + no) / (1 + self.gamma)

    def _total(self, logits: Any, none: float, prefer: float) -> Any:
        """Logarithm of K + gamma times the sum of the ratios."""
        return ops.logaddexp(ops.logsumexp(logits, axis=1) + prefer, ops.full_like(logits[:, 0], none))
