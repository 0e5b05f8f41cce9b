"""What the verbs of single steps share: perform, then show."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from l1ml.cli.arguments import workspace_of
from l1ml.console import TerminalProgress, show_json, tell

if TYPE_CHECKING:
    from l1ml.workflow.step import Step

__all__ = ["perform_verb"]


def perform_verb(step: Step, args: argparse.Namespace) -> dict[str, Any] | None:
    """Perform `step`; the content of its file if a table is still to be shown, nothing if JSON was printed."""
    from l1ml.workflow.step import perform

    result = perform(step, workspace_of(args), TerminalProgress(), force=args.force)
    if result.cached:
        path = args.model / "run" / f"{step.name}.json"
        tell(f"{step.name}: nothing has changed since the last time ({path}); --force does it again")
    if args.json:
        show_json(result.content)
        return None
    return result.content
