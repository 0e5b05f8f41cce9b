"""The ``.keras`` file of a model, as bytes: Keras itself reads and writes paths only."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from l1ml._optional import require

__all__ = ["keras_bytes", "keras_model_of"]

_NAME = "weights.keras"


def keras_bytes(model: Any) -> bytes:
    """The ``.keras`` file of the Keras `model`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        model.save(path)
        return path.read_bytes()


def keras_model_of(content: bytes) -> Any:
    """The Keras model of a ``.keras`` file with QKeras layers."""
    # Keras loads only what has been registered
    for module in ("qkeras", "l1ml.model.channel_quantiser", "l1ml.model.channel_table"):
        require(module)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        path.write_bytes(content)
        return require("keras").models.load_model(path, compile=False)
