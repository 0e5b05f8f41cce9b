"""SPINUP: direct likelihood unfolding with flows, an ensemble of which is trained in one go."""

from __future__ import annotations

from offline.unfolding.spinup.method import Spinup
from offline.unfolding.spinup.settings import FlowSettings, Schedule

__all__ = ["FlowSettings", "Schedule", "Spinup"]
