"""Watching a running trigger: recorded against emulated bits, and drift against a reference."""

from __future__ import annotations

from l1ml.trigger.monitoring.comparison import Reference, compare_run
from l1ml.trigger.monitoring.comparison_files import ComparisonFiles, compare_files
from l1ml.trigger.monitoring.run_comparison import RunComparison
from l1ml.trigger.monitoring.verdict import Limits, Status, Verdict

__all__ = ["ComparisonFiles", "Limits", "Reference", "RunComparison", "Status", "Verdict", "compare_files", "compare_run"]
