"""``l1ml-offline calo simulate``: a file of parametrised showers."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell, told
from offline.cli.arguments import Subparsers, add_verb, add_workers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "simulate electromagnetic showers by a parametrisation; after a stop the same command goes on"
    parser = add_verb(subparsers, "simulate", text)
    parser.add_argument("output", type=Path, help="file to make, HDF5 as the CaloChallenge has it")
    parser.add_argument("--geometry", default="45x16x9", help="layers x sectors x rings: 45x16x9 (default), 45x50x18 or 28x16x9")
    parser.add_argument("--showers", type=int, default=10_000, metavar="N", help="how many (default 10000)")
    text = "limits in GeV, even in the logarithm between (default 1 1000)"
    parser.add_argument("--energy", type=float, nargs=2, default=(1.0, 1000.0), metavar=("LOW", "HIGH"), help=text)
    parser.add_argument("--seed", type=int, default=1, help="root of the random numbers (default 1)")
    add_workers(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, and say what is in the file."""
    from offline.calorimeter.simulation import Beam, simulate_file, simulator

    beam = Beam(args.showers, 1000.0 * args.energy[0], 1000.0 * args.energy[1], args.seed)
    crew = {"workers": args.workers, "scheduler": args.scheduler}
    with told() as progress:
        file = simulate_file(args.output, simulator(args.geometry), beam, **crew, progress=progress)
    if args.json:
        found = {"showers": file.n, "voxels": file.geometry.n_voxels, "threshold": file.threshold}
        show_json({"file": str(args.output), **found, "geometry": file.geometry.digest})
    tell(f"{file.n} showers of {file.geometry.n_voxels} voxels: {args.output}")
    return 0
