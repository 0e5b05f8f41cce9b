"""Words of several views of each crossing, drawn once before the training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.training.contrastive.augmentation import reflected, rotated, smeared, turns_of, without_soft_objects
from l1ml.training.contrastive.config import ContrastiveConfig

__all__ = ["draw_views"]


def draw_views(events: Events, config: ContrastiveConfig, rng: np.random.Generator) -> NDArray[np.float32]:
    """Words of ``config.views`` views of each crossing, side by side, shape (n, views, n_features).

    Each is turned by any angle, reflected or not, smeared, and has lost some of its soft objects.
    """
    views = np.empty((events.n, config.views, len(events.schema.features)), np.float32)
    for index in range(config.views):
        views[:, index] = _view(events, config, rng).features()
    return views


def _view(events: Events, config: ContrastiveConfig, rng: np.random.Generator) -> Events:
    turned = rotated(events, rng.integers(turns_of(events), size=events.n))
    measured = smeared(reflected(turned, rng.random(events.n) < 0.5), config.resolution, rng)
    return without_soft_objects(measured, config.soft_pt, config.loss_probability, rng)
