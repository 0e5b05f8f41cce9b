"""Quantised networks trained in QKeras, by family. Needs the extra ``train``; the framework is imported when training starts."""

from __future__ import annotations

from l1ml.training.config import QuantisationConfig, TrainingConfig
from l1ml.training.family import DEFAULT_FAMILY, FAMILIES, Family, family_of
from l1ml.training.result import Training
from l1ml.training.sample_kind import CROSSINGS, HITS, JETS, SampleKind

__all__ = [
    "CROSSINGS",
    "DEFAULT_FAMILY",
    "FAMILIES",
    "HITS",
    "JETS",
    "Family",
    "QuantisationConfig",
    "SampleKind",
    "Training",
    "TrainingConfig",
    "family_of",
]
