"""``l1ml leaderboard``: every model in floats, in plain 8 bits and as it is shipped, side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers, add_crew, add_verb, positive
from l1ml.console import TerminalProgress, show_json, show_table, tell

if TYPE_CHECKING:
    from l1ml.workflow.leaderboard import Board

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "what each model is worth and takes, beside the same network in floats and in plain 8 bits; goes on where it stopped"
    parser = add_verb(subparsers, "leaderboard", text, model=False)
    parser.add_argument("models", type=Path, nargs="*", help="folders of models (all in models/ that it knows)")
    parser.add_argument("--projects", type=Path, default=Path("hls_projects"), help="where generated projects go")
    text = "only these: float (the same layers), 8-bit (every format, not pruned), shipped"
    parser.add_argument("--variants", nargs="+", default=["float", "8-bit", "shipped"], metavar="NAME", help=text)
    parser.add_argument("--rate-khz", type=positive, default=1.0, help="zero-bias rate of the efficiencies")
    text = "largest estimate that Yosys is given to count, 40,000 by default; its time grows faster than the project"
    parser.add_argument("--largest-lut", type=int, default=40_000, metavar="N", help=text)
    text = "random crossings of each verification, instead of those of the recipe"
    parser.add_argument("--crossings", type=int, metavar="N", help=text)
    text = "most seconds of RTL simulation, instead of those of the recipe"
    parser.add_argument("--budget", type=positive, metavar="S", help=text)
    parser.add_argument("--figure", type=Path, metavar="FILE", help="write the Pareto figure, a PNG")
    parser.add_argument("--no-run", action="store_true", help="make nothing, show what there is")
    parser.add_argument("--force", action="store_true", help="do it again even if nothing has changed")
    add_crew(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make what is missing, then show one row for each variant."""
    from l1ml.reporting.leaderboard_figure import render_leaderboard
    from l1ml.reporting.leaderboard_table import leaderboard_table
    from l1ml.storage import write_bytes

    content = _board(args).to_dict()
    if args.figure is not None:
        write_bytes(args.figure, render_leaderboard(content))
        tell(f"figure: {args.figure}")
    if args.json:
        show_json(content)
        return 0
    table = leaderboard_table(content)
    show_table(table.title, table.columns, table.rows)
    tell(table.note)
    return 0


def _board(args: argparse.Namespace) -> Board:
    """What the arguments ask for, made or read."""
    from l1ml.workflow.leaderboard import BoardConfig, is_compared, make_board, read_board, variants_of
    from l1ml.workflow.workspace import Workspace

    folders = args.models or sorted(path.parent for path in Path("models").glob("*/model.toml"))
    named = [Workspace(folder, args.projects, args.workers, None, args.scheduler) for folder in folders]
    workspaces = named if args.models else [item for item in named if is_compared(item)]
    variants, config = variants_of(args.variants), BoardConfig(args.rate_khz, args.largest_lut, args.crossings, args.budget)
    if args.no_run:
        return read_board(workspaces, variants, config)
    return make_board(workspaces, variants, config, TerminalProgress(), force=args.force)
