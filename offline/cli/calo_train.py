"""``l1ml-offline calo train``: from showers to a generator."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from l1ml.console import show_json, tell, told
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "train", "train a generator on a file of showers; after a stop the same command goes on")
    parser.add_argument("showers", type=Path, help="file of showers to learn from")
    parser.add_argument("output", type=Path, help="file of the generator to make")
    text = "of the showers, where their file does not say: a name or a binning file of the CaloChallenge (XML)"
    parser.add_argument("--geometry", metavar="NAME|FILE", help=text)
    text = "energy below which a voxel has none, MeV; without a word that of the file, or the smallest in it"
    parser.add_argument("--threshold", type=float, help=text)
    text = "cascade (the default), diffusion or flow_matching; the latter two need layers that are alike"
    parser.add_argument("--method", metavar="NAME", help=text)
    text = "TOML file of settings, with those of offline.calorimeter.generators for the method as keys"
    parser.add_argument("--configuration", type=Path, metavar="FILE", help=text)
    text = "passes over the showers of both networks of a cascade"
    parser.add_argument("--epochs", type=int, nargs=2, metavar=("FLOW", "RINGS"), help=text)
    parser.add_argument("--updates", type=int, help="of the network of a diffusion or of flow matching")
    parser.add_argument("--seed", type=int, help="root of the random numbers (default 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, write the file and say what was found on showers that were not learnt from."""
    from offline.calorimeter.generators import fit, write_generator
    from offline.calorimeter.generators.methods import configured, lengthened
    from offline.calorimeter.shower_file import ShowerFile
    from offline.cli.calo_geometry import geometry_of

    settings = lengthened(configured(args.configuration, args.method, args.seed), args.epochs, args.updates)
    folder = args.output.with_name(f"{args.output.name}-parts")
    with told() as progress:
        file = ShowerFile.open(args.showers, geometry_of(args.geometry))
        generator = fit(file, settings, threshold=args.threshold, folder=folder, progress=progress)
    write_generator(args.output, generator)
    shutil.rmtree(folder, ignore_errors=True)
    if args.json:
        show_json({"file": str(args.output), **generator.record})
    low, high = (energy / 1000 for energy in generator.energy_range)
    tell(f"generator of {generator.geometry.n_voxels} voxels, {low:.4g} to {high:.4g} GeV: {args.output}")
    return 0
