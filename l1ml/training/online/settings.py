"""What decides a flow that is trained on a stream: its quantities, its size and its schedule."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from l1ml.errors import ConfigError

__all__ = ["OnlineSettings", "Quantity"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that each event has, and the range in which its density is kept.

    Parameters
    ----------
    name : str
        Such as ``mass``.
    low, high : float
        Ends of the range; events beyond are counted and not learned.
    """

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse an empty range."""
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            msg = f"the range of {self.name!r} needs two numbers, the smaller one first; received {self.low} and {self.high}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class OnlineSettings:
    """Size and schedule.

    Parameters
    ----------
    members : int
        Flows that see each event as often as a Poisson number of mean one says, beside the one that sees it once; at least two.
    bins : int
        Bins of the spline of each quantity.
    hidden : int
        Width of the hidden layer that makes the spline of a quantity depend on the quantities before it.
    buffer : int
        Events that are held at once; they are learned, then forgotten. A multiple of `batch`.
    batch : int
        Events of one step.
    passes : int
        How often the events of a buffer are learned.
    learning_rate : float
        Of Adam, at the start.
    decay : float
        Buffers after which the learning rate begins to fall, as one over the root of their number.
    tail : float
        Weights of the flow are the mean of those after each buffer, in which buffer t has a weight of about t to this power.
    seed : int
        Root of all random numbers.
    """

    members: int = 10
    bins: int = 32
    hidden: int = 32
    buffer: int = 10_000
    batch: int = 1000
    passes: int = 4
    learning_rate: float = 0.003
    decay: float = 30.0
    tail: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        least = {"members": 2, "bins": 2, "hidden": 1, "buffer": 1, "batch": 1, "passes": 1, "seed": 0, "tail": 0}
        for name, low in least.items():
            if getattr(self, name) < low:
                msg = f"{name} is {low} or more, received {getattr(self, name)}"
                raise ConfigError(msg)
        for name in ("learning_rate", "decay"):
            if not getattr(self, name) > 0:
                msg = f"{name} is above zero, received {getattr(self, name)}"
                raise ConfigError(msg)
        if self.buffer % self.batch:
            msg = f"a buffer holds whole batches, received {self.buffer} events and batches of {self.batch}"
            raise ConfigError(msg)

    def rate(self, buffers: int) -> float:
        """Learning rate after so many buffers: falls slowly enough that the mean of the weights forgets the start."""
        return self.learning_rate / sqrt(max(1.0, buffers / self.decay))

    def share(self, buffers: int) -> float:
        """Share of the present weights in their mean after `buffers` buffers (Shamir and Zhang, arXiv:1212.1824, section 4)."""
        return (self.tail + 1) / (buffers + self.tail)
