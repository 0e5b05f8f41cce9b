"""``l1ml synth``: count the logic of the generated projects with every tool that is there."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb, positive
from l1ml.cli.console import show_table
from l1ml.cli.steps import perform_verb

__all__ = ["add_parser"]

_COUNTS = ("lut", "ff", "carry", "dsp", "bram18")


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "synth", "resources from alkaid's estimate, Yosys, and Vitis or Vivado if on PATH")
    parser.add_argument(
        "--tool-timeout", dest="tool_timeout_s", type=positive, metavar="S", help="stop a vendor's tool after this"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Synthesise and show one row per tool."""
    from l1ml.workflow.synthesis_step import SYNTHESIS

    content = perform_verb(SYNTHESIS, args)
    if content is not None:
        rows = [
            (f"{item['tool']} {item['version']}", item["stage"], *(item[name] for name in _COUNTS)) for item in content["reports"]
        ]
        show_table(f"resources on {content['device']['part']}", ["tool", "stage", *_COUNTS], rows)
    return 0
