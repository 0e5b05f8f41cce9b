"""``l1ml menu``: rates of a menu; real menus shown, converted, compared and replayed."""

from __future__ import annotations

from l1ml.cli import menu_abcd, menu_documents, menu_rates, menu_replay, menu_thresholds
from l1ml.cli.arguments import Subparsers

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its sub-verbs."""
    parser = subparsers.add_parser("menu", help="rates of a menu; real menus shown, converted, compared and replayed")
    verbs = parser.add_subparsers(dest="menu_verb", required=True)
    for module in (menu_rates, menu_thresholds, menu_abcd, menu_replay, menu_documents):
        module.add_verbs(verbs)
