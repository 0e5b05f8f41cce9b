"""``l1ml-offline infer plot``: figures of what was learnt."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell
from offline.cli.arguments import Subparsers, add_verb
from offline.cli.infer_sample import add_observation

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "plot", "draw the diagnostics of what was learnt; with an observation its result, too")
    parser.add_argument("configuration", type=Path, help="TOML file that train was given")
    add_observation(parser, required=False)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where figures go; <result>-figures without a word")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the figures and say where they are."""
    from offline.inference.configuration import read_inference
    from offline.inference.figures import write_figures
    from offline.inference.study import read_observation

    config = read_inference(args.configuration)
    folder = args.output or config.result.with_name(f"{config.result.stem}-figures")
    paths = write_figures(folder, config, None if args.observation is None else read_observation(args.observation))
    if args.json:
        show_json({"figures": [str(path) for path in paths]})
    tell(f"{len(paths)} figures: {folder}")
    return 0
