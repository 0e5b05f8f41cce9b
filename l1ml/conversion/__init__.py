"""From a `TriggerModel` to firmware: `FirmwareProject`, its two back ends, and synthesis reports.

Needs numpy and h5py only; hls4ml, alkaid, Keras and the synthesis tools come in with the function that uses them.
"""

from __future__ import annotations

from l1ml.conversion.config import ConversionConfig
from l1ml.conversion.hls import hls_project
from l1ml.conversion.project import FirmwareProject, read_manifest
from l1ml.conversion.rtl import rtl_project
from l1ml.conversion.synthesis import synthesise
from l1ml.conversion.synthesis_report import SynthesisReport

__all__ = ["ConversionConfig", "FirmwareProject", "SynthesisReport", "hls_project", "read_manifest", "rtl_project", "synthesise"]
