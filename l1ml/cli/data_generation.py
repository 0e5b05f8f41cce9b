"""``l1ml data generate-jets`` and ``generate-pairs``: samples for offline work."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from l1ml.cli.arguments import Subparsers, add_crew, add_verb
from l1ml.console import TerminalProgress, show_json, show_table

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verbs to those of ``l1ml data``."""
    jets = add_verb(
        verbs, "generate-jets", "generate jets of five classes (g, q, W, Z, t) with constituents and features", model=False
    )
    jets.add_argument("--n", type=int, required=True, metavar="JETS", help="jets of each class")
    jets.add_argument("--pt", type=float, default=1000.0, metavar="GEV", help="pt of the partons (1000)")
    jets.add_argument("--radius", type=float, default=0.8, metavar="R", help="distance parameter of anti-kt (0.8)")
    jets.set_defaults(run=run_jets)
    pairs = add_verb(verbs, "generate-pairs", "generate gen/reco pairs of the leading jet of Z + jet, for unfolding", model=False)
    pairs.add_argument("--n", type=int, required=True, metavar="PAIRS", help="pairs, misses and fakes included")
    text = "tune and shower: monash, a14 or vincia (a tenth of the speed); default monash"
    pairs.add_argument("--variant", default="monash", metavar="NAME", help=text)
    pairs.set_defaults(run=run_pairs)
    for parser in (jets, pairs):
        parser.add_argument("output", type=Path, help="event file to make (.h5)")
        parser.add_argument("--seed", type=int, default=1, help="root of every random number (1)")
        parser.add_argument("--force", action="store_true", help="replace a file that holds something else")
        add_crew(parser)


def run_jets(args: argparse.Namespace) -> int:
    """Generate jets of five classes."""
    from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
    from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig

    config = ClassJetsConfig(jets=args.n, seed=args.seed, pt_gev=args.pt, radius=args.radius)
    return _show(args, generate_jets(config, args.output, **_crew(args)))


def run_pairs(args: argparse.Namespace) -> int:
    """Generate gen/reco pairs."""
    from l1ml.data.generation.jet_samples.jet_pair_jobs import generate_pairs
    from l1ml.data.generation.jet_samples.jet_pair_recipe import JetPairsConfig

    config = JetPairsConfig(pairs=args.n, seed=args.seed, variant=args.variant)
    return _show(args, generate_pairs(config, args.output, **_crew(args)))


def _crew(args: argparse.Namespace) -> dict[str, Any]:
    return {"workers": args.workers, "scheduler": args.scheduler, "force": args.force, "progress": TerminalProgress()}


def _show(args: argparse.Namespace, record: Any) -> int:
    """Say what was made."""
    content = record.to_dict()
    if args.json:
        show_json(content)
    else:
        show_table("event file", list(content), [list(content.values())])
    return 0
