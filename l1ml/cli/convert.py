"""``l1ml convert``: write the HLS and the RTL project of a trained model."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.console import show_table
from l1ml.cli.steps import perform_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "write the HLS project and the RTL project of the trained (or shipped) model"
    add_verb(subparsers, "convert", text).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Convert and name the folders."""
    from l1ml.workflow.conversion_step import CONVERSION

    content = perform_verb(CONVERSION, args)
    if content is not None:
        rows = [(name, str(args.projects / item["folder"]), item["n_files"]) for name, item in content["projects"].items()]
        show_table(f"projects of model {content['model_digest'][:8]}", ["back end", "folder", "files"], rows)
    return 0
