"""Networks that other programs have written: QKeras models of Keras 2, and QONNX graphs."""

from __future__ import annotations

from l1ml.model.foreign.keras2_model import read_keras2_model
from l1ml.model.foreign.qonnx_network import read_qonnx

__all__ = ["read_keras2_model", "read_qonnx"]
