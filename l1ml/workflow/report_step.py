"""Step 8: the report of what the other steps left."""

from __future__ import annotations

from typing import Any

from l1ml.reporting.report import build_report
from l1ml.storage import write_json
from l1ml.workflow.run import run_record
from l1ml.workflow.workspace import Workspace

__all__ = ["make_report"]


def make_report(workspace: Workspace) -> dict[str, Any]:
    """Write ``run/report/`` and return the content of report.json.

    Raises
    ------
    DataError
        If a step has not run; names the verb.
    """
    write_json(workspace.run / "run.json", run_record(workspace))
    report = build_report(workspace.run, workspace.recipe.criteria)
    report.write(workspace.run / "report")
    return report.to_dict()
