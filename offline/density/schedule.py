"""Schedule of a training, without the networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["Training"]


@dataclass(frozen=True, slots=True)
class Training:
    """Adam, whose learning rate falls to zero along a cosine.

    Parameters
    ----------
    updates : int
        Steps of the optimiser.
    batch_size : int
        Events in each.
    learning_rate : float
        At the first step.
    """

    updates: int = 1500
    batch_size: int = 2048
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        if min(self.updates, self.batch_size) < 1 or self.learning_rate <= 0:
            msg = f"updates, batch_size and learning_rate must be positive, received {self}"
            raise ConfigError(msg)

    def rate(self, update: int) -> float:
        """Learning rate of an update, counted from 0."""
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * update / self.updates))

    def batch_of(self, n: int) -> int:
        """Events in an update where there are `n`: `batch_size`, or the largest power of two that fits.

        Bootstraps of a small sample then train on batches of one size, which is traced once.
        """
        return self.batch_size if self.batch_size <= n else 1 << (n.bit_length() - 1)
