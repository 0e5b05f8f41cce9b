"""``l1ml menu``: thresholds, rates and efficiencies of a menu."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.console import show_table
from l1ml.cli.steps import perform_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verb."""
    verbs = subparsers.add_parser("menu", help="rates and efficiencies of a menu").add_subparsers(dest="menu_verb", required=True)
    text = "derive thresholds at their rates; rates and efficiencies of every seed"
    add_verb(verbs, "rates", text).set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the menu over the events and show the rates."""
    from l1ml.workflow.decision_step import DECISION

    content = perform_verb(DECISION, args)
    if content is not None:
        show_rates(content)
    return 0
