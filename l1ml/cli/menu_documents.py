"""``l1ml menu convert`` and ``l1ml menu diff``: menu documents of the Global Trigger."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers
from l1ml.console import show_json, show_table, tell
from l1ml.errors import ConfigError

if TYPE_CHECKING:
    from l1ml.trigger.menus.menu_diff import MenuDiff

__all__ = ["add_verbs"]

_TOML = ".toml"


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verbs to those of ``l1ml menu``."""
    text = "read a menu (XML, HTML report or TOML) and write it as TOML"
    convert = verbs.add_parser("convert", help=text, description=text)
    convert.add_argument("source", type=Path, metavar="IN", help="the menu document")
    convert.add_argument("target", type=Path, metavar="OUT", help="the TOML file to write")
    convert.set_defaults(run=run_convert)
    text = "show what differs between two menus: algorithms added, removed, moved, and of another meaning"
    diff = verbs.add_parser("diff", help=text, description=text)
    diff.add_argument("before", type=Path, metavar="M1", help="a menu document")
    diff.add_argument("after", type=Path, metavar="M2", help="another one")
    diff.add_argument("--json", action="store_true", help="print the result as JSON")
    diff.set_defaults(run=run_diff)
    for parser in (convert, diff):
        parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def run_convert(args: argparse.Namespace) -> int:
    """Write a menu as TOML."""
    from l1ml.trigger.menus.reader import read_menu
    from l1ml.trigger.menus.toml_menu import write_toml_menu

    if args.target.suffix != _TOML:
        msg = f"can write TOML only, received {args.target.name!r}; give a name that ends in {_TOML}"
        raise ConfigError(msg)
    menu = read_menu(args.source)
    write_toml_menu(args.target, menu)
    tell(f"l1ml: {menu.name}: {len(menu.algorithms)} algorithms, {len(menu.conditions)} conditions written to {args.target}")
    return 0


def run_diff(args: argparse.Namespace) -> int:
    """Show what differs."""
    from l1ml.trigger.menus.menu_diff import menu_diff
    from l1ml.trigger.menus.reader import read_menu

    diff = menu_diff(read_menu(args.before), read_menu(args.after))
    if args.json:
        show_json(diff.to_json())
    else:
        _show(diff)
    return 0


def _show(diff: MenuDiff) -> None:
    rows = [(name, "removed", "") for name in diff.removed]
    rows += [(name, "added", "") for name in diff.added]
    rows += [(name, "moved", f"{before} -> {after}") for name, before, after in diff.moved]
    for change in diff.changed:
        limits = f"limits of {', '.join(change.conditions)}" if change.conditions else f"{change.before} -> {change.after}"
        rows.append((change.name, "changed", limits))
    show_table(f"{diff.before} -> {diff.after}: {len(rows)} differences", ["algorithm", "", "what"], rows)
