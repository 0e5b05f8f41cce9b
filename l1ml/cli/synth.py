"""``l1ml synth``: count the logic of the generated projects with every tool that is there."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb, positive, workspace_of
from l1ml.cli.steps import perform_verb
from l1ml.console import show_table, tell

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "resources from alkaid's estimate, Yosys, Vitis or Vivado if on PATH, and the vendor's reports in run/vendor"
    parser = add_verb(subparsers, "synth", text)
    parser.add_argument(
        "--tool-timeout", dest="tool_timeout_s", type=positive, metavar="S", help="stop a vendor's tool after this"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Synthesise and show one column per tool, and the latency if it has been measured."""
    from l1ml.reporting.firmware_table import firmware_table, synthesis_row
    from l1ml.workflow.synthesis_step import SYNTHESIS, measured_latency

    content = perform_verb(SYNTHESIS, args)
    if content is not None:
        device = content["device"]
        rows = [synthesis_row(item, device) for item in content["reports"]]
        table = firmware_table(rows, measured_latency(workspace_of(args)), device["part"], content["latencies"])
        # one column per tool: a terminal is narrow and labels are long
        heads, *figures = zip(table.columns, *table.rows, strict=True)
        show_table(table.title, heads, figures)
        tell(table.note)
    return 0
