"""What a classifier of jets is worth: accuracy, and what thresholds on its words keep of each class."""

from __future__ import annotations

from l1ml.trigger.tagging.margins import class_margins
from l1ml.trigger.tagging.performance import ScoredJets, TaggingConfig, TaggingPerformance, tagging_performance

__all__ = ["ScoredJets", "TaggingConfig", "TaggingPerformance", "class_margins", "tagging_performance"]
