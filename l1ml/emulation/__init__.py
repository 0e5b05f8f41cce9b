"""Bit-exact software of trigger networks: numpy integers, Keras, C simulation, RTL simulation, and their comparison."""

from __future__ import annotations

from l1ml.emulation.comparison import MismatchReport, compare
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.integers import IntegerEmulator

__all__ = ["Emulator", "IntegerEmulator", "MismatchReport", "compare"]
