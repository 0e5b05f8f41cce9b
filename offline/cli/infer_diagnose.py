"""``l1ml-offline infer diagnose``: whether what was learnt can be believed."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "diagnose", "test a learnt posterior or ratio on simulations that it has not seen")
    parser.add_argument("configuration", type=Path, help="TOML file that train was given")
    parser.add_argument("--draws", type=int, default=100, help="draws of each posterior")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the p-value of each test; small ones are bad."""
    from offline.inference.configuration import read_inference
    from offline.inference.diagnostics import Diagnosis
    from offline.inference.study import judge

    found = judge(read_inference(args.configuration), draws=args.draws)
    if args.json:
        show_json(found.to_dict())
    elif isinstance(found, Diagnosis):
        title = f"{len(found.ranks.ranks)} simulations; below 5 % in 5 % of right posteriors"
        show_table(title, ("test", "p-value", "68.3 % intervals hold the truth"), found.rows())
    else:
        show_table("calibration of the ratio", ("test", "p-value"), [("predicted and true shares", f"{found.p_value:.3g}")])
    return 0
