"""How a generator is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from l1ml.errors import ConfigError

__all__ = ["CascadeSettings", "Schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Sizes and training of one network: Adam, a rate that falls to zero on half a cosine.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the hidden layers.
    epochs : int
        Passes over the showers.
    batch : int
        Showers of one update.
    learning_rate : float
        The first one.

    Raises
    ------
    ConfigError
        If a number is none.
    """

    hidden: tuple[int, ...]
    epochs: int
    batch: int
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        if not self.hidden or min(*self.hidden, self.epochs, self.batch) < 1 or not 0 < self.learning_rate < 1:
            msg = (
                f"a training has hidden layers, epochs and a batch of 1 or more and a learning rate in (0, 1), received "
                f"{list(self.hidden)}, {self.epochs}, {self.batch} and {self.learning_rate}"
            )
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class CascadeSettings:
    """Settings of a `Cascade`.

    Parameters
    ----------
    flow, rings : Schedule
        The flow of layers, and the law of rings.
    steps : int
        Of the integration of the flow.
    held_out : float
        Share of the showers that only decide whether the flow is of use, in (0, 0.5].
    seed : int
        Root of the random numbers.

    Raises
    ------
    ConfigError
        If a number is none.
    """

    flow: Schedule = field(default_factory=lambda: Schedule((256, 256, 256), 60, 500))
    rings: Schedule = field(default_factory=lambda: Schedule((256, 256), 30, 200))
    steps: int = 8
    held_out: float = 0.1
    seed: int = 1

    def __post_init__(self) -> None:
        if self.steps < 1 or not 0 < self.held_out <= 0.5 or not 0 <= self.seed < 2**31:
            msg = (
                "a flow has one step or more, held_out is in (0, 0.5] and a seed has 31 bits, received "
                f"{self.steps}, {self.held_out} and {self.seed}"
            )
            raise ConfigError(msg)
