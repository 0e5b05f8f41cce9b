"""Numbers as the FPGA sees them: formats, scales, object words, devices. Needs numpy only."""

from __future__ import annotations

from l1ml.hardware.device import DEVICES, Device, device_like, family_of
from l1ml.hardware.fixed_point import FixedPoint, Overflow, Rounding
from l1ml.hardware.objects import GLOBAL_TRIGGER_SCALES
from l1ml.hardware.scales import HardwareScale

__all__ = [
    "DEVICES",
    "GLOBAL_TRIGGER_SCALES",
    "Device",
    "FixedPoint",
    "HardwareScale",
    "Overflow",
    "Rounding",
    "device_like",
    "family_of",
]
