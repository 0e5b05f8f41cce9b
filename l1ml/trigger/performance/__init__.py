"""What a score is worth at the rates of a trigger: working points, what moves them, and which inputs drive them."""

from __future__ import annotations

from l1ml.trigger.performance.classical import ClassicalBits, classical_bits
from l1ml.trigger.performance.energy_scale import scaled_events
from l1ml.trigger.performance.importance import InputImportance, permuted_words, removed_objects
from l1ml.trigger.performance.paired import PairedSamples, Ratio
from l1ml.trigger.performance.resolution import MIN_EFFECTIVE, RateResolutionError, resolved_threshold
from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.performance.stability import Stability, stability
from l1ml.trigger.performance.working_point import SignalPoint, WorkingPoint, working_point, working_points

__all__ = [
    "MIN_EFFECTIVE",
    "ClassicalBits",
    "InputImportance",
    "PairedSamples",
    "RateResolutionError",
    "Ratio",
    "ScoredSample",
    "SignalPoint",
    "Stability",
    "WorkingPoint",
    "classical_bits",
    "permuted_words",
    "removed_objects",
    "resolved_threshold",
    "scaled_events",
    "stability",
    "working_point",
    "working_points",
]
