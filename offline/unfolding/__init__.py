"""Unfolding: from reconstructed to true distributions, event by event and binned, with errors."""

from __future__ import annotations

from offline.unfolding.gaussian_toy import GaussianToy
from offline.unfolding.method import UnfoldingMethod, check_inputs
from offline.unfolding.pair_events import measured_from_events, simulation_from_events
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.selection import Selection
from offline.unfolding.spectrum import Spectrum
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = [
    "GaussianToy",
    "Measured",
    "Replica",
    "Selection",
    "Simulation",
    "Spectrum",
    "Uncertainties",
    "Unfolded",
    "UnfoldingMethod",
    "check_inputs",
    "measured_from_events",
    "simulation_from_events",
    "unfold",
]
