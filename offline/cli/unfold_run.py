"""``l1ml-offline unfold run``: a configuration becomes a file of weighted events."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table, tell, told
from offline.cli.arguments import Subparsers, add_verb, add_workers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "run", "unfold what a configuration describes; after a stop the same command goes on")
    parser.add_argument("configuration", type=Path, help="TOML file; offline/unfolding/configuration.py describes it")
    parser.add_argument("--output", type=Path, metavar="FILE", help="file of the result, in place of that of [output]")
    add_workers(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Unfold, and show mean and standard deviation of each quantity before and after."""
    from offline.unfolding.configuration import read_configuration
    from offline.unfolding.study import Study
    from offline.unfolding.summary import summary_of

    config = read_configuration(args.configuration)
    result = args.output or config.result
    with told() as progress:
        study = Study.of(config, progress)
        unfolded = study.run(result, workers=args.workers, scheduler=args.scheduler, progress=progress)
    summary = summary_of(unfolded, study.inputs)
    if args.json:
        show_json({"file": str(result), **summary.to_dict()})
    else:
        show_table(f"{unfolded.method}: {result}", summary.columns, summary.rows())
    tell(f"unfolded: {result}")
    if not unfolded.replicas:
        tell("no errors were asked for: [uncertainties] in the configuration does")
    return 0
