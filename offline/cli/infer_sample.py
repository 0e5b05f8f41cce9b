"""``l1ml-offline infer sample``: draws of the parameters given an observation."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from l1ml.console import show_json, show_table, tell
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_observation", "add_parser"]

_COLUMNS = ("parameter", "mean", "sd", "central 68.3 %", "central 95.4 %")


def add_observation(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """The file of what was observed."""
    text = "numbers separated by commas; one row is an observation, or one event of a set"
    parser.add_argument("--observation", type=Path, required=required, metavar="FILE", help=text)


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "sample", "draw parameters from a learnt posterior, given an observation")
    parser.add_argument("configuration", type=Path, help="TOML file that train was given")
    add_observation(parser)
    parser.add_argument("-n", "--draws", type=int, default=10_000, help="how many draws")
    parser.add_argument("--output", type=Path, metavar="FILE", help="draws as CSV, one column for each parameter")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw, and show mean, spread and intervals of each parameter."""
    from offline.inference.configuration import read_inference
    from offline.inference.study import draws_for, read_observation, summary_of, write_draws

    prior, draws = draws_for(read_inference(args.configuration), read_observation(args.observation), args.draws)
    summary = summary_of(prior, draws)
    if args.output is not None:
        write_draws(args.output, prior, draws)
        tell(f"draws: {args.output}")
    if args.json:
        show_json({"draws": len(draws), "parameters": [asdict(row) for row in summary]})
    else:
        ends = [[f"{low:.4g} to {high:.4g}" for low, high in (row.central_68, row.central_95)] for row in summary]
        rows = [(row.name, f"{row.mean:.4g}", f"{row.sd:.3g}", *both) for row, both in zip(summary, ends, strict=True)]
        show_table(f"{len(draws)} draws given {args.observation}", _COLUMNS, rows)
    return 0
