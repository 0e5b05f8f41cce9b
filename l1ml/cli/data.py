"""``l1ml data``: generate event files, look into them, make others of them."""

from __future__ import annotations

import argparse

from l1ml.cli import data_files, data_generation, data_inspection
from l1ml.cli.arguments import Subparsers, add_generation, add_verb, workspace_of
from l1ml.cli.steps import perform_verb
from l1ml.console import show_table

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verbs."""
    parser = subparsers.add_parser("data", help="generate, inspect, convert, merge and split event files")
    verbs = parser.add_subparsers(dest="data_verb", required=True)
    generate = add_verb(
        verbs, "generate", "generate the sample of a model with Pythia: zero bias and signals with the Level-1 response, or jets"
    )
    add_generation(generate)
    generate.set_defaults(run=run_generate)
    data_generation.add_verbs(verbs)
    data_inspection.add_verbs(verbs)
    data_files.add_verbs(verbs)


def run_generate(args: argparse.Namespace) -> int:
    """Generate the event files of a model."""
    from l1ml.workflow.run import steps_of

    sample, *_ = steps_of(workspace_of(args))
    content = perform_verb(sample, args)
    if content is not None:
        columns = ["process", "generated", "kept", "seconds", "path"]
        show_table("events", columns, [[item[name] for name in columns] for item in content["processes"]])
    return 0
