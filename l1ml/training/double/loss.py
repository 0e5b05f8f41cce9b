"""Loss of two scores: both reconstruction errors and the distance correlation between them, as in arXiv:2111.06417, eq. 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.data import Events
from l1ml.training.distance_correlation import distance_correlation_squared
from l1ml.training.double.config import DoubleConfig
from l1ml.training.fitting import Arrays

__all__ = ["double_loss", "whole_batches"]


def double_loss(config: DoubleConfig, n_places: int) -> Any:
    """Loss (batch,) of natural weights (batch, 1) and scores (batch, 2) of exactly `config.batch_size` crossings.

    The same number stands at every crossing: a distance correlation is a property of the batch.
    """
    ops, n = require("keras").ops, config.batch_size

    def loss(weight: Any, scores: Any) -> Any:
        weight, scores = ops.reshape(weight, (n,)), ops.reshape(scores, (n, 2))
        total = ops.sum(weight[:, None] * scores) / (n_places * ops.sum(weight))
        if config.decorrelation:
            total += config.decorrelation * distance_correlation_squared(scores[:, 0], scores[:, 1], weight)
        return ops.broadcast_to(total, (n,))

    return loss


def whole_batches(events: Events, size: int) -> Arrays:
    """Words, natural weights, and ones: crossings of no weight fill the last batch up, dealt out evenly over all batches."""
    n_batches = -(-events.n // size)
    weight = np.zeros(n_batches * size)
    weight[: events.n] = events.weight / events.weight.mean()
    order = np.arange(weight.size).reshape(size, n_batches).T.ravel()
    words = events.features()[order % events.n].astype(np.float32)
    return words, weight[order, None].astype(np.float32), np.ones(weight.size, np.float32)
