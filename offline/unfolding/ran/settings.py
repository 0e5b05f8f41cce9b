"""Settings of the game that RAN plays."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["GameSettings"]


@dataclass(frozen=True, slots=True)
class GameSettings:
    """A reweighter against a critic.

    Parameters
    ----------
    hidden : tuple of int
        Units of the hidden layers of the reweighter, on top of its quadratic form; empty for the form alone.
    critic : tuple of int
        Units of the hidden layers of the critic; even, because it sorts them in pairs.
    rounds : int
        Steps of the reweighter.
    critic_steps : int
        Steps of the critic before each of them.
    batch : int
        Events of each sample in a step.
    learning_rate, critic_rate : float
        Of Adam, at the start; both fall to zero along half a cosine. A critic that is slower than its
        opponent sees negative distances: the record tells.
    averaged : float
        Last share of the rounds over which the weights of the reweighter are averaged: the game circles its end.
    """

    hidden: tuple[int, ...] = (32, 32)
    critic: tuple[int, ...] = (32, 32)
    rounds: int = 1000
    critic_steps: int = 5
    batch: int = 8192
    learning_rate: float = 3e-3
    critic_rate: float = 1e-2
    averaged: float = 0.3

    def __post_init__(self) -> None:
        counts = (*self.hidden, *self.critic, self.rounds, self.critic_steps, self.batch, self.learning_rate, self.critic_rate)
        if min(counts) <= 0 or not self.critic or any(units % 2 for units in self.critic) or not 0 < self.averaged <= 1:
            msg = f"counts and rates must be positive, units of the critic even, averaged in (0, 1], received {self}"
            raise ConfigError(msg)
