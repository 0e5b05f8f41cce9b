"""``l1ml emulate``: scores of networks and decisions of a menu over files of crossings."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers
from l1ml.cli.console import TerminalProgress, show_json, show_table
from l1ml.errors import ConfigError

if TYPE_CHECKING:
    from l1ml.trigger.file_emulation import Emulation

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = (
        "scores of networks and decisions of a menu over files of crossings, in one pass into a decision file; of a model alone: "
        "its own events and menu, into run/decisions"
    )
    parser = subparsers.add_parser("emulate", help=text, description=text)
    parser.add_argument("networks", type=Path, nargs="*", metavar="MODEL", help="folders of models, or files of networks")
    text = "crossings: event files, uGT vectors, NanoAOD, L1Ntuples ..."
    parser.add_argument("--on", type=Path, nargs="+", metavar="FILE", help=text)
    parser.add_argument("--output", type=Path, metavar="OUT.h5", help="the decision file to write")
    parser.add_argument("--menu", type=Path, help="a menu document: XML, HTML report or TOML")
    parser.add_argument("--networks", dest="table", type=Path, metavar="TOML", help="file that binds networks of score cuts")
    parser.add_argument("--era", help="year of the word layout of the vectors; by default what their names say")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="batches that are computed at once")
    parser.add_argument("--proofs", action="store_true", help="show what carries each operation of the networks exactly")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Emulate and say what was written."""
    from l1ml.trigger.crossing_source import CrossingSource
    from l1ml.trigger.file_emulation import emulate_files

    emulation, jobs = _own(args) if args.on is None else (_asked(args), {args.output: args.on})
    content = []
    for output, paths in jobs.items():
        sources = [CrossingSource(path, args.era) for path in paths]
        n = emulate_files(emulation, sources, output, threads=args.threads, progress=TerminalProgress())
        content.append({"file": str(output), "crossings": n, "from": [str(path) for path in paths]})
    if args.json:
        show_json({"networks": emulation.digests, "menu": emulation.menu and emulation.menu.name, "written": content})
        return 0
    if args.proofs:
        _show_proofs(emulation)
    show_table("decision files", ["file", "crossings"], [(item["file"], item["crossings"]) for item in content])
    return 0


def _own(args: argparse.Namespace) -> tuple[Emulation, dict[Path, list[Path]]]:
    """A model on its own events."""
    from l1ml.workflow.own_emulation import own_emulation
    from l1ml.workflow.workspace import Workspace

    if len(args.networks) != 1 or not args.networks[0].is_dir() or args.menu or args.table or args.output:
        msg = "name the files of crossings (--on FILE ... --output OUT.h5); only the folder of one model has its own"
        raise ConfigError(msg)
    emulation, files = own_emulation(Workspace(args.networks[0], Path("hls_projects")))
    return emulation, {output: [path] for path, output in files.items()}


def _asked(args: argparse.Namespace) -> Emulation:
    """Networks and menu of the command line."""
    from l1ml.emulation.portable import PortableNetwork, read_network
    from l1ml.trigger.file_emulation import Emulation
    from l1ml.trigger.menus.reader import read_menu
    from l1ml.trigger.network_file import read_networks
    from l1ml.trigger.networks import BoundNetwork

    if args.output is None:
        msg = "say where the decision file goes: --output OUT.h5"
        raise ConfigError(msg)
    networks: dict[str, PortableNetwork | BoundNetwork] = {}
    networks.update({} if args.table is None else read_networks(args.table))
    for path in args.networks:
        network = read_network(path)
        if network.name in networks:
            msg = f"two networks are called {network.name!r}; give one of them another name in a file for --networks"
            raise ConfigError(msg)
        networks[network.name] = network
    return Emulation(networks, None if args.menu is None else read_menu(args.menu))


def _show_proofs(emulation: Emulation) -> None:
    """Tables of the networks that numpy computes."""
    from l1ml.cli.export_network import show_proofs
    from l1ml.emulation.integers import IntegerEmulator

    for network in emulation.networks.values():
        if isinstance(network.emulator, IntegerEmulator):
            show_proofs(network.emulator.proofs)
