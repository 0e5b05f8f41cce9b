"""Layers of Keras: losses that use joint likelihood ratios and joint scores (arXiv:1805.00020, arXiv:1808.00973)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l1ml._optional import require
from offline.inference.gold.settings import LOSSES, GoldNetwork
from offline.inference.networks.members import MemberPerceptron

keras = require("keras")
ops = keras.ops

__all__ = ["GoldLoss", "ScoreLoss"]

_MOST = 10.0
"""Largest logarithm of a ratio in squared errors: one event must not rule."""


class GoldLoss(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Networks of log p(x | theta) over a reference density; they start from 0.

    Parameters
    ----------
    settings : GoldNetwork
        Loss and sizes.
    n_parameters, n_inputs : int
        Columns of theta and x.
    seeds : sequence of int
        One for each member.
    """

    def __init__(self, settings: GoldNetwork, n_parameters: int, n_inputs: int, seeds: Sequence[int]) -> None:
        super().__init__()
        self.logit = MemberPerceptron(n_parameters + n_inputs, settings.widths, 1, seeds)
        self.loss, self.score_weight = LOSSES[settings.loss], settings.score_weight
        self.n_noise, self.n_drawn = n_parameters, self.logit.members
        self.built = True

    def event_loss(self, theta: Any, x: Any, labels: Any, importance: Any) -> Any:
        """Loss of each event for each member, shape (n, members).

        Labels are those of `Gold` side by side: 1 for events made at theta and 0 for those of the reference, ratio, score.
        """
        drawn, log_ratio, score = labels[:, :1], labels[:, 1:2], labels[:, 2:]
        ratio_loss = {"label": _label_loss, "soft": _soft_loss, "square": _square_loss}[self.loss.ratio]
        if not self.loss.score:
            return ratio_loss(self.transport(theta, x), drawn, log_ratio) * importance
        both = ops.concatenate([theta, x], axis=1)
        logit, slopes = self.logit.with_slopes(both, self.n_noise)
        # slopes have the axes (members, parameters, events, 1)
        wrong = ops.sum(ops.square(slopes[..., 0] - ops.transpose(score)[None]), axis=1)
        # the mean of the joint score is the score only over events that theta made
        told = self.score_weight * ops.transpose(wrong) * drawn
        return (ratio_loss(ops.transpose(logit[..., 0]), drawn, log_ratio) + told) * importance

    def transport(self, theta: Any, x: Any) -> Any:
        """The logarithm of the ratio, shape (n, members)."""
        return ops.transpose(self.logit(ops.concatenate([theta, x], axis=1))[..., 0])


class ScoreLoss(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Networks of the score at one point, whose loss is the squared error of the joint score.

    Parameters
    ----------
    widths : tuple of int
        Hidden layers.
    n_parameters, n_inputs : int
        Columns of the score and of x.
    seeds : sequence of int
        One for each member.
    """

    def __init__(self, widths: tuple[int, ...], n_parameters: int, n_inputs: int, seeds: Sequence[int]) -> None:
        super().__init__()
        self.score = MemberPerceptron(n_inputs, widths, n_parameters, seeds)
        self.n_noise, self.n_drawn = n_inputs, n_parameters * self.score.members
        self.built = True

    def event_loss(self, x: Any, score: Any, importance: Any) -> Any:
        """Shape (n, members)."""
        wrong = ops.sum(ops.square(self.score(x) - score[None]), axis=2)
        return ops.transpose(wrong) * importance

    def transport(self, x: Any, _none: Any) -> Any:
        """Scores of all members side by side, shape (n, members * d)."""
        found = self.score(x)
        return ops.reshape(ops.transpose(found, (1, 0, 2)), (-1, self.n_drawn))


def _label_loss(logit: Any, drawn: Any, _log_ratio: Any) -> Any:
    """Cross-entropy of which of the two made the event."""
    return ops.softplus(logit) - drawn * logit


def _soft_loss(logit: Any, _drawn: Any, log_ratio: Any) -> Any:
    """The same with the probability that the joint ratio says, in place of what came of it."""
    return ops.softplus(logit) - ops.sigmoid(log_ratio) * logit


def _square_loss(logit: Any, drawn: Any, log_ratio: Any) -> Any:
    """Squared error of the ratio for events of the reference, of its inverse for those of theta."""
    sign = 1 - 2 * drawn
    found, true = (ops.exp(ops.clip(sign * values, -_MOST, _MOST)) for values in (logit, log_ratio))
    return ops.square(found - true)
