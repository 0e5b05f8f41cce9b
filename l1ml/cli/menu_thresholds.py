"""``l1ml menu thresholds``: the words of scores at the rates that a menu asks for, on zero bias with any networks."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.console import show_json, show_table, tell

if TYPE_CHECKING:
    from l1ml.trigger.menus.menu import Menu

__all__ = ["add_verbs"]


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml menu``."""
    text = "derive the thresholds on scores of crossings and of objects at their rates (rate_khz), and write the menu with them"
    parser = add_verb(verbs, "thresholds", text, model=False)
    parser.add_argument("--menu", type=Path, required=True, help="a menu document: TOML, with rate_khz beside scores")
    text = "zero bias with weights: event files; all crossings are held in memory"
    parser.add_argument("--on", type=Path, nargs="+", required=True, metavar="FILE", help=text)
    parser.add_argument("--networks", type=Path, required=True, metavar="TOML", help="file that binds the networks of the menu")
    parser.add_argument("--output", type=Path, required=True, metavar="TOML", help="the menu to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Derive and write."""
    from l1ml.data.events import Events
    from l1ml.data.readers import reader_of
    from l1ml.trigger.conditions.columns import Columns
    from l1ml.trigger.menus.reader import read_menu
    from l1ml.trigger.menus.toml_menu import write_toml_menu
    from l1ml.trigger.network_file import read_networks
    from l1ml.trigger.networks import scores_of
    from l1ml.trigger.thresholds import resolve_thresholds

    menu, networks = read_menu(args.menu), read_networks(args.networks)
    events = Events.concatenate([batch for path in args.on for batch in reader_of(path).iterate(path)])
    columns = Columns.of_events(events)
    # digests of thresholds that are derived anew are those of these networks; others are compared at the end
    scores = scores_of(replace(menu, networks={}), columns, networks)
    digests = {name: network.digest for name, network in networks.items()}
    resolved = resolve_thresholds(menu, scores, events.weight, digests, columns)
    write_toml_menu(args.output, resolved)
    _show(args, resolved, events.n)
    return 0


def _show(args: argparse.Namespace, menu: Menu, crossings: int) -> None:
    cuts = menu.definitions.object_cuts.values()
    derived = [
        (cut.name, cut.rate_khz, cut.window.minimum) for cut in cuts if cut.rate_khz is not None and cut.window is not None
    ]
    if args.json:
        keys = ("cut", "rate_khz", "word")
        show_json({"crossings": crossings, "thresholds": [dict(zip(keys, row, strict=True)) for row in derived]})
        return
    show_table(f"{menu.name} on {crossings:,} crossings", ["cut", "at most kHz", "word"], derived)
    tell(f"l1ml: {args.output} is the menu with these words; l1ml menu rates says what its seeds cost together")
