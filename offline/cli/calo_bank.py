"""``l1ml-offline calo bank``: generators of many particles and directions in one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.console import show_json, tell
from l1ml.errors import ConfigError
from offline.cli.arguments import Subparsers, add_verb

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = "put generators of particles and slices of |eta| into one file, from which sample draws with --particle and --eta"
    parser = add_verb(subparsers, "bank", text)
    parser.add_argument("output", type=Path, help="file to make")
    parser.add_argument(
        "--add",
        nargs=4,
        action="append",
        required=True,
        metavar=("PARTICLE", "LOW", "HIGH", "FILE"),
        help="a generator, and what it is for: |eta| from LOW up to HIGH; once for each",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read the generators and write the bank."""
    from offline.calorimeter.generators import read_generator
    from offline.calorimeter.generators.bank import EtaSlice, GeneratorBank
    from offline.calorimeter.generators.bank_file import write_bank

    slices = [EtaSlice(particle, *_edges(low, high)) for particle, low, high, _ in args.add]
    if twice := {str(one) for one in slices if slices.count(one) > 1}:
        msg = f"each slice has one generator, received several for {', '.join(sorted(twice))}"
        raise ConfigError(msg)
    bank = GeneratorBank({one: read_generator(Path(added[3])) for one, added in zip(slices, args.add, strict=True)})
    write_bank(args.output, bank)
    if args.json:
        show_json({"file": str(args.output), "slices": bank.to_dict()})
    tell(f"{len(bank.slices)} generators, {', '.join(map(str, bank.slices))}: {args.output}")
    return 0


def _edges(low: str, high: str) -> tuple[float, float]:
    try:
        return float(low), float(high)
    except ValueError as error:
        msg = f"--add takes a particle, two numbers and a file, received {low!r} and {high!r} as numbers"
        raise ConfigError(msg) from error
