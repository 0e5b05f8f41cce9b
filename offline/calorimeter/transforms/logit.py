"""Shares in [0, 1] as numbers on the whole line, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError

__all__ = ["Logit"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logit:
    """ln(x / (1 - x)) of shares squeezed into [margin, 1 - margin].

    Parameters
    ----------
    margin : float
        How far the ends are moved in, in (0, 0.5): 0 and 1 become finite.

    Raises
    ------
    ConfigError
        If it is outside.
    """

    margin: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 < self.margin < 0.5:
            msg = f"the margin of a logit is in (0, 0.5), received {self.margin}"
            raise ConfigError(msg)

    def forward(self, share: FloatArray) -> FloatArray:
        """Any number for a share in [0, 1]."""
        inside = self.margin + (1 - 2 * self.margin) * share
        return np.log(inside / (1 - inside))

    def inverse(self, value: FloatArray) -> FloatArray:
        """A share in [0, 1] for any number; beyond what `forward` gives it is 0 or 1."""
        inside = 0.5 * (1 + np.tanh(0.5 * value))
        return np.clip((inside - self.margin) / (1 - 2 * self.margin), 0.0, 1.0)
