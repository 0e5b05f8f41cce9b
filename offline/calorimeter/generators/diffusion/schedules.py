"""Schedules of noise by name.

Three are stochastic differential equations dx = f(t) x dt + g(t) dw of arXiv:2011.13456, one is that of arXiv:2206.00364 (EDM),
and one the straight path of conditional flow matching (arXiv:2210.02747), by which it is a diffusion like the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, nearest
from offline.calorimeter.generators.diffusion.noise import Noise, check_steps

__all__ = ["NOISES", "Edm", "StraightPath", "SubVariancePreserving", "VarianceExploding", "VariancePreserving", "noise_from"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VariancePreserving(Noise):
    """dx = -beta x / 2 dt + sqrt(beta) dw with beta rising along a line (arXiv:2011.13456, eqs. 11, 32 and 33).

    Parameters
    ----------
    lowest, highest : float
        Beta at the times 0 and 1.

    Raises
    ------
    ConfigError
        If they do not rise from more than 0.
    """

    lowest: float = 0.1
    highest: float = 20.0

    name: ClassVar[str] = "vp"

    def __post_init__(self) -> None:
        _check_range("beta", self.lowest, self.highest)

    @property
    def start(self) -> float:
        """See `Noise`."""
        return 1e-3

    @property
    def end(self) -> float:
        """See `Noise`."""
        return 1.0

    def beta(self, t: Any) -> Any:
        """Beta."""
        return self.lowest + t * (self.highest - self.lowest)

    def integral(self, t: Any) -> Any:
        """Of beta from time 0."""
        return t * self.lowest + 0.5 * np.square(t) * (self.highest - self.lowest)

    def mean(self, t: Any) -> Any:
        """See `Noise`."""
        return np.exp(-0.5 * self.integral(t))

    def std(self, t: Any) -> Any:
        """See `Noise`."""
        return np.sqrt(-np.expm1(-self.integral(t)))

    def drift(self, t: Any) -> Any:
        """See `Noise`."""
        return -0.5 * self.beta(t)

    def diffusion(self, t: Any) -> Any:
        """See `Noise`."""
        return np.sqrt(self.beta(t))

    def time_of(self, level: Any) -> Any:
        """See `Noise`."""
        # level^2 = exp(integral) - 1
        return self._time_at(np.log1p(np.square(level)))

    def _time_at(self, integral: Any) -> Any:
        """Time at which beta has this integral."""
        rise = self.highest - self.lowest
        # the root of a quadratic equation, without a difference of equal numbers
        return 2 * integral / (self.lowest + np.sqrt(self.lowest**2 + 2 * rise * integral))


@dataclass(frozen=True, slots=True)
class SubVariancePreserving(VariancePreserving):
    """The same drift, and less noise: g^2 = beta (1 - exp(-2 integral of beta)) (arXiv:2011.13456, eqs. 12, 29 and 34)."""

    name: ClassVar[str] = "subvp"

    def std(self, t: Any) -> Any:
        """See `Noise`."""
        return -np.expm1(-self.integral(t))

    def diffusion(self, t: Any) -> Any:
        """See `Noise`."""
        return np.sqrt(-self.beta(t) * np.expm1(-2 * self.integral(t)))

    def time_of(self, level: Any) -> Any:
        """See `Noise`."""
        # level = 2 sinh(integral / 2)
        return self._time_at(2 * np.arcsinh(0.5 * np.asarray(level)))


@dataclass(frozen=True, slots=True)
class VarianceExploding(Noise):
    """dx = g dw with a width that grows by equal factors: sigma(t) = lowest (highest / lowest)^t (arXiv:2011.13456, eqs. 9, 30).

    The kernel is that of eq. 29, std^2 = sigma(t)^2 - sigma(0)^2, of which eq. 31 leaves out the second term.

    Parameters
    ----------
    lowest, highest : float
        Sigma at the times 0 and 1.

    Raises
    ------
    ConfigError
        If they do not rise from more than 0.
    """

    lowest: float = 0.01
    highest: float = 50.0

    name: ClassVar[str] = "ve"

    def __post_init__(self) -> None:
        _check_range("sigma", self.lowest, self.highest)

    @property
    def start(self) -> float:
        """See `Noise`."""
        return float(self.time_of(self.lowest))

    @property
    def end(self) -> float:
        """See `Noise`."""
        return 1.0

    @property
    def _growth(self) -> float:
        return float(np.log(self.highest / self.lowest))

    def mean(self, t: Any) -> Any:
        """See `Noise`."""
        return np.ones_like(t, np.float64)

    def std(self, t: Any) -> Any:
        """See `Noise`."""
        return self.lowest * np.sqrt(np.expm1(2 * self._growth * np.asarray(t)))

    def drift(self, t: Any) -> Any:
        """See `Noise`."""
        return np.zeros_like(t, np.float64)

    def diffusion(self, t: Any) -> Any:
        """See `Noise`."""
        return self.lowest * np.exp(self._growth * np.asarray(t)) * np.sqrt(2 * self._growth)

    def time_of(self, level: Any) -> Any:
        """See `Noise`."""
        return np.log1p(np.square(np.asarray(level) / self.lowest)) / (2 * self._growth)


@dataclass(frozen=True, slots=True)
class Edm(Noise):
    """dx = sqrt(2 t) dw, so that time is the level itself (arXiv:2206.00364, table 1, right column).

    Parameters
    ----------
    lowest, highest : float
        Levels of a drawing, the step to none apart.
    log_mean, log_width : float
        Of the normal distribution of ln level in a training; -1.2 in the paper, whose data have the width 0.5 and not 1.

    Raises
    ------
    ConfigError
        If levels do not rise from more than 0, or the width is not positive.
    """

    lowest: float = 0.002
    highest: float = 80.0
    log_mean: float = -0.5
    log_width: float = 1.2

    name: ClassVar[str] = "edm"

    def __post_init__(self) -> None:
        _check_range("levels", self.lowest, self.highest)
        if self.log_width <= 0:
            msg = f"levels of a training are spread in their logarithm, received a width of {self.log_width}"
            raise ConfigError(msg)

    @property
    def start(self) -> float:
        """See `Noise`."""
        return self.lowest

    @property
    def end(self) -> float:
        """See `Noise`."""
        return self.highest

    def mean(self, t: Any) -> Any:
        """See `Noise`."""
        return np.ones_like(t, np.float64)

    def std(self, t: Any) -> Any:
        """See `Noise`."""
        return np.asarray(t, np.float64)

    def drift(self, t: Any) -> Any:
        """See `Noise`."""
        return np.zeros_like(t, np.float64)

    def diffusion(self, t: Any) -> Any:
        """See `Noise`."""
        return np.sqrt(2 * np.asarray(t))

    def time_of(self, level: Any) -> Any:
        """See `Noise`."""
        return np.asarray(level, np.float64)

    def quantile(self, share: FloatArray) -> FloatArray:
        """See `Noise`."""
        return np.asarray(np.exp(self.log_mean + self.log_width * require("scipy.special").ndtri(share)))


@dataclass(frozen=True, slots=True)
class StraightPath(Noise):
    """x_t = (1 - t) x_0 + t e: conditional flow matching (arXiv:2210.02747, eq. 20, with sigma_min 0 and time turned around).

    Its differential equation is singular at the end, where nothing of the data is left: it is for samplers without noise.
    """

    name: ClassVar[str] = "straight"

    @property
    def start(self) -> float:
        """See `Noise`."""
        return 1e-3

    @property
    def end(self) -> float:
        """See `Noise`."""
        return 1.0

    def mean(self, t: Any) -> Any:
        """See `Noise`."""
        return 1.0 - np.asarray(t)

    def std(self, t: Any) -> Any:
        """See `Noise`."""
        return np.asarray(t, np.float64)

    def drift(self, t: Any) -> Any:
        """See `Noise`."""
        return -1 / (1.0 - np.asarray(t))

    def diffusion(self, t: Any) -> Any:
        """See `Noise`."""
        return np.sqrt(2 * np.asarray(t) / (1.0 - np.asarray(t)))

    def time_of(self, level: Any) -> Any:
        """See `Noise`."""
        return np.asarray(level) / (1.0 + np.asarray(level))

    def quantile(self, share: FloatArray) -> FloatArray:
        """See `Noise`."""
        return share

    def weight(self, t: Any) -> Any:
        """That which makes the error of the network one of the velocity e - x_0 (arXiv:2210.02747, eq. 23)."""
        return 1 / (np.square(1.0 - np.asarray(t)) + np.square(t))

    def times(self, steps: int) -> FloatArray:
        """Evenly spaced: the path is a line where data are one point."""
        check_steps(steps)
        return np.linspace(1.0, 0.0, steps + 1)


_ALL = (Edm, StraightPath, SubVariancePreserving, VarianceExploding, VariancePreserving)
NOISES: Mapping[str, type[Noise]] = {kind.name: kind for kind in _ALL}
"""Schedules by the names that settings and files have for them."""


def noise_from(name: str, numbers: Mapping[str, Any]) -> Noise:
    """The schedule `name` with the parameters `numbers`; those that are left out have their defaults.

    Raises
    ------
    ConfigError
        If there is no such schedule, or it has no such parameter.
    """
    if name not in NOISES:
        msg = f"no noise is called {name!r}; {nearest(name, NOISES)}"
        raise ConfigError(msg)
    return from_mapping(NOISES[name], numbers, f"noise {name}")


def _check_range(what: str, lowest: float, highest: float) -> None:
    if not 0 < lowest < highest < np.inf:
        msg = f"{what} rise from more than 0, received {lowest} and {highest}"
        raise ConfigError(msg)
