"""``l1ml menu show``, ``replay`` and ``explain``: real menus of the Global Trigger."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers
from l1ml.console import show_json, show_table, tell

if TYPE_CHECKING:
    from l1ml.trigger.menus.menu import Menu
    from l1ml.trigger.networks import BoundNetwork
    from l1ml.trigger.replay import ReplayReport

__all__ = ["add_verbs"]

_ORBITS_AT_ONCE = 4
_STDOUT = "-"


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verbs to those of ``l1ml menu``."""
    text = "show the algorithms of a menu (XML, HTML report or TOML), or one of them in words with hardware values"
    show = verbs.add_parser("show", help=text, description=text)
    show.add_argument("menu", type=Path, help="the menu document")
    show.add_argument("seed", nargs="?", help="name of an algorithm")
    show.set_defaults(run=run_show)
    text = "decide every crossing of a vector file and compare with its algorithm bits; 0 only if nothing supported disagrees"
    replay = verbs.add_parser("replay", help=text, description=text)
    replay.set_defaults(run=run_replay)
    text = "say why an algorithm fired or not in one crossing of a vector file, object by object"
    explain = verbs.add_parser("explain", help=text, description=text)
    explain.add_argument("--seed", required=True, help="name of an algorithm")
    explain.add_argument("--bx", type=int, required=True, help="crossing, 0 to 3563, of the first orbit of the file")
    explain.set_defaults(run=run_explain)
    for parser in (replay, explain):
        parser.add_argument("--menu", type=Path, required=True, help="the menu document")
        parser.add_argument("--vectors", type=Path, required=True, help="vector file made for it, plain or gzip")
        parser.add_argument("--networks", type=Path, metavar="TOML", help="file that binds the networks of the menu's score cuts")
        parser.add_argument("--era", help="year of the word layout; by default what the name of the file says")
    for parser in (show, replay, explain):
        parser.add_argument("--json", nargs="?", const=_STDOUT, metavar="OUT", help="result as JSON, to the file OUT or printed")
        parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def run_show(args: argparse.Namespace) -> int:
    """Show a menu or one of its algorithms."""
    from l1ml.trigger.menus.reader import read_menu

    menu = read_menu(args.menu)
    if args.seed is not None:
        return _show_seed(args, menu)
    names = ("name", "index", "expression")
    if args.json:
        content = [{name: getattr(item, name) for name in names} for item in menu.algorithms]
        _write_json(args.json, {"menu": menu.name, "algorithms": content})
    else:
        rows = [(item.name, str(item.index), item.expression) for item in menu.algorithms]
        show_table(f"{menu.name}: {len(rows)} algorithms", ["algorithm", "bit", "expression"], rows)
    return 0


def _show_seed(args: argparse.Namespace, menu: Menu) -> int:
    """Show one algorithm."""
    from l1ml.trigger.description import describe_condition

    seed = menu[args.seed]
    conditions = {name: describe_condition(menu.conditions[name]) for name in seed.conditions}
    if args.json:
        _write_json(args.json, {"name": seed.name, "index": seed.index, "expression": seed.expression, "conditions": conditions})
        return 0
    rows = [("bit", str(seed.index)), ("expression", seed.expression)]
    for name, lines in conditions.items():
        rows += [(name if number == 0 else "", line) for number, line in enumerate(lines)]
    show_table(seed.name, ["condition", "asks for (hardware values)"], rows)
    return 0


def run_replay(args: argparse.Namespace) -> int:
    """Replay a vector file."""
    from l1ml.data.ugt_vectors import N_CROSSINGS, iterate_vectors
    from l1ml.trigger.menus.reader import read_menu
    from l1ml.trigger.replay import replay

    menu = read_menu(args.menu)
    batches = iterate_vectors(args.vectors, _ORBITS_AT_ONCE * N_CROSSINGS, era=args.era)
    report = replay(menu, batches, args.vectors.name, _networks(args))
    if args.json:
        _write_json(args.json, report.to_json())
    if args.json != _STDOUT:
        _show_report(report)
    return 1 if report.mismatches else 0


def _networks(args: argparse.Namespace) -> dict[str, BoundNetwork]:
    """Networks of the file that was named, if one was."""
    if args.networks is None:
        return {}
    from l1ml.trigger.network_file import read_networks

    return read_networks(args.networks)


def run_explain(args: argparse.Namespace) -> int:
    """Explain one decision."""
    from l1ml.data.ugt_vectors import iterate_vectors
    from l1ml.trigger.explanation import explain
    from l1ml.trigger.menus.reader import read_menu

    orbit = next(iterate_vectors(args.vectors, era=args.era))
    explanation = explain(read_menu(args.menu), orbit, args.seed, args.bx, _networks(args))
    if args.json:
        _write_json(args.json, explanation.to_json())
        return 0
    rows = [("here", explanation.verdict), ("in the vectors", "fires" if explanation.in_vectors else "does not fire")]
    rows += [("" if number else "because", line) for number, line in enumerate(explanation.deciding)]
    show_table(f"{explanation.name} in crossing {explanation.bx}", ["", ""], rows)
    return 0


def _show_report(report: ReplayReport) -> None:
    """Tables of the comparison; notes on stderr."""
    content = report.to_json()
    names = ("crossings", "algorithms", "supported", "exact", "mismatched_bits")
    show_table(f"{report.menu} on {report.vectors}", ["", *names], [("", *(content[name] for name in names))])
    if report.unsupported:
        show_table("unsupported", ["algorithm", "reason"], list(report.unsupported.items()))
    if report.mismatches:
        rows = [(item.name, item.bits, item.only_here, str(item.first_bx), item.cause) for item in report.mismatches]
        show_table("disagreements", ["algorithm", "bits", "fire only here", "first crossing", "cause"], rows)
        deciding = [(item.name, line) for item in report.mismatches for line in item.deciding]
        show_table("at the first crossing", ["algorithm", "condition"], deciding)
    for note in report.notes:
        tell(f"l1ml: {note}")


def _write_json(where: str, content: object) -> None:
    from l1ml.storage import write_json

    if where == _STDOUT:
        show_json(content)
    else:
        write_json(Path(where), content)
