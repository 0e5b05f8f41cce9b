"""``l1ml menu abcd``: the background of two seeds together, from the crossings that fire one of them or none."""

from __future__ import annotations

import argparse
from pathlib import Path

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.console import show_json, show_table
from l1ml.errors import ConfigError

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml menu``."""
    text = (
        "how many crossings two seeds keep together if they are independent: N_B N_C / N_D with its error, and how far it holds, "
        "N_A N_D / (N_B N_C); of decisions, or of four counters. For a model with two scores see l1ml evaluate"
    )
    parser = add_verb(verbs, "abcd", text, model=False)
    parser.set_defaults(run=run)
    parser.add_argument("--on", type=Path, metavar="FILE", help="decision file of crossings (l1ml emulate ... --output)")
    parser.add_argument("--seeds", nargs=2, metavar=("FIRST", "SECOND"), help="the seeds, with --on")
    text = "counters of: both seeds, the first alone, the second alone, neither"
    parser.add_argument("--counts", type=int, nargs=4, metavar=("A", "B", "C", "D"), help=text)
    text = "prescales of the counters (1 1 1 1): each saw one crossing of so many"
    parser.add_argument("--prescales", type=int, nargs=4, default=[1, 1, 1, 1], metavar=("A", "B", "C", "D"), help=text)


def run(args: argparse.Namespace) -> int:
    """Estimate and show."""
    from l1ml.reporting.formatting import with_error
    from l1ml.trigger.abcd import abcd_of_counters
    from l1ml.trigger.region_counts import region_counts

    if (args.counts is None) == (args.on is None) or (args.on is None) != (args.seeds is None):
        msg = "give a decision file and two seeds of it (--on FILE --seeds FIRST SECOND), or four counters (--counts A B C D)"
        raise ConfigError(msg)
    found = abcd_of_counters(args.counts or region_counts(args.on, *args.seeds), args.prescales)
    if args.json:
        show_json(found.to_dict())
        return 0
    title = "both seeds" if args.seeds is None else " and ".join(args.seeds)
    rows = [(name, f"{count:,.0f}") for name, count in zip("ABCD", found.counts, strict=True)]
    rows += [("B C / D", with_error(found.estimate, found.estimate_error))]
    rows += [("A D / (B C)", with_error(found.closure, found.closure_error))]
    show_table(title, ["", "crossings"], rows)
    return 0
