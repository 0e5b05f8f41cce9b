"""Unfolding: from reconstructed to true distributions, event by event and binned, with errors."""

from __future__ import annotations

from offline.unfolding.gaussian_toy import GaussianToy
from offline.unfolding.method import UnfoldingMethod, check_inputs
from offline.unfolding.pair_events import measured_from_events, simulation_from_events
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.selection import Selection
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = [
    "GaussianToy",
    "Measured",
    "Replica",
    "Selection",
    "Simulation",
    "Unfolded",
    "UnfoldingMethod",
    "check_inputs",
    "measured_from_events",
    "simulation_from_events",
]
