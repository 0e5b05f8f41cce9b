"""How good an unfolding is: distances to a truth, checks that need none, and coverage over toys."""

from __future__ import annotations

from offline.unfolding.diagnostics.bottom_line import bottom_line
from offline.unfolding.diagnostics.closure import closure
from offline.unfolding.diagnostics.convergence import convergence
from offline.unfolding.diagnostics.coverage import coverage
from offline.unfolding.diagnostics.diagnosis import Diagnosis, diagnose
from offline.unfolding.diagnostics.energy import energy_distance, energy_distance_1d
from offline.unfolding.diagnostics.fold_back import fold_back
from offline.unfolding.diagnostics.separation import separation
from offline.unfolding.diagnostics.triangular import triangular
from offline.unfolding.diagnostics.wasserstein import wasserstein
from offline.unfolding.diagnostics.weight_quality import weight_quality

__all__ = [
    "Diagnosis",
    "bottom_line",
    "closure",
    "convergence",
    "coverage",
    "diagnose",
    "energy_distance",
    "energy_distance_1d",
    "fold_back",
    "separation",
    "triangular",
    "wasserstein",
    "weight_quality",
]
