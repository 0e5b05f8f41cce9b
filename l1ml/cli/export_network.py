"""``l1ml export network``: one file that gives the score words with numpy and h5py alone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.console import show_json, show_table, tell

if TYPE_CHECKING:
    from l1ml.emulation.carriers import Proof

__all__ = ["add_verbs", "show_proofs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml export``."""
    text = "write the network of a model to one HDF5 file, which runs with numpy and h5py alone"
    parser = add_verb(verbs, "network", text, model=False)
    parser.add_argument("model", type=Path, help="folder of the model, such as models/axo, or the file of a network")
    parser.add_argument("out", type=Path, metavar="OUT.h5", help="the file to write")
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
        "scores": network.score_names,
        "output_format": str(network.network.output_format),
        "operations": [proof.to_dict() for proof in network.emulator.proofs],
    }
    if args.json:
        show_json(content)
        return 0
    rows = [(name, ", ".join(value) if isinstance(value, tuple) else str(value)) for name, value in content.items()]
    show_table(f"network {network.name}", ["", "value"], rows[:-1])
    show_proofs(network.emulator.proofs)
    tell(f"l1ml: {args.out} is written; it reads and gives the same words wherever numpy and h5py are")
    return 0


def show_proofs(proofs: Sequence[Proof]) -> None:
    """Table of what carries each operation without rounding."""
    columns = ("name", "operation", "n_words", "magnitude", "bits", "carrier")
    rows = [tuple(proof.to_dict()[name] for name in columns) for proof in proofs]
    show_table("exact by construction", ["layer", "operation", "words", "largest magnitude", "bits", "carrier"], rows)
