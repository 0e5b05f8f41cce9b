"""Ratios of densities, learned by telling two weighted samples apart."""

from __future__ import annotations

from offline.unfolding.ratio.contrast import Contrast
from offline.unfolding.ratio.fit import fit_log_ratio
from offline.unfolding.ratio.log_ratio import LogRatio
from offline.unfolding.ratio.settings import RatioSettings

__all__ = ["Contrast", "LogRatio", "RatioSettings", "fit_log_ratio"]
