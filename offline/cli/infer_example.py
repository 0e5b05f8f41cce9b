"""``l1ml-offline infer example``: physics from nothing to figures in minutes."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "example", "simulate, learn, judge and draw one of the examples that l1ml brings along")
    parser.add_argument("name", help="such as coupling; an unknown one is answered with those that there are")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where numbers and figures go; example-<name> without a word"
    )
    parser.add_argument("--seed", type=int, default=1, help="of every random number")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that generate events (top-mass); the result is the same"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run it, and say where numbers and figures are."""
    from offline.inference.examples.catalogue import run_example

    folder = args.output or Path(f"example-{args.name}")
    with told() as progress:
        found, paths = run_example(args.name, folder, seed=args.seed, workers=args.workers, progress=progress)
    if args.json:
        show_json(found)
    tell(f"numbers and {len(paths) - 1} figures: {folder}")
    return 0
