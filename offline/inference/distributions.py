"""What is believed of one parameter before any data: each distribution has a curve that makes it standard normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError
from offline.inference.arrays import BoolArray, FloatArray

__all__ = ["DISTRIBUTIONS", "Distribution", "LogUniform", "Normal", "Uniform"]


class Distribution(Protocol):
    """Of one parameter; all arrays may have any shape."""

    kind: ClassVar[str]

    def log_density(self, values: FloatArray) -> FloatArray:
        """Logarithm of the density; minus infinity outside the support."""

    def supports(self, values: FloatArray) -> BoolArray:
        """Where the density is not zero."""

    def scores(self, values: FloatArray) -> FloatArray:
        """Normal scores: standard normal where `values` are distributed as this."""

    def values(self, scores: FloatArray) -> FloatArray:
        """Inverse of `scores`."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Flat between `low` and `high`."""

    low: float
    high: float
    kind: ClassVar[str] = "uniform"

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)

    def log_density(self, values: FloatArray) -> FloatArray:
        """Constant inside."""
        return np.where(self.supports(values), -math.log(self.high - self.low), -np.inf)

    def supports(self, values: FloatArray) -> BoolArray:
        """From `low` to `high`, ends included."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def scores(self, values: FloatArray) -> FloatArray:
        """Quantile function of a standard normal at the share of the range below."""
        return _scores_of((values - self.low) / (self.high - self.low))

    def values(self, scores: FloatArray) -> FloatArray:
        """Never outside the ends."""
        return np.clip(self.low + (self.high - self.low) * _shares_of(scores), self.low, self.high)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """Flat in the logarithm between `low` > 0 and `high`: for what is unknown by orders of magnitude."""

    low: float
    high: float
    kind: ClassVar[str] = "loguniform"

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)
        if self.low <= 0:
            msg = f"a parameter that is flat in its logarithm must be positive, received low = {self.low}"
            raise ConfigError(msg)

    @property
    def _span(self) -> float:
        return math.log(self.high / self.low)

    def log_density(self, values: FloatArray) -> FloatArray:
        """Falls as one over the value."""
        inside = self.supports(values)
        return np.where(inside, -np.log(np.where(inside, values, 1.0)) - math.log(self._span), -np.inf)

    def supports(self, values: FloatArray) -> BoolArray:
        """From `low` to `high`, ends included."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def scores(self, values: FloatArray) -> FloatArray:
        """Those of a `Uniform` of the logarithm."""
        return _scores_of(np.log(values / self.low) / self._span)

    def values(self, scores: FloatArray) -> FloatArray:
        """Never outside the ends."""
        return np.clip(self.low * np.exp(self._span * _shares_of(scores)), self.low, self.high)


@dataclass(frozen=True, slots=True)
class Normal:
    """Gaussian, such as what a calibration says of a nuisance parameter."""

    mean: float
    sd: float
    kind: ClassVar[str] = "normal"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.sd) and self.sd > 0):
            msg = f"a normal parameter needs a finite mean and a positive sd, received {self.mean} and {self.sd}"
            raise ConfigError(msg)

    def log_density(self, values: FloatArray) -> FloatArray:
        """Nowhere zero."""
        return np.asarray(-0.5 * np.square(self.scores(values)) - math.log(self.sd * math.sqrt(2 * math.pi)))

    def supports(self, values: FloatArray) -> BoolArray:
        """All numbers."""
        return np.isfinite(values)

    def scores(self, values: FloatArray) -> FloatArray:
        """Distance from the mean in standard deviations."""
        return np.asarray((values - self.mean) / self.sd)

    def values(self, scores: FloatArray) -> FloatArray:
        """A straight line."""
        return np.asarray(self.mean + self.sd * scores)


DISTRIBUTIONS: dict[str, type[Uniform | LogUniform | Normal]] = {cls.kind: cls for cls in (Uniform, LogUniform, Normal)}
"""By the names that files and configurations use."""

_EDGE = 1e-12
"""Shares this close to 0 or 1 have scores of seven standard deviations, not infinity."""


def _scores_of(share: FloatArray) -> FloatArray:
    return np.asarray(require("scipy.special").ndtri(np.clip(share, _EDGE, 1 - _EDGE)))


def _shares_of(scores: FloatArray) -> FloatArray:
    return np.asarray(require("scipy.special").ndtr(scores))


def _check_ends(low: float, high: float) -> None:
    """Refuse an empty or endless range."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        msg = f"a range needs two finite ends, low < high, received {low} and {high}"
        raise ConfigError(msg)
