"""``l1ml-offline infer scan``: which parameters an observation allows, from a learnt ratio."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, show_table, tell, told
from offline.cli.arguments import Subparsers, add_verb
from offline.cli.infer_sample import add_observation

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "scan", "scan a learnt ratio over its parameters, given independent events")
    parser.add_argument("configuration", type=Path, help="TOML file that train was given")
    add_observation(parser)
    parser.add_argument("--level", type=float, default=0.683, help="confidence")
    parser.add_argument("--points", type=int, default=101, help="of the grid, for each parameter")
    text = "calibrate with so many toys at each point of the grid, of the simulator that the configuration names"
    parser.add_argument("--toys", type=int, default=0, help=text)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the best point and the accepted range of each parameter."""
    from offline.inference.configuration import read_inference
    from offline.inference.study import read_observation, scan

    x = read_observation(args.observation)
    with told() as progress:
        config = read_inference(args.configuration)
        prior, found = scan(config, x, level=args.level, points=args.points, toys=args.toys, progress=progress)
    result = found.to_dict()
    if args.json:
        show_json({"parameters": list(prior.names), "events": len(x), **result})
    else:
        ends = result["ends"] or [["none"] * 2] * prior.dimension
        rows = [
            (name, f"{best:.4g}", *(end if isinstance(end, str) else f"{end:.4g}" for end in pair))
            for name, best, pair in zip(prior.names, result["best"], ends, strict=True)
        ]
        show_table(f"{len(x)} events, {args.level:.1%}, {found.belt.kind}", ("parameter", "best", "from", "to"), rows)
    if not args.toys:
        tell("asymptotic intervals cover for many events and a right ratio: --toys calibrates them")
    return 0
