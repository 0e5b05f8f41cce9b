"""``l1ml-offline calo``: showers in calorimeters."""

from __future__ import annotations

from offline.cli import calo_bank, calo_distil, calo_evaluate, calo_plot, calo_sample, calo_simulate, calo_train
from offline.cli.arguments import Subparsers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verbs."""
    text = "calo: showers in calorimeters, simulated and generated"
    verbs = subparsers.add_parser("calo", help=text, description=text).add_subparsers(required=True, metavar="VERB")
    for verb in (calo_simulate, calo_train, calo_distil, calo_bank, calo_sample, calo_evaluate, calo_plot):
        verb.add_parser(verbs)
