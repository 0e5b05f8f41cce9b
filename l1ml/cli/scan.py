"""``l1ml scan``: what bits, sparsity, widths and clock cost and bring."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from l1ml.cli.arguments import Subparsers, add_crew, add_verb, workspace_of
from l1ml.console import TerminalProgress, show_json, show_table, tell
from l1ml.workflow.scan_config import ScanConfig

__all__ = ["add_parser"]

_COLUMNS = (
    "pareto", "weight_bits", "activation_bits", "hidden", "sparsity", "clock_mhz", "score", "score_error", "lut",
    "latency_cycles", "latency_ns", "yosys_lut",
)  # fmt: skip


def _list_of(convert: Callable[[str], Any], example: str) -> Callable[[str], tuple[Any, ...]]:
    """Reader of values with commas between them, for argparse."""

    def read(text: str) -> tuple[Any, ...]:
        try:
            return tuple(convert(part) for part in text.split(","))
        except ValueError:
            msg = f"{text!r} is no list such as {example}"
            raise argparse.ArgumentTypeError(msg) from None

    return read


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(width) for width in text.split("-"))


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "train and convert a grid of designs, and show which are worth their logic; goes on where it stopped"
    parser = add_verb(subparsers, "scan", text)
    parser.add_argument(
        "--weight-bits", type=_list_of(int, "4,6"), metavar="4,6", help="instead of those in [scan] of model.toml"
    )
    parser.add_argument("--activation-bits", type=_list_of(int, "6,8"), metavar="6,8")
    parser.add_argument(
        "--hidden", type=_list_of(_widths, "32-16,16-8"), metavar="32-16,16-8", help="widths of the hidden layers"
    )
    parser.add_argument(
        "--sparsity", type=_list_of(float, "0.5,0.75"), metavar="0.5,0.75", help="shares of weights that are zero"
    )
    parser.add_argument("--clock-mhz", type=_list_of(float, "240,320"), metavar="240,320")
    parser.add_argument("--epochs", type=int, help="epochs of each training instead of the recipe's")
    parser.add_argument("--score", help="efficiency (of all signals at a fixed rate) or val_loss")
    parser.add_argument("--rate-khz", type=float, help="zero-bias rate of the efficiency")
    parser.add_argument("--yosys", action="store_true", default=None, help="let Yosys count each design, minutes each")
    add_crew(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan and show one row per design."""
    from l1ml.workflow.scan import scan

    workspace = workspace_of(args)
    given = {item.name: getattr(args, item.name) for item in fields(ScanConfig) if getattr(args, item.name) is not None}
    content = scan(workspace, replace(workspace.recipe.scan, **given), TerminalProgress(), force=args.force)
    if args.json:
        show_json(content)
        return 0
    rows = [[_shown(row.get(name)) for name in _COLUMNS] for row in content["designs"]]
    show_table(f"{len(rows)} designs of {content['model']}", _COLUMNS, rows)
    tell(f"LUT are estimates of alkaid: they were {content['designs'][0]['lut_spread']}")
    tell(f"tables and figure: {workspace.run / 'scan'}")
    return 0


def _shown(value: Any) -> Any:
    return {True: "yes", False: ""}[value] if isinstance(value, bool) else value
