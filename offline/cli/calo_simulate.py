"""``l1ml-offline calo simulate``: a file of parametrised showers, or of showers of Geant4."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.console import show_json, tell, told
from l1ml.errors import ConfigError
from offline.cli.arguments import Subparsers, add_verb, add_workers

if TYPE_CHECKING:
    from offline.calorimeter.simulation import ShowerSource

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "simulate electromagnetic showers by a parametrisation or Geant4; after a stop the same command goes on"
    parser = add_verb(subparsers, "simulate", text)
    parser.add_argument("output", type=Path, help="file to make, HDF5 as the CaloChallenge has it")
    text = "a parametrisation (default), or Geant4 of the extra geant4: some 5 ms for each GeV of a shower"
    parser.add_argument("--generator", choices=("gflash", "geant4"), default="gflash", help=text)
    text = "layers x sectors x rings: 45x16x9 (default) or 45x50x18 of W/Si, 28x16x9 of PbWO4, 70x16x9 of Pb/LAr"
    parser.add_argument("--geometry", default="45x16x9", help=text)
    parser.add_argument("--particle", help="with geant4: gamma (default), e-, e+ or mu-; the parametrisation is of electrons")
    parser.add_argument("--showers", type=int, default=10_000, metavar="N", help="how many (default 10000)")
    text = "limits in GeV, even in the logarithm between (default 1 1000)"
    parser.add_argument("--energy", type=float, nargs=2, default=(1.0, 1000.0), metavar=("LOW", "HIGH"), help=text)
    parser.add_argument("--seed", type=int, default=1, help="root of the random numbers (default 1)")
    add_workers(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Simulate, and say what is in the file."""
    from offline.calorimeter.simulation import Beam, simulate_file

    beam = Beam(args.showers, 1000.0 * args.energy[0], 1000.0 * args.energy[1], args.seed)
    crew = {"workers": args.workers, "scheduler": args.scheduler}
    with told() as progress:
        file = simulate_file(args.output, _source(args), beam, **crew, progress=progress)
    if args.json:
        found = {"showers": file.n, "voxels": file.geometry.n_voxels, "threshold": file.threshold}
        show_json({"file": str(args.output), **found, "geometry": file.geometry.digest})
    tell(f"{file.n} showers of {file.geometry.n_voxels} voxels: {args.output}")
    return 0


def _source(args: argparse.Namespace) -> ShowerSource:
    """The simulation that is asked for."""
    from offline.calorimeter.simulation import simulator
    from offline.calorimeter.simulation.geant4 import geant4_simulator

    if args.generator == "geant4":
        return replace(geant4_simulator(args.geometry), particle=args.particle or "gamma")
    if args.particle is not None:
        msg = f"only --generator geant4 has particles to choose from, received --particle {args.particle}"
        raise ConfigError(msg)
    return simulator(args.geometry)
