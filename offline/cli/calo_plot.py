"""``l1ml-offline calo plot``: the page of a judgement, drawn again."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell
from offline.cli.arguments import Subparsers, add_verb
from offline.cli.calo_evaluate import add_published

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "plot", "draw the figures of a judgement again, from its numbers")
    parser.add_argument("judgement", type=Path, help="folder that evaluate has made")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to, in place of the same folder")
    add_published(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    from offline.calorimeter.judging.page import read_judgement, write_judgement_page
    from offline.calorimeter.judging.published import read_submissions

    published = read_submissions(args.published) if args.published else ()
    folder = args.output or args.judgement
    paths = write_judgement_page(read_judgement(args.judgement), folder, published)
    if args.json:
        show_json({"files": [str(path) for path in paths]})
    tell(f"{len(paths)} files: {folder}")
    return 0
