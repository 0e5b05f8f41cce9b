"""``l1ml verify``: run every implementation of a model on the same crossings and compare word for word."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.console import show_table
from l1ml.cli.steps import perform_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "verify", "compare Keras, integers, C simulation and RTL simulation word for word")
    parser.add_argument("--with", dest="emulators", metavar="NAMES", help="only these, such as keras,integers")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare and show the pairs."""
    from l1ml.workflow.verification_step import EMULATORS, verification_step

    names = tuple(args.emulators.split(",")) if args.emulators else tuple(EMULATORS)
    content = perform_verb(verification_step(names), args)
    if content is not None:
        rows = [(f"{pair['a']} = {pair['b']}", pair["n_words"], pair["n_mismatched"]) for pair in content["pairs"]]
        show_table(f"score words compared (physics from {content['physics_from']})", ["pair", "words", "different"], rows)
        if content["latency"] is not None:
            show_table("RTL timing", ["", "value"], list(content["latency"].items()))
    return 0
