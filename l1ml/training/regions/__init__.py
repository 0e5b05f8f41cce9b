"""Anomalies in calorimeter regions: an autoencoder in floats is the teacher, what goes into firmware learns its score."""

from __future__ import annotations

from l1ml.training.regions.config import RegionsConfig, TeacherConfig

__all__ = ["RegionsConfig", "TeacherConfig"]
