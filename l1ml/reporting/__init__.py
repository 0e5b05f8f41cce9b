"""Reports: JSON first, then Markdown, HTML and figures."""

from __future__ import annotations

from l1ml.reporting.report import Report, build_report
from l1ml.reporting.verdict import Criteria, Criterion, Verdict

__all__ = ["Criteria", "Criterion", "Report", "Verdict", "build_report"]
