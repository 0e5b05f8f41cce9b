"""Showers of photons, electrons and muons by Geant4, through the extra ``geant4``.

`geant4_simulator` has one for each layout, a `Geant4Simulator` is made of any geometry and `Stack`; `simulate_file` writes files
of either kind of showers.
"""

from __future__ import annotations

from offline.calorimeter.simulation.geant4.simulator import GEANT4_SIMULATORS, Geant4Simulator, geant4_simulator

__all__ = ["GEANT4_SIMULATORS", "Geant4Simulator", "geant4_simulator"]
