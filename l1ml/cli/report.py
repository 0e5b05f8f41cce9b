"""``l1ml report``: one page that says whether to build it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from l1ml.cli.arguments import Subparsers, add_verb, workspace_of
from l1ml.console import show_json, tell

if TYPE_CHECKING:
    from l1ml.workflow.workspace import Workspace

__all__ = ["add_parser", "write_report"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    add_verb(subparsers, "report", "write report.json, report.md, report.html and the figures").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report of what the earlier steps left."""
    content = write_report(workspace_of(args))
    if args.json:
        show_json(content)
    return 0


def write_report(workspace: Workspace) -> dict[str, Any]:
    """Collect the step files, write the report, and say where it is."""
    from l1ml.workflow.report_step import make_report

    report = make_report(workspace)
    tell(f"report: {workspace.run / 'report' / 'report.html'}")
    return report
