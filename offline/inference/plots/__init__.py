"""Figures: one `plot_*` for each result, on axes that are given or on new ones."""

from __future__ import annotations

from offline.inference.plots.calibration import plot_coverage, plot_ranks, plot_ratio_calibration
from offline.inference.plots.coupling import plot_expected_limits, plot_toy_statistics
from offline.inference.plots.model_checks import plot_misspecification, plot_predictive
from offline.inference.plots.posterior import plot_posterior
from offline.inference.plots.scan import plot_coverage_map, plot_scan
from offline.inference.plots.top_mass import plot_mass_pulls, plot_mass_scans, plot_top_candidates

__all__ = [
    "plot_coverage",
    "plot_coverage_map",
    "plot_expected_limits",
    "plot_mass_pulls",
    "plot_mass_scans",
    "plot_misspecification",
    "plot_posterior",
    "plot_predictive",
    "plot_ranks",
    "plot_ratio_calibration",
    "plot_scan",
    "plot_top_candidates",
    "plot_toy_statistics",
]
