"""``l1ml menu rates``: of a model's menu on its events, or of any menu on crossings of any format."""

from __future__ import annotations

import argparse
import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l1ml.cli.arguments import Subparsers, add_crew, add_verb
from l1ml.cli.steps import perform_verb
from l1ml.cli.undecided import tell_undecided
from l1ml.console import TerminalProgress, show_json, show_table, tell
from l1ml.errors import ConfigError
from l1ml.storage import write_json, write_text

if TYPE_CHECKING:
    from l1ml.trigger.partitions.rate_question import RateQuestion
    from l1ml.trigger.partitions.rate_run import RateAnswer
    from l1ml.trigger.partitions.replay_cost import ReplayCost
    from l1ml.trigger.rates.column_cost import ColumnCosts
    from l1ml.trigger.rates.overlap import Overlap
    from l1ml.trigger.rates.rate_sums import PairChoice

__all__ = ["add_verbs"]

_SHOWN = 40


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
    text = "write the result as JSON; sums of finished partitions are kept beside it: a run that was stopped goes on from there"
    parser.add_argument("--output", type=Path, metavar="JSON", help=text)
    parser.add_argument("--partial", action="store_true", help="show what is finished so far, and do nothing")
    parser.add_argument("--partition", type=int, default=1 << 17, metavar="CROSSINGS", help="crossings in a job, about")
    add_crew(parser)
    parser.add_argument("--all", action="store_true", help=f"show every seed, not the {_SHOWN} of the highest rate")


def run(args: argparse.Namespace) -> int:
    """Show the rates."""
    if (args.menu is None) == (args.model is None) or (args.menu is not None and not args.on):
        msg = "give the folder of a model (l1ml menu rates models/axo), or --menu MENU --on FILE ..."
        raise ConfigError(msg)
    if args.menu is None and (args.output is not None or args.partial):
        msg = "--output and --partial belong to --menu MENU --on FILE ...; the rates of a model are in its run/decision.json"
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
    from l1ml.reporting.formatting import rate

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
    from l1ml.trigger.menus.menu_source import MenuSource
    from l1ml.trigger.partitions.rate_question import RateQuestion

    source = MenuSource(args.menu, tuple(args.settings), tuple(args.column), args.bunches)
    pairs: PairChoice = "none" if args.overlap is None else "overlap"
    question = RateQuestion.of(source, args.networks, args.era, pairs)
    with _work_folder(args, question) as folder:
        answer = _answer(args, question, folder)
        content = _content(args, answer)
        if args.overlap is not None and answer.table.overlap is not None:
            write_text(args.overlap, _matrix(answer.table.overlap))
        if args.output is not None and answer.is_complete:
            write_json(args.output, content)
        if answer.is_complete:
            shutil.rmtree(folder)
    _show(args, answer, content)
    return 0


def _answer(args: argparse.Namespace, question: RateQuestion, folder: Path) -> RateAnswer:
    from l1ml.trigger.partitions.rate_run import rates_of_files

    crew = {"workers": args.workers, "scheduler": args.scheduler, "progress": TerminalProgress()}
    return rates_of_files(question, args.on, folder, crossings=args.partition, partial=args.partial, **crew)


@contextmanager
def _work_folder(args: argparse.Namespace, question: RateQuestion) -> Iterator[Path]:
    """Where the sums of finished partitions are: the next run finds them, beside the output or under a name of the question."""
    from l1ml.data.jobs.part_files import parts_folder

    if args.output is not None:
        yield parts_folder(args.output)
        return
    if args.scheduler is not None or args.partial:
        msg = (
            "name a file for the result (--output rates.json): finished partitions are kept beside it, where all workers see them"
        )
        raise ConfigError(msg)
    folder = Path(tempfile.gettempdir()) / f"l1ml-rates-{os.getuid()}-{question.digest[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        msg = f"{folder} belongs to somebody else; name a file for the result (--output rates.json)"
        raise ConfigError(msg)
    try:
        yield folder
    finally:
        with suppress(OSError):
            folder.rmdir()  # where nothing was finished


def _content(args: argparse.Namespace, answer: RateAnswer) -> dict[str, Any]:
    """Result as JSON values: the same to the last digit however the work was divided."""
    content = {
        "menu": answer.menu.name,
        "files": [path.name for path in args.on],
        "crossings": answer.cost.crossings,
        "n_bunches": answer.menu.rates.n_bunches,
        "column": args.column[0] if args.column else None,
        "networks": dict(answer.networks),
        **answer.table.to_dict(),
        "columns": None if answer.costs is None else answer.costs.to_dict(),
        "complete": answer.is_complete,
    }
    return content if answer.is_complete else content | {"partitions": answer.partitions, "finished": answer.finished}


def _show(args: argparse.Namespace, answer: RateAnswer, content: dict[str, Any]) -> None:
    if not answer.is_complete:
        tell(f"l1ml: {answer.finished} of {answer.partitions} partitions are finished; run without --partial for the others")
    _tell_cost(answer.cost)
    if args.json:
        show_json(content)
        return
    _show_menu_rates(content, whole=args.all)
    if answer.costs is not None:
        _show_costs(answer.costs)


def _tell_cost(cost: ReplayCost) -> None:
    from l1ml.trigger.partitions.replay_cost import DAY

    tell(
        f"l1ml: {cost.crossings:,} crossings took {cost.core_seconds:.3g} core seconds ({cost.per_core_second:,.0f} a second and "
        f"core); a day of zero bias, {DAY:.0e} crossings, would take {cost.core_hours():,.0f} core hours"
    )


def _show_menu_rates(content: dict[str, Any], *, whole: bool) -> None:
    from l1ml.reporting.formatting import rate, with_error

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
    tell_undecided(content["unsupported"], "rate")
    khz, bunches = content["crossing_rate_khz"], content["n_bunches"]
    tell(f"l1ml: {content['crossings']:,} crossings stand for {khz:,.0f} kHz ({bunches} bunches)")


def _show_costs(costs: ColumnCosts) -> None:
    from l1ml.reporting.formatting import rate, with_error

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
