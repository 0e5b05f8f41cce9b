"""Showers from a parametrisation, and in `geant4` from Geant4.

`simulator` has one for each layout, a `Simulator` is made of any geometry and `Stack`, and `simulate_file` writes many showers.
"""

from __future__ import annotations

from offline.calorimeter.simulation.sample import Beam, ShowerSource, simulate_file
from offline.calorimeter.simulation.simulator import SIMULATORS, Simulator, simulator
from offline.calorimeter.simulation.stack import MATERIALS, Material, Stack

__all__ = ["MATERIALS", "SIMULATORS", "Beam", "Material", "ShowerSource", "Simulator", "Stack", "simulate_file", "simulator"]
