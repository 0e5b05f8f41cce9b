"""Schedule of a training, without the networks."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["Training"]


@dataclass(frozen=True, slots=True)
class Training:
    """Adam, whose learning rate falls to zero along a cosine.

    Parameters
    ----------
    updates : int
        Steps of the optimiser; rounded up to whole passes over the events.
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
