"""What comes out of the example of the top mass: how well methods know it, and how often their intervals hold the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from offline.inference.arrays import FloatArray, IntArray
from offline.inference.diagnostics.uniformity import combined, kolmogorov_p_value, smooth_p_value
from offline.inference.neyman import crossings
from offline.inference.simulations import Simulations

__all__ = ["MassFit", "TopMassResult"]

_LEVELS = (0.683, 0.954)


@dataclass(frozen=True, slots=True, eq=False)
class MassFit:
    """One method on all pseudo-experiments.

    Parameters
    ----------
    statistic : ndarray of float64, shape (e, g)
        -2 log of the profiled likelihood of each over the grid of masses.
    scale_sd : ndarray of float64, shape (e,)
        What is left of the uncertainty of the energy scale.
    """

    statistic: FloatArray
    scale_sd: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TopMassResult:
    """What came out.

    Parameters
    ----------
    grid : ndarray of float64, shape (g,)
        Masses in GeV.
    truth, scale : ndarray of float64, shape (e,)
        Mass and energy scale of each pseudo-experiment.
    candidates : ndarray of int64, shape (e,)
        Of each.
    fits : dict
        Of each method; all have the same pseudo-experiments.
    simulations : Simulations
        Candidates that were learnt from, with mass and scale.
    """

    grid: FloatArray
    truth: FloatArray
    scale: FloatArray
    candidates: IntArray
    fits: dict[str, MassFit]
    simulations: Simulations

    def measured(self, name: str) -> FloatArray:
        """The most likely mass of each pseudo-experiment, shape (e,)."""
        return np.asarray(self.grid[self.fits[name].statistic.argmin(axis=1)])

    def at_truth(self, name: str) -> FloatArray:
        """Statistic at the true mass, shape (e,)."""
        pairs = zip(self.truth, self.fits[name].statistic, strict=True)
        return np.array([np.interp(truth, self.grid, values) for truth, values in pairs])

    def pulls(self, name: str) -> FloatArray:
        """Root of the statistic at the truth with the sign of the error, shape (e,): standard normal if all is well."""
        return np.asarray(np.sign(self.measured(name) - self.truth) * np.sqrt(np.maximum(self.at_truth(name), 0.0)))

    def intervals(self, name: str, level: float = _LEVELS[0]) -> FloatArray:
        """Ends of the interval of each pseudo-experiment if the statistic follows chi squared, shape (e, 2)."""
        critical = float(_stats().chi2.ppf(level, 1))
        return np.array([crossings(self.grid, values, critical) for values in self.fits[name].statistic])

    def summary(self, name: str) -> dict[str, Any]:
        """Plain values of one method; masses in GeV."""
        wrong, pulls, n = self.measured(name) - self.truth, self.pulls(name), len(self.truth)
        shares = _stats().norm.cdf(pulls)
        ends = self.intervals(name)
        return {
            "half_length_68": float(np.mean(ends[:, 1] - ends[:, 0]) / 2),
            "rms_error": float(np.sqrt(np.mean(np.square(wrong)))),
            "mean_error": [float(wrong.mean()), float(wrong.std() / np.sqrt(n))],
            "scale_sd": float(self.fits[name].scale_sd.mean()),
            "coverage": {str(level): self._coverage(name, level) for level in _LEVELS},
            "p_value": combined(np.array([kolmogorov_p_value(shares), smooth_p_value(shares)])),
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "pseudo_experiments": len(self.truth),
            "candidates": float(self.candidates.mean()),
            "learnt_from": len(self.simulations),
            "methods": {name: self.summary(name) for name in self.fits},
            "truth": self.truth.tolist(),
            "scale": self.scale.tolist(),
            "measured": {name: self.measured(name).tolist() for name in self.fits},
        }

    def _coverage(self, name: str, level: float) -> dict[str, float]:
        """Share of the pseudo-experiments whose interval holds the truth, and how likely so many or fewer are, or more."""
        held = int((self.at_truth(name) <= _stats().chi2.ppf(level, 1)).sum())
        n = len(self.truth)
        error = float(np.sqrt(level * (1 - level) / n))
        return {"share": held / n, "error": error, "p_value": float(_stats().binomtest(held, n, level).pvalue)}


def _stats() -> Any:
    return require("scipy.stats")
