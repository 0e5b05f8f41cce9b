"""Whether a posterior or a ratio can be believed.

Each test gives numbers, a p-value that falls below 5 % in 5 % of right ones (exceptions are stated), and a figure in
``offline.inference.plots``; `diagnose` runs those that need simulations alone.
"""

from __future__ import annotations

from offline.inference.diagnostics.coverage import RegionCoverage, highest_density, tarp
from offline.inference.diagnostics.diagnosis import Diagnosis, diagnose
from offline.inference.diagnostics.misspecification import Misspecification, misspecification
from offline.inference.diagnostics.predictive import Predictive, calibrated_p_value, predictive_check, predictive_checks
from offline.inference.diagnostics.ranks import Ranks, rank_test
from offline.inference.diagnostics.ratio_calibration import RatioCalibration, ratio_calibration
from offline.inference.diagnostics.two_samples import TwoSamples, c2st

__all__ = [
    "Diagnosis",
    "Misspecification",
    "Predictive",
    "Ranks",
    "RatioCalibration",
    "RegionCoverage",
    "TwoSamples",
    "c2st",
    "calibrated_p_value",
    "diagnose",
    "highest_density",
    "misspecification",
    "predictive_check",
    "predictive_checks",
    "rank_test",
    "ratio_calibration",
    "tarp",
]
