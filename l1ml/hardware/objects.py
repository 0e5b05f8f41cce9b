"""Scales of the objects that reach the CMS Phase-1 Global Trigger (uGT).

Source: "Scales for inputs to the uGT", mp7_ugt_legacy documentation, May 2024. Only the fields that a 57-input anomaly
detector reads (pt, eta, phi) are listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from types import MappingProxyType

from l1ml.hardware.scales import HardwareScale

__all__ = ["GLOBAL_TRIGGER_SCALES"]

_CALO_ETA = HardwareScale(0.0435, 8, signed=True)
_CALO_PHI = HardwareScale(2 * pi / 144, 8, unit="rad")

GLOBAL_TRIGGER_SCALES: Mapping[str, Mapping[str, HardwareScale]] = MappingProxyType(
    {
        # missing energy has no eta: the field is kept, one bit that is always zero, so that each object has three
        "met": {"pt": HardwareScale(0.5, 12, unit="GeV"), "eta": HardwareScale(0.0435, 1), "phi": _CALO_PHI},
        "egamma": {"pt": HardwareScale(0.5, 9, unit="GeV"), "eta": _CALO_ETA, "phi": _CALO_PHI},
        "muon": {
            "pt": HardwareScale(0.5, 9, unit="GeV", offset=1),
            "eta": HardwareScale(0.010875, 9, signed=True),
            "phi": HardwareScale(2 * pi / 576, 10, unit="rad"),
        },
        "jet": {"pt": HardwareScale(0.5, 11, unit="GeV"), "eta": _CALO_ETA, "phi": _CALO_PHI},
    }
)
"""Scale of each field of each object; a missing object has the word 0 in every field."""
