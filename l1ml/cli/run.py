"""``l1ml run``: from collisions to a trigger decision and a firmware project."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_generation, add_verb, workspace_of
from l1ml.cli.report import write_report
from l1ml.console import TerminalProgress, show_json, tell

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "run", "events, training, conversion, verification, synthesis, decision and report")
    add_generation(parser)
    text = "only estimate the logic, which Yosys would count; l1ml synth counts it later"
    parser.add_argument("--no-yosys", dest="yosys", action="store_false", help=text)
    parser.add_argument("--promote", action="store_true", help="make the result the shipped version of the model")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Perform all steps, then report."""
    from l1ml.workflow.promotion import promote
    from l1ml.workflow.run import run_all

    workspace = workspace_of(args)
    for result in run_all(workspace, TerminalProgress(), force=args.force, yosys=args.yosys):
        state = "unchanged" if result.cached else f"done in {result.content['wall_s']:.1f} s"
        tell(f"{result.name}: {state}")
    report = write_report(workspace)
    for path in promote(workspace) if args.promote else ():
        tell(f"shipped: {path}")
    if args.json:
        show_json(report)
    return 0
