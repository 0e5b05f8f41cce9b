"""``l1ml-offline infer train``: simulations become a posterior or a ratio."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]

_COLUMNS = ("member", "passes", "best pass", "loss at the start", "best loss of held-out simulations")


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "train", "learn a posterior or a ratio from the simulations that a configuration names")
    parser.add_argument("configuration", type=Path, help="TOML file; offline/inference/configuration.py describes it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, write the file and show how it went."""
    from offline.inference.configuration import read_inference
    from offline.inference.study import learn

    config = read_inference(args.configuration)
    with told() as progress:
        found = learn(config, progress)
    found.write(config.result)
    if args.json:
        show_json({"file": str(config.result), **found.record})
    else:
        rows = [_row(index, member) for index, member in enumerate(found.record["members"], start=1)]
        kind = "simulations" if "simulations" in found.record else "events"
        show_table(f"{found.record[kind]} {kind}: {config.result}", _COLUMNS, rows)
    tell(f"learnt: {config.result}; judge it with: l1ml-offline infer diagnose {args.configuration}")
    return 0


def _row(index: int, member: dict[str, list[float]]) -> tuple[str, ...]:
    """How the training of one member went."""
    losses = member["held_out_loss"]
    return (str(index), str(len(member["loss"])), str(member["best_pass"]), f"{losses[0]:.4f}", f"{min(losses):.4f}")
