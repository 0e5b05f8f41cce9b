"""``l1ml compare``: the recorded bits of a run against its emulation, and the run against a reference."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.undecided import tell_undecided
from l1ml.console import show_json, show_table, tell, told

if TYPE_CHECKING:
    from l1ml.trigger.monitoring import ComparisonFiles, RunComparison

__all__ = ["add_parser"]

_ALARM = 3
_SHOWN = 20
_EPILOG = "exit status: 0 OK or LOOK, 3 ALARM, 1 error, 2 wrong usage; the first line printed says which and why"


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = (
        "compare the recorded trigger bits of a run with those of its emulation, seed by seed, and its distributions with those "
        "of a reference: a page for a shifter and an exit status for a cron job"
    )
    parser = add_verb(subparsers, "compare", text, model=False)
    parser.epilog = _EPILOG
    parser.set_defaults(run=run)
    recorded = "crossings with recorded bits: uGT vectors, NanoAOD with L1_*, L1Ntuple, or a decision file"
    parser.add_argument("recorded", type=Path, help=recorded)
    parser.add_argument("emulated", type=Path, nargs="?", help="decision file of their emulation; without it --menu decides")
    parser.add_argument("--menu", type=Path, help="menu document of the run: names bits, emulates, explains mismatches")
    parser.add_argument("--networks", type=Path, metavar="TOML", help="file that binds the networks of the menu's score cuts")
    parser.add_argument("--era", help="year of the word layout of vectors; by default what their names say")
    text = "prescales (CSV) or run settings (XML) of the run, for recorded bits after the prescale"
    parser.add_argument("--settings", type=Path, action="append", default=[], metavar="FILE", help=text)
    parser.add_argument("--column", metavar="NAME", help="prescale column of the run")
    text = "file to hold distributions and rates against, and the decision file of its emulation if scores are watched"
    parser.add_argument("--reference", type=Path, nargs="+", default=[], metavar="FILE", help=text)
    text = "chance of a false alarm by drift of any distribution or rate, and by any seed beyond --allowed (0.01)"
    parser.add_argument("--false-alarms", type=float, default=0.01, metavar="P", help=text)
    text = "share of a seed's firings that may mismatch before it is an alarm (0: every mismatch is one)"
    parser.add_argument("--allowed", type=float, default=0.0, metavar="SHARE", help=text)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write the page of a shifter there: Markdown, PNG, JSON")


def run(args: argparse.Namespace) -> int:
    """Compare."""
    from l1ml.reporting.shift_page import write_shift_page
    from l1ml.trigger.monitoring import Limits, Status, compare_files

    limits = Limits(args.false_alarms, args.allowed)
    with told() as progress:
        comparison = compare_files(_files(args), limits, progress)
    if args.output is not None:
        paths = write_shift_page(comparison, args.output)
        tell(f"l1ml: {paths[-1]}")
    if args.json:
        show_json(comparison.to_dict())
    else:
        _show(comparison)
    return _ALARM if comparison.verdict.status is Status.ALARM else 0


def _files(args: argparse.Namespace) -> ComparisonFiles:
    """The files that were named."""
    from l1ml.errors import ConfigError
    from l1ml.trigger.menus.menu_source import MenuSource
    from l1ml.trigger.monitoring import ComparisonFiles
    from l1ml.trigger.network_file import read_networks

    if len(args.reference) > 2:
        msg = f"a reference is one recorded file, or one and its decision file; received {len(args.reference)} files"
        raise ConfigError(msg)
    if args.menu is None and (args.settings or args.networks or args.column):
        msg = "settings, columns and networks belong to a menu: name it with --menu"
        raise ConfigError(msg)
    menu, settings = None, None
    if args.menu is not None:
        menu = MenuSource(args.menu).read()[0]
        if args.settings or args.column:
            columns = (args.column,) if args.column else ()
            settings = MenuSource(args.menu, tuple(args.settings), columns).read()[0]
    networks = {} if args.networks is None else read_networks(args.networks)
    return ComparisonFiles(args.recorded, args.emulated, menu, settings, networks, tuple(args.reference), args.era)


def _show(comparison: RunComparison) -> None:
    """The headline, the seeds that mismatch, and the strongest drifts."""
    from l1ml.reporting.shift_page import seed_rows

    verdict = comparison.verdict
    print(verdict.headline)
    for reason in verdict.reasons[1:]:
        print(f"  {reason}")
    wrong = tuple(item for item in comparison.seeds if item.mismatches)
    if wrong:
        columns = ["seed", "bits", "both", "only recorded", "only emulated", "mismatch % (95 %)", "p in bx", "p in time"]
        show_table(f"seeds that mismatch ({len(wrong)})", columns, seed_rows(wrong[:_SHOWN]))
        rows = [
            (item.name, item.first[0].where, line) for item in wrong[:_SHOWN] if item.first for line in item.first[0].deciding
        ]
        if rows:
            show_table("at the first mismatch", ["seed", "crossing", "condition"], rows)
    if comparison.drift is not None:
        rows = [(item.name, f"{item.p_value:.2g}", f"{item.adjusted:.2g}") for item in comparison.drift.quantities[:5]]
        show_table("strongest drift", ["quantity", "p", "family-wise p"], rows)
    tell_undecided(comparison.unsupported, "emulation")
    for note in comparison.notes:
        tell(f"l1ml: {note}")
