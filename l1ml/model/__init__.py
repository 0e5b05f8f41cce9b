"""Trained networks as values: `TriggerModel` and its integer `Network`. Needs numpy and h5py; Keras only when asked for."""

from __future__ import annotations

from l1ml.model.network import Network
from l1ml.model.trigger_model import GoldenWords, TriggerModel

__all__ = ["GoldenWords", "Network", "TriggerModel"]
