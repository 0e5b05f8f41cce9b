"""Settings of the network that AUSSIE trains."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["NetworkSettings"]


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What is learned on top of a quadratic ln w.

    Parameters
    ----------
    hidden : tuple of int
        Units of the hidden layers; empty for the quadratic form alone.
    epochs : int
        Passes over the training part; the learning rate falls to zero along half a cosine over all of them.
    batch : int
        Events in a step; the loss looks at all pairs of them.
    learning_rate : float
        Of Adam, at the start.
    members : int
        Networks with different starts, trained together on one kernel matrix; their weights are averaged.
    penalty : float
        Times the mean square of the network's ln w, added to the loss. What the detector smears to less than about the square
        root of this stays with the quadratic form: there the data say nothing.
    validation : float
        Share of the events, by identity, that decides whether the networks are kept; in (0, 1).
    significance : float
        By how many standard deviations they must lower the loss there.
    """

    hidden: tuple[int, ...] = (64, 64)
    epochs: int = 4
    batch: int = 4096
    learning_rate: float = 2e-3
    members: int = 1
    penalty: float = 1e-4
    validation: float = 0.2
    significance: float = 2.0

    def __post_init__(self) -> None:
        positive = (*self.hidden, self.epochs, self.batch - 1, self.members, self.learning_rate)
        if min(positive) <= 0 or not 0 < self.validation < 1 or self.penalty < 0:
            msg = f"counts and learning_rate must be positive, penalty not negative, validation in (0, 1), received {self}"
            raise ConfigError(msg)
