"""``l1ml menu rates``: of a model's menu on its events, or of any menu on crossings of any format."""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l1ml.cli.arguments import Subparsers, add_verb
from l1ml.cli.console import TerminalProgress, show_json, show_table, tell
from l1ml.cli.steps import perform_verb
from l1ml.errors import ConfigError
from l1ml.reporting.formatting import rate, with_error
from l1ml.storage import write_text

if TYPE_CHECKING:
    from l1ml.trigger.menus.menu import Menu
    from l1ml.trigger.menus.prescale_table import PrescaleTable
    from l1ml.trigger.rates.column_cost import ColumnCosts
    from l1ml.trigger.rates.overlap import Overlap

__all__ = ["add_verbs"]

_SHOWN = 40
_REASONS = 5
_TABLE = ".csv"


def add_verbs(verbs: Subparsers) -> None:
    """Add the sub-verb to those of ``l1ml menu``."""
    text = (
        "rates of every seed: of a model's menu on its events, with thresholds derived at their rates, or of any menu (--menu) "
        "on crossings (--on), which should be zero bias: each crossing stands for an equal share of all"
    )
    parser = add_verb(verbs, "rates", text, optional=True)
    parser.set_defaults(run=run)
    parser.add_argument("--menu", type=Path, help="a menu document: XML, HTML report or TOML")
    text = "crossings: uGT vectors, event files, NanoAOD, L1Ntuples"
    parser.add_argument("--on", type=Path, nargs="+", metavar="FILE", help=text)
    parser.add_argument("--era", help="year of the word layout of the vectors; by default what their names say")
    parser.add_argument("--networks", type=Path, metavar="TOML", help="file that binds the networks of the menu's score cuts")
    parser.add_argument("--bunches", type=int, help="colliding bunch pairs; by default what the menu says")
    parser.add_argument(
        "--settings", type=Path, action="append", default=[], metavar="FILE", help="prescales (CSV) or run settings (XML)"
    )
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME", help="prescale column; again: what others would cost"
    )
    parser.add_argument("--overlap", type=Path, metavar="CSV", help="write the overlap matrix to this file")
    parser.add_argument("--all", action="store_true", help=f"show every seed, not the {_SHOWN} of the highest rate")


def run(args: argparse.Namespace) -> int:
    """Show the rates."""
    if (args.menu is None) == (args.model is None) or (args.menu is not None and not args.on):
        msg = "give the folder of a model (l1ml menu rates models/axo), or --menu MENU --on FILE ..."
        raise ConfigError(msg)
    return _run_model(args) if args.menu is None else _run_menu(args)


def _run_model(args: argparse.Namespace) -> int:
    from l1ml.workflow.decision_step import DECISION

    content = perform_verb(DECISION, args)
    if content is not None:
        _show_model_rates(content)
    return 0


def _show_model_rates(content: dict[str, Any]) -> None:
    """Table of rates, and of what each seed adds to the classical ones for each signal."""
    rows = []
    for item in content["rates"]["rows"]:
        gains = [signal["algorithms"][item["name"]]["on_top"]["efficiency"] for signal in content["efficiency"].values()]
        alone = [signal["algorithms"][item["name"]]["efficiency"] for signal in content["efficiency"].values()]
        shares = [f"{100 * value:.2f} ({100 * gain:+.2f})" for value, gain in zip(alone, gains, strict=True)]
        thresholds = "/".join(str(word) for word in item["threshold"])
        rows.append((item["name"], thresholds, rate(item), rate(item, "pure_"), item["n_events"], *shares))
    signals = [f"{name} % (on top)" for name in content["efficiency"]]
    show_table("rates in kHz of zero bias", ["seed", "word", "rate", "pure rate", "crossings", *signals], rows)


def _run_menu(args: argparse.Namespace) -> int:
    from l1ml.trigger.menu_sample import decided_batches
    from l1ml.trigger.network_file import read_networks
    from l1ml.trigger.rates.column_tally import ColumnTally
    from l1ml.trigger.rates.rate_tally import RateTally

    menu, prescales = _menu(args)
    tally = RateTally(menu)
    costs = ColumnTally(menu, prescales, args.column) if prescales is not None and len(args.column) > 1 else None
    networks = {} if args.networks is None else read_networks(args.networks)
    progress, n = TerminalProgress(), 0
    progress.start("crossings")
    for batch in decided_batches(menu, args.on, networks, args.era):
        for sums in (tally, costs):
            if sums is not None:
                sums.add(batch.decisions, batch.weight, batch.draw)
        n += batch.decisions.n
        progress.advance(batch.decisions.n)
    progress.finish()
    table = tally.table()
    if args.overlap is not None:
        write_text(args.overlap, _matrix(table.overlap))
    content = {
        "menu": menu.name,
        "files": [path.name for path in args.on],
        "crossings": n,
        "n_bunches": menu.rates.n_bunches,
        "column": args.column[0] if args.column else None,
        "networks": {name: item.digest for name, item in networks.items()},
        **table.to_dict(),
        "columns": None if costs is None else costs.costs().to_dict(),
    }
    if args.json:
        show_json(content)
        return 0
    _show_menu_rates(content, whole=args.all)
    if costs is not None:
        _show_costs(costs.costs())
    return 0


def _menu(args: argparse.Namespace) -> tuple[Menu, PrescaleTable | None]:
    """The menu with its settings, and the prescale table if one was named."""
    from l1ml.trigger.menus.reader import read_menu

    menu = read_menu(args.menu)
    if args.bunches is not None:
        menu = replace(menu, rates=replace(menu.rates, n_bunches=args.bunches))
    tables = []
    for path in args.settings:
        menu, table = _with_settings(menu, path)
        tables += [] if table is None else [table]
    if len(tables) > 1 or (args.column and not tables) or (tables and not args.column):
        known = ", ".join(tables[0].columns) if tables else "none"
        msg = f"name one file with prescales (--settings) and a column of it (--column); columns: {known}"
        raise ConfigError(msg)
    return (tables[0].applied_to(menu, args.column[0]), tables[0]) if tables else (menu, None)


def _with_settings(menu: Menu, path: Path) -> tuple[Menu, PrescaleTable | None]:
    """`menu` with the masks in `path`, and the prescale table there, if it holds them."""
    if path.suffix == _TABLE:
        from l1ml.trigger.menus.prescale_table import read_prescale_table

        return menu, read_prescale_table(path)
    from l1ml.trigger.menus.run_settings import read_run_settings

    settings = read_run_settings(path)
    return settings.applied_to(menu), settings.prescale_table(menu) if settings.prescales else None


def _show_menu_rates(content: dict[str, Any], *, whole: bool) -> None:
    rows = sorted(content["rows"], key=lambda row: -row["after_prescale_rate_khz"])
    shown = rows if whole else rows[:_SHOWN]
    cells = [
        (
            row["name"],
            f"{row['prescale']:g}",
            rate(row),
            rate(row, "after_prescale_"),
            rate(row, "pure_"),
            with_error(row["proportional_rate_khz"], row["proportional_rate_error_khz"]),
            row["n_events"],
        )
        for row in shown
    ]
    column = f", prescale column {content['column']}" if content["column"] else ", prescales of the menu"
    title = f"{content['menu']} on {content['crossings']:,} crossings: rates in kHz{column}"
    show_table(title, ["seed", "prescale", "rate", "after prescale", "pure", "proportional", "crossings"], cells)
    bound = "at least " if content["total_is_lower_bound"] else ""
    show_table("final OR", ["", "kHz"], [("total", f"{bound}{rate(content['total'])}")])
    if len(rows) > len(shown):
        tell(f"l1ml: {len(rows) - len(shown)} more seeds; --all shows them")
    unknown = list(content["unsupported"].items())
    for name, reason in unknown[:_REASONS]:
        tell(f"l1ml: no rate of {name}: {reason}")
    if len(unknown) > _REASONS:
        tell(f"l1ml: no rate of {len(unknown) - _REASONS} more seeds, which are not zero but not known; --json gives the reasons")
    khz, bunches = content["crossing_rate_khz"], content["n_bunches"]
    tell(f"l1ml: {content['crossings']:,} crossings stand for {khz:,.0f} kHz ({bunches} bunches)")


def _show_costs(costs: ColumnCosts) -> None:
    rows = []
    for column in costs.columns:
        change = column.difference
        limit = f"< {change.error_khz:.2g}" if change.is_upper_limit else with_error(change.khz, change.error_khz)
        most = ", ".join(f"{item.name} {value:+.3g}" for item, value in costs.changes(column.name)[:3])
        rows.append((column.name, rate(column.total.to_dict()), limit, most or "-"))
    title = f"what each column would cost, against {costs.reference.name}"
    show_table(title, ["column", "total kHz", "difference kHz", "largest changes after prescale (kHz)"], rows)


def _matrix(overlap: Overlap) -> str:
    """CSV: fraction of the crossings of each row in which the column fires too; empty where the row never fires."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["", *overlap.names])
    for name, fractions in zip(overlap.names, overlap.to_dict()["fraction"], strict=True):
        writer.writerow([name, *("" if value is None else f"{value:.6g}" for value in fractions)])
    return stream.getvalue()
