"""``l1ml export network``: one file that gives the score words with numpy and h5py alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.cli.arguments import Subparsers
from l1ml.cli.console import show_json, show_table, tell

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml export``."""
    text = "write the network of a model to one HDF5 file, which runs with numpy and h5py alone"
    parser = verbs.add_parser("network", help=text, description=text)
    parser.add_argument("model", type=Path, help="folder of the model, such as models/axo, or the file of a network")
    parser.add_argument("out", type=Path, metavar="OUT.h5", help="the file to write")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the file and show what computes each operation exactly."""
    from l1ml.emulation.portable import read_network

    network = read_network(args.model)
    network.save(args.out)
    content = {
        "file": str(args.out),
        "name": network.name,
        "digest": network.digest,
        "schema_digest": network.schema_digest,
        "inputs": len(network.features),
        "scores": list(network.score_names),
        "output_format": str(network.network.output_format),
    }
    if args.json:
        show_json(content)
        return 0
    show_table(f"network {network.name}", ["", "value"], [(name, str(value)) for name, value in content.items()])
    tell(f"l1ml: {args.out} is written; it reads and gives the same words wherever numpy and h5py are")
    return 0
