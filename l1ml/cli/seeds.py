"""``l1ml seeds``: how far the figures of a model scatter from seed to seed."""

from __future__ import annotations

import argparse

from l1ml.cli.arguments import Subparsers, add_crew, add_verb, workspace_of
from l1ml.console import TerminalProgress, show_json, show_table, tell

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "train the recipe with several seeds and show mean and spread of what the model is worth; goes on where it stopped"
    parser = add_verb(subparsers, "seeds", text)
    parser.add_argument("--seeds", type=int, nargs="+", metavar="N", help="seeds of the training (1 2 3 4 5)")
    add_crew(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, measure and show one row per figure."""
    from l1ml.reporting.seed_table import seed_table
    from l1ml.workflow.seeds import SEEDS, seeds_of

    workspace = workspace_of(args)
    content = seeds_of(workspace, SEEDS if args.seeds is None else args.seeds, TerminalProgress(), force=args.force)
    if args.json:
        show_json(content)
        return 0
    table = seed_table(content)
    show_table(f"{content['model']}: {table.title}", table.columns, table.rows)
    tell(table.note)
    tell(f"every seed: {workspace.run / 'seeds.json'}")
    return 0
