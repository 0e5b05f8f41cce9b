"""How noise is put on data, as a function of time: x_t = mean(t) x_0 + std(t) e, with e standard normal.

The level of the noise is std over mean, sigma in arXiv:2206.00364: two times of equal level of whatever schedules differ by a
factor of x alone, and one network serves all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError

__all__ = ["Noise", "check_steps"]

FloatArray = NDArray[np.float64]

_FIRST = 1e-5
"""Earliest time of a training (arXiv:2011.13456, appendix C)."""

_RHO = 7.0
"""How levels crowd where there is little noise (arXiv:2206.00364, eq. 5)."""


class Noise(ABC):
    """A schedule of noise; times are arrays of any shape, or numbers.

    Time 0 is data. `end` is where drawing begins, `start` what the last time before 0 comes near to with many steps.
    """

    name: ClassVar[str]
    __slots__ = ()

    @property
    @abstractmethod
    def start(self) -> float:
        """Last time before 0 of infinitely many steps."""

    @property
    @abstractmethod
    def end(self) -> float:
        """Latest time."""

    @abstractmethod
    def mean(self, t: Any) -> Any:
        """What data are multiplied with."""

    @abstractmethod
    def std(self, t: Any) -> Any:
        """Width of the noise; 0 at time 0."""

    @abstractmethod
    def drift(self, t: Any) -> Any:
        """f(t), the derivative of ln mean."""

    @abstractmethod
    def diffusion(self, t: Any) -> Any:
        """g(t); its square is the derivative of std squared, less 2 f std squared."""

    @abstractmethod
    def time_of(self, level: Any) -> Any:
        """Time at which noise is of a `level`."""

    def level(self, t: Any) -> Any:
        """Noise over data."""
        return self.std(t) / self.mean(t)

    def quantile(self, share: FloatArray) -> FloatArray:
        """Times of a training: `share`, in (0, 1), of them are earlier. Evenly distributed here."""
        return _FIRST + share * (self.end - _FIRST)

    def weight(self, t: Any) -> Any:
        """Of the squared error of the network at a time, see `Preconditioning`: the same at all of them here."""
        return np.ones_like(t)

    def times(self, steps: int) -> FloatArray:
        """Times of a drawing, shape (steps + 1,), falling from `end` to 0.

        Levels are those of eq. 5 of arXiv:2206.00364, the last of which is 0 here and has one more behind it there: so every
        other time of an even number of steps is a time of half as many.

        Raises
        ------
        ConfigError
            If there is no step.
        """
        check_steps(steps)
        highest, lowest = np.power([self.level(self.end), self.level(self.start)], 1 / _RHO)
        levels = np.power(highest + np.arange(steps) / steps * (lowest - highest), _RHO)
        return np.append(np.minimum(self.time_of(levels), self.end), 0.0)

    def numbers(self) -> dict[str, Any]:
        """Name and parameters, as files have them."""
        return {"name": self.name, **asdict(self)}  # type: ignore[call-overload]  # every one is a dataclass


def check_steps(steps: int) -> None:
    """Refuse a drawing without steps.

    Raises
    ------
    ConfigError
        If there are none.
    """
    if steps < 1:
        msg = f"a drawing takes one step or more, received {steps}"
        raise ConfigError(msg)
