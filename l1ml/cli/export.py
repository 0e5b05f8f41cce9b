"""``l1ml export``: a trained network in the forms that other programs take."""

from __future__ import annotations

from l1ml.cli import export_cpp, export_network
from l1ml.cli.arguments import Subparsers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verbs."""
    parser = subparsers.add_parser("export", help="write a trained network in a form that other programs take")
    verbs = parser.add_subparsers(dest="export_verb", required=True)
    for module in (export_network, export_cpp):
        module.add_verbs(verbs)
