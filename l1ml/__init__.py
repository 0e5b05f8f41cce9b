"""Machine learning in the Level-1 trigger: train, convert, emulate, decide.

Importing this package costs numpy and h5py; everything heavier comes in with the verb that needs it.
"""

from __future__ import annotations

from l1ml.data import LEVEL1_SCHEMA, Events, EventSchema, read_events
from l1ml.errors import L1mlError
from l1ml.hardware import FixedPoint, HardwareScale

__version__ = "0.1.0"

__all__ = ["LEVEL1_SCHEMA", "EventSchema", "Events", "FixedPoint", "HardwareScale", "L1mlError", "__version__", "read_events"]


def __dir__() -> list[str]:
    return __all__
