"""``l1ml-offline calo sample``: showers from a generator."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.console import show_json, tell, told
from l1ml.errors import ConfigError
from offline.cli.arguments import Subparsers, add_verb

if TYPE_CHECKING:
    from offline.calorimeter.generators import ShowerGenerator

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = add_verb(subparsers, "sample", "draw showers from a generator")
    parser.add_argument("generator", type=Path, help="file that train, distil or bank has made")
    parser.add_argument("output", type=Path, help="file of showers to make")
    parser.add_argument("--showers", type=int, default=10_000, metavar="N", help="how many (default 10000)")
    text = "limits in GeV, even in the logarithm between; those of the training without a word"
    parser.add_argument("--energy", type=float, nargs=2, metavar=("LOW", "HIGH"), help=text)
    text = "take the energies of the particles in this file of showers, and their number, in place of these"
    parser.add_argument("--like", type=Path, metavar="FILE", help=text)
    parser.add_argument("--batch", type=int, default=100, metavar="N", help="showers that are made at a time (default 100)")
    parser.add_argument("--particle", help="of a bank, with --eta: what is to make showers, such as gamma")
    parser.add_argument("--eta", type=float, help="of a bank: the direction of the particles")
    parser.add_argument("--steps", type=int, help="of a diffusion or flow matching, in place of those of its file")
    text = "the same of its sampler: ddim, heun, predictor, predictor_corrector, or consistency if it was distilled so"
    parser.add_argument("--sampler", metavar="NAME", help=text)
    parser.add_argument("--seed", type=int, default=1, help="root of the random numbers (default 1)")
    parser.add_argument("--extrapolate", action="store_true", help="allow energies beyond those of the training")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Draw, and say how long a shower took."""
    from offline.calorimeter.generators.sampling import Sampling, sample_file

    asked = None if args.energy is None else (1000.0 * args.energy[0], 1000.0 * args.energy[1])
    sampling = Sampling(args.showers, asked, args.like, args.batch, args.seed, extrapolate=args.extrapolate)
    generator = _generator(args).drawn_with(sampler=args.sampler, steps=args.steps)
    with told() as progress:
        file, seconds = sample_file(args.output, generator, sampling, progress=progress)
    milliseconds = 1000 * seconds / file.n
    if args.json:
        show_json({"file": str(args.output), "showers": file.n, "milliseconds": milliseconds, "batch": args.batch})
    tell(f"{file.n} showers, {milliseconds:.3g} ms each in batches of {args.batch}: {args.output}")
    return 0


def _generator(args: argparse.Namespace) -> ShowerGenerator:
    """That of the file, or of the bank that it is, for what is asked."""
    from offline.calorimeter.generators import read_bank, read_generator

    if args.particle is None and args.eta is None:
        return read_generator(args.generator)
    if args.particle is None or args.eta is None:
        msg = "of a bank one generator is chosen by --particle and --eta, received only one of them"
        raise ConfigError(msg)
    return read_bank(args.generator).generator(args.particle, args.eta)
