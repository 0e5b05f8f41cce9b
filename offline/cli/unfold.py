"""``l1ml-offline unfold``: from reconstructed to true distributions."""

from __future__ import annotations

from offline.cli import unfold_plot, unfold_run, unfold_validate
from offline.cli.arguments import Subparsers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verbs."""
    text = "unfold: from reconstructed to true distributions, with errors"
    verbs = subparsers.add_parser("unfold", help=text, description=text).add_subparsers(required=True, metavar="VERB")
    for verb in (unfold_run, unfold_validate, unfold_plot):
        verb.add_parser(verbs)
