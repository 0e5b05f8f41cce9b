"""Sizes and schedules of the networks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["FlowSettings", "Schedule"]


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """Size of a flow.

    Parameters
    ----------
    bins : int
        Bins of each spline, at least two.
    bound : float
        Range of the splines in standard deviations, positive; a Gaussian beyond.
    hidden, layers : int
        Width and number of hidden layers of the network behind each quantity, at least one.
    spline_rate : float
        How much slower everything learns that bends the linear Gaussian start, in (0, 1]. What data hardly constrain stays
        near the start: the regularisation of the method.
    """

    bins: int = 8
    bound: float = 4.0
    hidden: int = 32
    layers: int = 2
    spline_rate: float = 0.1

    def __post_init__(self) -> None:
        if self.bins < 2 or min(self.hidden, self.layers) < 1 or not (self.bound > 0 and 0 < self.spline_rate <= 1):
            msg = (
                "a flow needs at least 2 bins and 1 hidden unit and layer, a positive bound and a spline_rate in (0, 1], "
                f"received {self}"
            )
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a network is trained: Adam, learning rate falling to zero along half a cosine.

    Parameters
    ----------
    steps : int
        Number of steps, at least one.
    batch : int
        Events in each, at least one.
    learning_rate : float
        At the start; positive.
    checks : int
        How often the loss is looked at; where there is a validation sample the best of these, the start included, is kept.
    """

    steps: int = 1000
    batch: int = 8192
    learning_rate: float = 0.01
    checks: int = 10

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.checks) < 1 or not self.learning_rate > 0:
            msg = f"steps, batch, checks and learning_rate must be positive, received {self}"
            raise ConfigError(msg)

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * step / self.steps))

    def batch_of(self, n: int) -> int:
        """Events in a step where there are `n`: `batch`, or the largest power of two that fits.

        Bootstraps of a small sample then train on batches of one size, which is compiled once.
        """
        return self.batch if self.batch <= n else 1 << (n.bit_length() - 1)
