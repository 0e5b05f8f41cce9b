"""Networks of ratios: logits of pairs, and the losses that make them logarithms of ratios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from l1ml._optional import require
from offline.inference.networks.members import MemberPerceptron
from offline.inference.networks.settings import RatioNetwork

keras = require("keras")
ops = keras.ops

__all__ = ["ratio_network"]


def ratio_network(settings: RatioNetwork, n_parameters: int, n_inputs: int, seeds: Sequence[int]) -> Any:
    """Networks of the logarithm of p(x | theta) / p(x), not yet trained, one for each of `seeds`; they start from 0."""
    logit = MemberPerceptron(n_parameters + n_inputs, settings.widths, 1, seeds)
    return (
        ContrastiveRatio(logit, n_parameters, settings.contrasts, settings.gamma)
        if settings.contrasts
        else BinaryRatio(logit, n_parameters)
    )


class BinaryRatio(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Pairs of a simulation against pairs of which the parameters are another one's (arXiv:1903.04057)."""

    def __init__(self, logit: MemberPerceptron, n_parameters: int) -> None:
        super().__init__()
        self.logit, self.n_drawn, self.n_noise = logit, logit.members, n_parameters
        self.built = True

    def event_loss(self, theta: Any, x: Any, importance: Any) -> Any:
        """Cross-entropy of one pair of each kind; the other parameters are those of the next row of the batch.

        Shape (n, members), as the importance of each event to each member.
        """
        both = self.transport(ops.concatenate([theta, ops.roll(theta, 1, axis=0)]), ops.concatenate([x, x]))
        joint, apart = ops.split(both, 2)
        return (ops.softplus(-joint) + ops.softplus(apart)) * importance

    def transport(self, theta: Any, x: Any) -> Any:
        """The logarithm of the ratio, shape (n, members)."""
        return ops.transpose(self.logit(ops.concatenate([theta, x], axis=1))[..., 0])


class ContrastiveRatio(BinaryRatio):
    """NRE-C (arXiv:2210.06170): which of K parameters made x, or none of them; the ratio has no unknown factor.

    Parameters
    ----------
    logit : MemberPerceptron
        Of theta and x.
    n_parameters : int
        Columns of theta.
    contrasts : int
        K.
    gamma : float
        How much likelier one of them is than none.
    """

    def __init__(self, logit: MemberPerceptron, n_parameters: int, contrasts: int, gamma: float) -> None:
        super().__init__(logit, n_parameters)
        self.contrasts, self.gamma = contrasts, gamma

    def event_loss(self, theta: Any, x: Any, importance: Any) -> Any:
        """Equation 9 of the paper, with the parameters of the next K rows of the batch; shape (n, members)."""
        logits = ops.stack([self.transport(ops.roll(theta, shift, axis=0), x) for shift in range(self.contrasts + 1)])
        none, prefer = math.log(self.contrasts), math.log(self.gamma)
        one = logits[0] + prefer - self._total(logits[:-1], none, prefer)
        no = none - self._total(logits[1:], none, prefer)
        return -(self.gamma * one + no) / (1 + self.gamma) * importance

    def _total(self, logits: Any, none: float, prefer: float) -> Any:
        """Logarithm of K + gamma times the sum of the ratios."""
        return ops.logaddexp(ops.logsumexp(logits, axis=0) + prefer, ops.full_like(logits[0], none))
