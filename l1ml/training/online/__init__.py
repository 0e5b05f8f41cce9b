"""Densities that are learned at the trigger, from events that are never stored."""

from __future__ import annotations

from l1ml.training.online.expected_counts import expected_counts
from l1ml.training.online.flow_file import read_flow, write_flow
from l1ml.training.online.online_flow import OnlineFlow
from l1ml.training.online.settings import OnlineSettings, Quantity
from l1ml.training.online.stream import train_on_files

__all__ = ["OnlineFlow", "OnlineSettings", "Quantity", "expected_counts", "read_flow", "train_on_files", "write_flow"]
