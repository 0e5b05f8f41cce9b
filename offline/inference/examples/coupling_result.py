"""What comes out of the example of a coupling: expected limits, and how often the intervals of toys hold the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml._optional import require
from offline.inference.arrays import FloatArray
from offline.inference.neyman import crossings

__all__ = ["CouplingResult"]

_LEVELS = (0.683, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class CouplingResult:
    """What came out.

    Parameters
    ----------
    grid : ndarray of float64, shape (g,)
        Couplings.
    expected : dict
        -2 log of the profiled likelihood of each method over the grid for events as the standard model expects them.
    coverage : dict
        Of each method and true coupling, statistic at the truth in every toy; all methods have the same toys.
    """

    grid: FloatArray
    expected: dict[str, FloatArray]
    coverage: dict[str, dict[float, FloatArray]]

    def limits(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Expected interval of the coupling by each method, if the statistic follows chi squared."""
        critical = float(require("scipy.stats").chi2.ppf(level, 1))
        return {name: crossings(self.grid, values, critical) for name, values in self.expected.items()}

    def calibrated_limits(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """The same for methods with toys, whose quantile at each true coupling stands in place of chi squared."""
        return {
            name: crossings(self.grid, self.expected[name] / self._belt(toys, level), 1.0) for name, toys in self.coverage.items()
        }

    def shares(self) -> list[tuple[str, float, float, float, float, int]]:
        """Rows of method, true coupling, level, share of toys whose interval holds the truth, its error, and toys."""
        rows = []
        for name, found in self.coverage.items():
            for truth, statistic in found.items():
                for level in _LEVELS:
                    share = float((statistic <= require("scipy.stats").chi2.ppf(level, 1)).mean())
                    error = float(np.sqrt(level * (1 - level) / len(statistic)))
                    rows.append((name, truth, level, share, error, len(statistic)))
        return rows

    def pooled(self, level: float = 0.95) -> dict[str, dict[str, float]]:
        """Of each method and all true couplings together: share of toys whose interval holds the truth, and its error.

        `calibrated` is the share with the quantile of the other half of the toys at the same coupling in place of chi squared:
        what a calibration is worth is seen on toys that it was not made with.
        """
        critical, rows = float(require("scipy.stats").chi2.ppf(level, 1)), {}
        for name, found in self.coverage.items():
            every = np.concatenate(list(found.values()))
            crossed = [half <= _quantile(other, level) for toys in found.values() for half, other in _halves(toys)]
            error = float(np.sqrt(level * (1 - level) / len(every)))
            share, calibrated = float((every <= critical).mean()), float(np.concatenate(crossed).mean())
            rows[name] = {"share": share, "error": error, "calibrated": calibrated, "toys": len(every)}
        return rows

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        keys = ("method", "coupling", "level", "share", "error", "toys")
        return {
            "grid": self.grid.tolist(),
            "expected": {name: values.tolist() for name, values in self.expected.items()},
            "limits_95": {name: list(ends) for name, ends in self.limits().items()},
            "calibrated_limits_95": {name: list(ends) for name, ends in self.calibrated_limits().items()},
            "pooled_95": self.pooled(),
            "coverage": [dict(zip(keys, row, strict=True)) for row in self.shares()],
        }

    def _belt(self, toys: dict[float, FloatArray], level: float) -> FloatArray:
        """Largest accepted value of the statistic over the grid, a straight line between true couplings, shape (g,)."""
        truths = sorted(toys)
        return np.interp(self.grid, truths, [_quantile(toys[truth], level) for truth in truths])


def _quantile(statistic: FloatArray, level: float) -> float:
    """Value that at most a share 1 - `level` of these toys and one more exceeds."""
    place = int(np.ceil(level * (len(statistic) + 1))) - 1
    return float(np.sort(statistic)[min(place, len(statistic) - 1)])


def _halves(toys: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Each half, beside the other one."""
    one, two = toys[::2], toys[1::2]
    return [(one, two), (two, one)]
