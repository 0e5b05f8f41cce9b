"""``l1ml evaluate``: what the scores of a model are worth at the rates of a trigger, and what moves them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l1ml.cli.arguments import Subparsers, add_generation, add_verb, positive, workspace_of
from l1ml.console import TerminalProgress, show_json, show_table, tell
from l1ml.errors import ConfigError, DataError

if TYPE_CHECKING:
    from l1ml.workflow.evaluation_step import EvaluationConfig

__all__ = ["add_parser"]


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    text = (
        "efficiencies at given zero-bias rates, alone and on top of a classical menu, with all errors; what pileup and energy "
        "scale change; which inputs drive the decision"
    )
    parser = add_verb(subparsers, "evaluate", text)
    text = "zero-bias rates of the working points (0.3 1 5 10); a rate that the sample cannot resolve is then an error"
    parser.add_argument("--rates", type=positive, nargs="+", metavar="KHZ", help=text)
    parser.add_argument(
        "--menu", type=Path, help="classical menu to add to: XML, HTML report or TOML; by default the model's own"
    )
    parser.add_argument(
        "--settings",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="prescales (CSV) or run settings (XML) of --menu",
    )
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help="prescale column of --menu")
    parser.add_argument("--shift", type=positive, metavar="PERCENT", help="shift of the energy scale (5)")
    text = "generate samples of these mean pileups, or find them, and try the thresholds on them"
    parser.add_argument("--pileup", type=positive, nargs="+", metavar="MU", help=text)
    text = "generate the zero bias of the recipe's [closure], or find it, and test the background estimate of two scores on it"
    parser.add_argument("--closure", action="store_true", help=text)
    add_generation(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluate and show."""
    from l1ml.workflow.closure_step import CLOSURE
    from l1ml.workflow.evaluation_step import evaluation_step
    from l1ml.workflow.pileup_step import pileup_step
    from l1ml.workflow.step import perform

    workspace, config = workspace_of(args), _config(args)
    steps = [evaluation_step(config), *([pileup_step(config, args.pileup)] if args.pileup else [])]
    steps += [CLOSURE] if args.closure else []
    contents = {}
    for step in steps:
        result = perform(step, workspace, TerminalProgress(), force=args.force)
        tell(f"{step.name}: {'nothing has changed since the last time' if result.cached else 'written'} ({step.name}.json)")
        contents[step.name] = result.content
    if not contents["evaluation"]["scores"]:
        msg = f"{workspace.menu_file} has no seed on a score of the model: there is nothing to evaluate"
        raise ConfigError(msg)
    if args.rates:
        _refuse_unresolved(contents["evaluation"])
    if args.json:
        show_json(contents)
    else:
        _show(contents)
    return 0


def _config(args: argparse.Namespace) -> EvaluationConfig:
    from l1ml.trigger.menus.menu_source import MenuSource
    from l1ml.workflow.evaluation_step import EvaluationConfig

    if args.menu is None and (args.settings or args.column):
        msg = "--settings and --column belong to --menu MENU"
        raise ConfigError(msg)
    given: dict[str, Any] = {}
    if args.rates:
        given["rates_khz"] = tuple(args.rates)
    if args.shift is not None:
        given["shift_percent"] = args.shift
    if args.menu is not None:
        given["classical"] = MenuSource(args.menu, tuple(args.settings), tuple(args.column))
        given["classical"].read()  # a menu that cannot be read is said before anything is computed
    return EvaluationConfig(**given)


def _refuse_unresolved(content: dict[str, Any]) -> None:
    for name, score in content["scores"].items():
        for item in score["unresolved"]:
            msg = f"score {name!r}: {item['reason']}"
            raise DataError(msg)


def _show(contents: dict[str, dict[str, Any]]) -> None:
    """The tables of the report, and what is not in them."""
    from l1ml.cli.undecided import tell_undecided
    from l1ml.reporting.performance_tables import performance_tables

    for table in performance_tables(contents):
        show_table(table.title, table.columns, table.rows)
        tell(table.note)
    evaluation = contents["evaluation"]
    for score in evaluation["scores"].values():
        for item in score["unresolved"]:
            tell(f"l1ml: {item['reason']}")
    tell_undecided(evaluation["classical"]["undecided"], "decision on these events")
